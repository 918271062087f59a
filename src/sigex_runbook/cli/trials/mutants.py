"""`sigex-runbook mutants`: does the runbook notice every way in which the service can betray it?"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from sigex_runbook.cli.project import add_project
from sigex_runbook.core.errors import EnvironmentMissing, UsageError

from .tables import table_of_findings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from sigex_runbook.trials.mutants import Tally, Trial

NAME = "mutants"
HELP = "проверить саму программу: все неисправности и виды эмулятора"
EXAMPLES = (
    "mutants save-not-stored --show",
    "mutants --clean 100 --workers 2",
)
EXIT_CODES = {
    0: "всё замечено, ложных тревог нет",
    1: "что-то выжило, замечено не там или тревога ложная",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which ones, against whom, how many clean runs, how many at once, on which project."""
    add_project(parser)
    parser.add_argument(
        "names", nargs="*", metavar="ИМЯ", help="неисправности и виды; без имён — все"
    )
    parser.add_argument("--list", action="store_true", help="только перечислить")
    parser.add_argument(
        "--suite",
        action="store_true",
        help="проверить не запуск, а сценарии инструкции как тесты (нужна копия проекта с тестами)",
    )
    parser.add_argument(
        "--clean", type=int, default=0, metavar="N", help="ещё столько запусков без неисправностей"
    )
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="сколько проверять сразу (2)"
    )
    parser.add_argument(
        "--show", action="store_true", help="показать и то, что о каждом прочтёт оператор"
    )
    parser.add_argument("--json", action="store_true", help="напечатать каждый итог как JSON")


def run(args: argparse.Namespace) -> int:
    """Try them with a progress bar; 0 when all is as it must be, 1 otherwise."""
    from rich.console import Console
    from rich.progress import Progress

    from sigex_runbook.core.project import settled
    from sigex_runbook.trials.attempts import try_all
    from sigex_runbook.trials.mutants import (
        all_mutants,
        named_mutants,
        try_in_suite,
        try_mutant,
    )

    if args.workers < 1 or args.clean < 0:
        raise UsageError("--workers должен быть не меньше 1, --clean не меньше 0.")
    known = all_mutants(clean=args.clean)
    if args.names:
        clean = [mutant for mutant in known if mutant.kind == "clean"]
        chosen = named_mutants(args.names, known) + clean
    else:
        chosen = known
    if args.list:
        for mutant in chosen:
            print(mutant.kind, mutant.name)
        return 0
    trials: list[Trial] = []
    with (
        settled(args.project) as project,
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        if args.suite and not (project.root / "tests").is_dir():
            raise EnvironmentMissing(
                f"В проекте {project.root} нет папки tests, а --suite нужна она. Укажите в "
                "--project копию проекта с тестами."
            )
        bar = progress.add_task("Мутанты", total=len(chosen))
        for trial in try_all(
            chosen,
            try_in_suite if args.suite else try_mutant,
            workers=min(args.workers, len(chosen)),
            each_in_its_own=args.suite,
        ):
            trials.append(trial)
            progress.update(bar, advance=1, description=f"Мутанты: {trial.mutant.name}")
            if args.json:
                print(json.dumps(asdict(trial), ensure_ascii=False), flush=True)
    order = {mutant: place for place, mutant in enumerate(chosen)}
    trials.sort(key=lambda trial: order[trial.mutant])
    if not args.json:
        _print(trials, show=args.show)
    return 0 if all(trial.good for trial in trials) else 1


def _print(trials: list[Trial], *, show: bool) -> None:
    from rich.console import Console

    from sigex_runbook.trials.mutants import tally_by_place, tally_by_section

    console = Console()
    console.print(_table_of(trials))
    if show:
        for trial in trials:
            _print_message(console, trial)
    console.print(_table_of_tallies("где должен быть замечен", tally_by_section(trials)))
    console.print(_table_of_tallies("где сбой", tally_by_place(trials)))
    bad = [trial for trial in trials if not trial.good]
    for trial in bad if not show else ():
        _print_message(console, trial)
    console.print(
        f"Испытаний {len(trials)}: все прошли, как должны. Выживших и ложных тревог нет."
        if not bad
        else f"Испытаний {len(trials)}, из них не так, как должно быть: {len(bad)}.",
        style=None if not bad else "bold red",
    )


def _table_of(trials: list[Trial]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    table.add_column("мутант", no_wrap=True)
    for heading in ("должен быть замечен", "замечен", "итог"):
        table.add_column(heading)
    table.add_column("с", justify="right")
    for trial in trials:
        table.add_row(
            trial.mutant.name,
            trial.expected,
            trial.reported,
            trial.finding,
            f"{trial.seconds:.1f}",
            style=None if trial.good else "bold red",
        )
    return table


def _table_of_tallies(title: str, tallies: list[Tally]) -> Table:
    from sigex_runbook.trials.mutants import Finding, Tally

    total = Tally("всего", tuple(one for tally in tallies for one in tally.findings))
    asked = {Finding.CAUGHT, Finding.HELD, Finding.SURVIVED, Finding.FALSE_ALARM}
    return table_of_findings(
        title,
        [(tally.group, tally.findings) for tally in [*tallies, total]],
        [finding for finding in Finding if finding in asked or finding in total.findings],
    )


def _print_message(console: Console, trial: Trial) -> None:
    from rich.markup import escape

    fault = trial.mutant.fault
    what = f": {fault.ru}" if fault else ""
    console.print(f"\n[bold]{trial.mutant.name}[/bold]{escape(what)} → {trial.finding}")
    console.print(f"  {escape(trial.message or 'Всё выполнено, как заказано.')}", highlight=False)
