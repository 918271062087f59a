"""`sigex-runbook strangers`: does the runbook manage sites never seen before, or stop?"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from sigex_runbook.cli.project import add_project
from sigex_runbook.core.errors import UsageError

from .tables import table_of_findings

if TYPE_CHECKING:
    from sigex_runbook.trials.strangers import Style, Trial

NAME = "strangers"
HELP = "проверить саму программу на чужих сайтах, составленных из частей по номеру"
EXAMPLES = (
    "strangers --runs 50 --seed 1",
    "strangers --serve 7",
)
EXIT_CODES = {
    0: "неверных галочек и неправды нет",
    1: "нажата не та галочка или сказано «выполнено», когда это не так",
}

_LOOK_SECONDS = 0.2
_TABLE_WIDTH = 100
"""What the table needs, also where a pipe has no width of its own."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many sites, which ones, how many at once, and what to do with them."""
    add_project(parser)
    parser.add_argument("--runs", type=int, default=50, metavar="N", help="сколько сайтов (50)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="какой их ряд (1)")
    parser.add_argument(
        "--only", type=int, action="append", metavar="N", help="только сайт с этим номером"
    )
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="сколько проверять сразу (2)"
    )
    parser.add_argument("--list", action="store_true", help="только перечислить сайты")
    parser.add_argument("--show", type=int, metavar="N", help="только описать сайт N")
    parser.add_argument(
        "--serve", type=int, metavar="N", help="показать сайт N в браузере, до Ctrl+C"
    )
    parser.add_argument("--json", action="store_true", help="напечатать каждый итог как JSON")


def run(args: argparse.Namespace) -> int:
    """Try them with a progress bar; 1 when a wrong box was pressed or a pass was untrue."""
    from rich.console import Console
    from rich.progress import Progress

    from sigex_runbook.core.project import settled
    from sigex_runbook.trials.attempts import try_all
    from sigex_runbook.trials.strangers import compose, try_style
    from sigex_runbook.trials.strangers.trials import BAD

    if args.workers < 1 or args.runs < 1:
        raise UsageError("--workers и --runs должны быть не меньше 1.")
    if args.show is not None:
        print(compose(args.seed, args.show).as_json())
        return 0
    if args.serve is not None:
        return _serve(compose(args.seed, args.serve))
    chosen = [compose(args.seed, number) for number in args.only or range(1, args.runs + 1)]
    if args.list:
        for style in chosen:
            print(style.number, _in_short(style))
        return 0
    trials: list[Trial] = []
    with (
        settled(args.project),
        Progress(console=Console(stderr=True), transient=True) as progress,
    ):
        bar = progress.add_task("Чужие сайты", total=len(chosen))
        for trial in try_all(chosen, try_style, workers=min(args.workers, len(chosen))):
            trials.append(trial)
            progress.update(bar, advance=1, description=f"Чужие сайты: {trial.style.number}")
            if args.json:
                print(json.dumps(asdict(trial), ensure_ascii=False), flush=True)
    trials.sort(key=lambda trial: trial.style.number)
    if not args.json:
        _print(trials)
    return 1 if any(trial.finding in BAD for trial in trials) else 0


def _print(trials: list[Trial]) -> None:
    from rich.console import Console
    from rich.markup import escape

    from sigex_runbook.trials.strangers import Finding, tally_by_part
    from sigex_runbook.trials.strangers.trials import BAD

    console = Console()
    console.width = max(console.width, _TABLE_WIDTH)
    ended = tuple(trial.finding for trial in trials)
    asked = {Finding.PASSED, Finding.STOPPED, Finding.WRONG_TICK}
    console.print(
        table_of_findings(
            "часть=значение",
            [
                *((f"{one.part}={one.value}", one.findings) for one in tally_by_part(trials)),
                ("всего", ended),
            ],
            [finding for finding in Finding if finding in asked or finding in ended],
        )
    )
    for trial in trials:
        if trial.finding is Finding.PASSED:
            continue
        where = f" · {trial.reported}" if trial.reported else ""
        console.print(
            f"[bold]{trial.style.number}[/bold] {trial.finding}{where}",
            style="bold red" if trial.finding in BAD else None,
        )
        for line in (*trial.wrong, trial.message):
            console.print(f"  {escape(line)}", highlight=False)
    bad = sum(finding in BAD for finding in ended)
    console.print(
        f"Чужих сайтов {len(trials)}: прошёл {ended.count(Finding.PASSED)}, остановлен "
        f"{ended.count(Finding.STOPPED)}. "
        + (
            f"Так не должно быть: {bad}. Повторить один: --seed "
            f"{trials[0].style.seed} --only НОМЕР."
            if bad
            else "Неверных галочек нет."
        ),
        style="bold red" if bad else None,
    )


def _in_short(style: Style) -> str:
    """Where a site differs from the plainest one."""
    from sigex_runbook.trials.strangers import PARTS

    differing = [p for p, values in PARTS.items() if style.value(p) != values[0]]
    return " ".join(f"{part}={style.value(part)}" for part in differing)


def _serve(style: Style) -> int:
    """Keep one site up for a person with a browser."""
    from sigex_emulator.foreground import asked_to_leave, await_one
    from sigex_runbook.trials.strangers.laboratory import Laboratory
    from sigex_runbook.trials.strangers.markup import SIGN_IN_PATH

    with asked_to_leave() as asked, Laboratory(walk_in=True) as laboratory:
        order = laboratory.prepare(style)
        address = laboratory.emulator.address
        print(f"Сайт {style.number}: {address} (без NCALayer: {address}{SIGN_IN_PATH})")
        print(f"Заказ для «{order.information_system.description}»:")
        for block, wish in order.access.items():
            print(f"  {block}: {wish}")
        print("Остановить: Ctrl+C", flush=True)
        await_one(asked, _LOOK_SECONDS)
    return 0
