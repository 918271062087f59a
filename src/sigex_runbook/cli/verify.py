"""`sigex-runbook verify`: check a sealed pack or a whole campaign, offline."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.terminal_safe import visible

NAME = "verify"
HELP = "проверить пакет доказательств или кампанию, без сети и ничего не меняя"
EXAMPLES = (
    "verify outputs/single/БИН/ЗАПУСК --trust trust.json",
    "verify outputs/весна --trust trust.json --head HEX --pictures",
)
EXIT_CODES = {
    0: "VERIFIED: подлинно, время и реестр подтверждены",
    1: "FAILED: найдено, что не так",
    3: "INTEGRITY_ONLY: ничего не нарушено, но нет метки времени или головы реестра",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to check, whom to believe, what it should be."""
    parser.add_argument("place", type=Path, metavar="ПАКЕТ", help="папка запуска или кампании")
    parser.add_argument(
        "--trust", type=Path, required=True, metavar="ФАЙЛ", help="trust.json: чьим подписям верить"
    )
    parser.add_argument("--organisation", metavar="БИН", help="чей это должен быть пакет")
    parser.add_argument("--run", metavar="ИМЯ", dest="run_id", help="какой это должен быть запуск")
    parser.add_argument(
        "--head", metavar="HEX", help="голова реестра, полученная не вместе с пакетом"
    )
    parser.add_argument(
        "--at", metavar="ВРЕМЯ", help="на какой миг проверять (2026-11-25T12:00:00Z), иначе сейчас"
    )
    parser.add_argument(
        "--pictures",
        action="store_true",
        help="нарисовать выноски и сделать отчёт заново по файлам и сравнить (секунда на пакет)",
    )
    parser.add_argument(
        "--ocr",
        action="store_true",
        help="прочитать снимки и страницы PDF: нет ли на них номеров людей (полсекунды на снимок)",
    )
    parser.add_argument("--json", action="store_true", help="напечатать результат как JSON")


def run(args: argparse.Namespace) -> int:
    """Print every finding; 0 verified, 1 failed, 3 integrity only."""
    from sigex_runbook.evidence.attest.trust import Trust
    from sigex_runbook.evidence.privacy.leak import DecodingScanner
    from sigex_runbook.evidence.privacy.leak.pictures import PictureReader
    from sigex_runbook.evidence.verify import wording
    from sigex_runbook.evidence.verify.campaign import is_campaign, verify_campaign
    from sigex_runbook.evidence.verify.verification import Question, verify_pack

    question = Question(
        Trust.load(args.trust),
        organisation=args.organisation,
        run=args.run_id,
        head=_head(args.head),
        at=_moment(args.at),
        pictures=args.pictures,
        scanner=DecodingScanner(pages=args.ocr, reader=PictureReader() if args.ocr else None),
    )
    place = str(args.place)
    if is_campaign(args.place):
        campaign = verify_campaign(args.place, question)
        if args.json:
            _tell_json(wording.campaign_json(place, campaign))
        else:
            _tell(wording.campaign_lines(place, campaign))
        return campaign.exit_code
    verification = verify_pack(args.place, question)
    if args.json:
        _tell_json(wording.pack_json(place, verification))
    else:
        _tell(wording.pack_lines(place, verification))
    return verification.exit_code


def _tell_json(answer: dict[str, object]) -> None:
    print(visible(json.dumps(answer, ensure_ascii=False)))


def _tell(lines: Iterable[str]) -> None:
    for line in lines:
        print(visible(line))


def _head(text: str | None) -> str | None:
    if text is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", text):
        raise UsageError("--head — 64 шестнадцатеричных знака; скопируйте голову целиком.")
    return text.lower() if text else None


def _moment(text: str | None) -> datetime:
    from sigex_runbook.evidence.attest.timestamp import TOLERANCE

    if text is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) + TOLERANCE - TOLERANCE  # the calendar must go beyond it
    except (ValueError, OverflowError):
        raise UsageError(f"--at «{text}» — не время. Пример: --at 2026-11-25T12:00:00Z.") from None
