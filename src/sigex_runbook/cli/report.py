"""`sigex-runbook report`: the report of a sealed pack in another language."""

from __future__ import annotations

import argparse
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError

NAME = "report"
HELP = "сделать из готового пакета отчёт на другом языке"
EXAMPLES = ("report outputs/single/БИН/ЗАПУСК --language kk",)
EXIT_CODES = {0: "отчёт записан"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which pack, which language, where to."""
    parser.add_argument("pack", type=Path, metavar="ПАКЕТ", help="папка запуска; не изменяется")
    parser.add_argument(
        "--language", choices=("ru", "kk", "en"), default="ru", help="язык отчёта (ru)"
    )
    parser.add_argument(
        "--output", type=Path, metavar="ФАЙЛ", help="куда записать (report-ЯЗЫК.html в этой папке)"
    )


def run(args: argparse.Namespace) -> int:
    """Write the report and say where it is; an existing file is not overwritten."""
    from sigex_runbook.evidence.attest.statement import ATTESTATION
    from sigex_runbook.evidence.sealing.report_files import report_of

    path = args.output or Path(f"report-{args.language}.html")
    if any((parent / ATTESTATION).exists() for parent in path.resolve().parents):
        raise UsageError(
            f"{path} лежит внутри заверенного пакета: лишний файл сделает его недействительным. "
            "Укажите другое место: --output."
        )
    html = report_of(args.pack, args.language)
    try:
        with path.open("x", encoding="utf-8", errors="replace") as out:
            out.write(html)
    except OSError as error:
        raise UsageError(
            f"Отчёт в {path} записать нельзя ({why(error)}). Укажите другой файл: --output."
        ) from error
    print(f"Отчёт: {path}. Он сделан из пакета, но не заверен; сначала проверьте пакет: verify.")
    return 0
