"""`sigex-runbook doctor`: what a run would use on this machine, and what is wrong with it."""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "doctor"
HELP = "проверить машину и объяснить, что не так"

_MARKS = {True: "[ да]", False: "[НЕТ]", None: "[ — ]"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The folder whose rights are checked."""
    parser.add_argument(
        "--outputs",
        metavar="ПАПКА",
        type=Path,
        default=Path("outputs"),
        help="куда пишутся результаты (по умолчанию outputs)",
    )


def run(args: argparse.Namespace) -> int:
    """Print every point of the check-up; 0 when nothing keeps a run from starting, else 2."""
    from sigex_runbook.machine.checkup import check_up

    faults = 0
    for finding in check_up(args.outputs):
        print(f"{_MARKS[finding.ok]} {finding.point}: {finding.found}", flush=True)
        faults += finding.ok is False
    print(f"Надо исправить: {faults} (помечено [НЕТ])." if faults else "Всё в порядке.")
    return 2 if faults else 0
