"""`sigex-runbook guide`: the living guide, one HTML file for readers."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError

from .project import add_project

NAME = "guide"
HELP = "составить живую инструкцию: слова, сценарии, последние результаты и снимки"
EXAMPLES = (
    "guide",
    "guide --results outputs/весна --out guide.html",
)
EXIT_CODES = {0: "страница записана"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose features, where the results lie, and where the page goes."""
    add_project(parser)
    parser.add_argument(
        "--results",
        type=Path,
        metavar="ПАПКА",
        help="папка с кампаниями, одна кампания или один пакет (outputs в текущей папке)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("guide.html"),
        metavar="ФАЙЛ",
        help="куда записать страницу (%(default)s)",
    )


def run(args: argparse.Namespace) -> int:
    """Write the page and say what it lacks; 0, since a guide without pictures is one too."""
    from sigex_runbook.core.guide import load_guide
    from sigex_runbook.core.project import find_project
    from sigex_runbook.evidence.index.last_results import LastResults, last_results
    from sigex_runbook.evidence.index.living_guide import living_guide
    from sigex_runbook.evidence.pack.disk import write_whole
    from sigex_runbook.run.scenarios.features import guide_steps

    project = find_project(args.project)
    outputs = Path("outputs")
    none_yet = args.results is None and not outputs.exists()
    found = LastResults({}, {}) if none_yet else last_results(args.results or outputs)
    page = living_guide(
        load_guide(),
        guide_steps(project.features),
        guide_steps(project.features / "en"),
        found,
        made_at=datetime.now(UTC),
    )
    try:
        write_whole(args.out, page.encode("utf-8"))
    except OSError as error:
        raise UsageError(
            f"Файл {args.out} не записать ({why(error)}). Проверьте папку и права и повторите."
        ) from error
    print(f"Живая инструкция: {args.out}")
    total = sum(len(section.callouts) for section in load_guide().sections)
    if len(found.pictures) < total:
        print(f"Снимков из успешных запусков: {len(found.pictures)} из {total}.")
    return 0
