"""`sigex-runbook export`: a verified pack in another standard's form."""

from __future__ import annotations

import argparse
from pathlib import Path

from sigex_runbook.core.errors import UsageError

NAME = "export"
HELP = "сделать из проверенного пакета RO-Crate или OSCAL для других программ"
EXAMPLES = ("export outputs/single/БИН/ЗАПУСК --trust trust.json --format oscal --out oscal.json",)
EXIT_CODES = {0: "записано"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which pack, whom to believe, what form, where to."""
    parser.add_argument("pack", type=Path, metavar="ПАКЕТ", help="папка запуска")
    parser.add_argument(
        "--trust", type=Path, required=True, metavar="ФАЙЛ", help="trust.json: чьим подписям верить"
    )
    parser.add_argument(
        "--format",
        choices=("ro-crate", "oscal"),
        required=True,
        metavar="ВИД",
        help="ro-crate — Process Run RO-Crate; oscal — OSCAL assessment-results (JSON)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="ПУТЬ",
        help="куда: новая папка для ro-crate, новый файл для oscal",
    )


def run(args: argparse.Namespace) -> int:
    """Verify the pack, write the export, say where it is. A pack that fails is refused."""
    from sigex_runbook.evidence.attest.findings import Status
    from sigex_runbook.evidence.attest.trust import Trust
    from sigex_runbook.evidence.export.crate import export_crate
    from sigex_runbook.evidence.export.oscal import export_oscal
    from sigex_runbook.evidence.verify.verification import Question, verify_pack

    found = verify_pack(args.pack, Question(Trust.load(args.trust)))
    if found.status is Status.FAILED or found.statement is None:
        first = found.findings[0] if found.findings else ""
        raise UsageError(f"Пакет не проходит проверку, экспортировать нечего: {first}")
    export, name = {
        "ro-crate": (export_crate, "RO-Crate"),
        "oscal": (export_oscal, "OSCAL"),
    }[args.format]
    export(args.pack, found.statement, args.out)
    print(f"{name}: {args.out}")
    return 0
