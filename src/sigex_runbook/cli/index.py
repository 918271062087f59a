"""`sigex-runbook index`: list every campaign and run of an outputs folder in one HTML file."""

from __future__ import annotations

import argparse
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.terminal_safe import visible

if TYPE_CHECKING:
    from sigex_runbook.evidence.attest.findings import Status
    from sigex_runbook.evidence.index.index import Checks

NAME = "index"
HELP = "составить index.html: все кампании и запуски папки, с проверкой целостности или без неё"
EXAMPLES = (
    "index",
    "index outputs --trust trust.json --head весна=HEX",
)
EXIT_CODES = {
    0: "список записан; с --trust всё подтверждено",
    1: "с --trust: найдено, что не так",
    3: "с --trust: нет метки времени или головы реестра",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which folder; whom to believe, when it shall be verified as well."""
    parser.add_argument(
        "outputs",
        nargs="?",
        type=Path,
        metavar="ПАПКА",
        help="папка с кампаниями (outputs в текущей папке)",
    )
    parser.add_argument(
        "--trust",
        type=Path,
        metavar="ФАЙЛ",
        help="проверить все пакеты, веря этому trust.json, и записать, что найдено",
    )
    parser.add_argument(
        "--head",
        action="append",
        default=[],
        metavar="КАМПАНИЯ=HEX",
        help="голова реестра кампании, полученная не вместе с пакетами; можно повторять",
    )


def run(args: argparse.Namespace) -> int:
    """Write the file and say where it is; 0, or what the verification found: 1 failed, 3 integrity
    only."""
    from sigex_runbook.evidence.index.index import write_index
    from sigex_runbook.evidence.index.outputs import Outputs

    heads = dict(map(_head, args.head))
    if heads and args.trust is None:
        raise UsageError("--head имеет смысл только вместе с --trust: без него ничего не проверяю.")
    outputs = Outputs(args.outputs or Path("outputs"))
    names = {campaign.name for campaign in outputs.campaigns()}
    for name in heads:
        if name not in names:
            raise UsageError(f"--head: кампании «{name}» в этой папке нет. Проверьте имя.")
    checks: Checks | None = None
    code = 0
    if args.trust is not None:
        checks, code = _check(outputs.folder, sorted(names), args.trust, heads)
    try:
        path = write_index(outputs, checks)
    except OSError as error:
        raise UsageError(
            f"Файл index.html в {outputs.folder} не записать ({why(error)}). Закройте его в "
            "других программах, проверьте права и повторите."
        ) from error
    print(f"Список запусков: {path}")
    return code


def _check(
    folder: Path, names: list[str], trust_file: Path, heads: dict[str, str]
) -> tuple[Checks, int]:
    from sigex_runbook.evidence.attest.findings import EXIT_CODES, Status
    from sigex_runbook.evidence.attest.trust import Trust
    from sigex_runbook.evidence.index.index import Checks
    from sigex_runbook.evidence.verify.campaign import verify_campaign
    from sigex_runbook.evidence.verify.verification import Question

    trust = Trust.load(trust_file)
    at = datetime.now(UTC)
    campaigns: dict[str, Status] = {}
    packs: dict[str, Status] = {}
    for name in names:
        found = verify_campaign(folder / name, Question(trust, head=heads.get(name), at=at))
        campaigns[name] = found.status
        packs |= {f"{name}/{place}": verification.status for place, verification in found.packs}
        details = (
            "" if found.status is Status.VERIFIED else f", подробно: {_command(folder / name)}"
        )
        print(visible(f"{name}: {found.status}{details}"), flush=True)
    codes = {EXIT_CODES[status] for status in campaigns.values()}
    return Checks(at, campaigns, packs), next((code for code in (1, 3) if code in codes), 0)


def _command(campaign: Path) -> str:
    return f'sigex-runbook verify "{campaign}" --trust …'


def _head(text: str) -> tuple[str, str]:
    name, _, head = text.rpartition("=")
    if not name or not re.fullmatch(r"[0-9a-fA-F]{64}", head):
        raise UsageError(
            f"--head «{text}»: нужно имя кампании, знак = и 64 шестнадцатеричных знака головы."
        )
    return name, head.lower()
