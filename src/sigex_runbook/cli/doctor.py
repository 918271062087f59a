"""`sigex-runbook doctor`: what a run would use on this machine, and what is wrong with it."""

from __future__ import annotations

import argparse
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.errors import RunbookError

from .project import add_project

if TYPE_CHECKING:
    from sigex_runbook.machine.checkup import Finding

NAME = "doctor"
HELP = "проверить машину и объяснить, что не так"
EXAMPLES = ("doctor",)
EXIT_CODES = {0: "всё в порядке", 2: "есть что исправить, помечено [НЕТ]"}

_MARKS = {True: "[ да]", False: "[НЕТ]", None: "[ — ]"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The project and the folder that are looked at."""
    add_project(parser)
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
    for finding in chain([_project(args.project)], check_up(args.outputs)):
        print(f"{_MARKS[finding.ok]} {finding.point}: {finding.found}", flush=True)
        faults += finding.ok is False
    print(f"Надо исправить: {faults} (помечено [НЕТ])." if faults else "Всё в порядке.")
    return 2 if faults else 0


def _project(chosen: Path | None) -> Finding:
    """Which features a run would perform, and whether they are the guide's."""
    from sigex_runbook.core.project import settled
    from sigex_runbook.machine.checkup import Finding
    from sigex_runbook.run.scenarios.features import guide_run

    try:
        with settled(chosen) as project:
            guide_run()
    except RunbookError as error:
        return Finding("Проект", False, str(error))
    return Finding("Проект", True, f"{project.root}: {project.why}")
