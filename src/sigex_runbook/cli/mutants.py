"""`sigex-runbook mutants`: does the runbook notice every way in which the service can betray it?"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from sigex_runbook.errors import UsageError

if TYPE_CHECKING:
    from sigex_runbook.mutants import Trial

NAME = "mutants"
HELP = "проверить саму программу: все неисправности и виды эмулятора"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which ones, how many clean runs, how many at once."""
    parser.add_argument(
        "names", nargs="*", metavar="ИМЯ", help="неисправности и виды; без имён — все"
    )
    parser.add_argument("--list", action="store_true", help="только перечислить")
    parser.add_argument(
        "--clean", type=int, default=0, metavar="N", help="ещё столько запусков без неисправностей"
    )
    parser.add_argument(
        "--workers", type=int, default=2, metavar="N", help="сколько проверять сразу (2)"
    )
    parser.add_argument("--json", action="store_true", help="напечатать каждый итог как JSON")


def run(args: argparse.Namespace) -> int:
    """Try them with a progress bar; 0 when all is as it must be, 1 otherwise."""
    from rich.console import Console
    from rich.progress import Progress

    from sigex_runbook.emulator.skins import SKINS
    from sigex_runbook.mutants import all_mutants, named_mutants, try_mutants

    if args.workers < 1 or args.clean < 0:
        raise UsageError("--workers должен быть не меньше 1, --clean не меньше 0.")
    known = all_mutants(skins=SKINS, clean=args.clean)
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
    console = Console(stderr=True)
    with Progress(console=console, transient=True) as progress:
        bar = progress.add_task("Мутанты", total=len(chosen))
        for trial in try_mutants(chosen, workers=min(args.workers, len(chosen))):
            trials.append(trial)
            progress.update(bar, advance=1, description=f"Мутанты: {trial.mutant.name}")
            if args.json:
                print(json.dumps(asdict(trial), ensure_ascii=False), flush=True)
    order = {mutant: place for place, mutant in enumerate(chosen)}
    trials.sort(key=lambda trial: order[trial.mutant])
    if not args.json:
        _print_table(trials)
    return 0 if all(trial.good for trial in trials) else 1


def _print_table(trials: list[Trial]) -> None:
    from collections import Counter

    from rich.console import Console
    from rich.table import Table

    table = Table("мутант", "должен быть замечен", "замечен", "итог", "с")
    for trial in trials:
        style = None if trial.good else "bold red"
        table.add_row(
            trial.mutant.name,
            trial.expected,
            trial.reported,
            trial.finding,
            f"{trial.seconds:.1f}",
            style=style,
        )
    console = Console()
    console.print(table)
    for trial in trials:
        if not trial.good:
            console.print(f"{trial.mutant.name}: {trial.finding}. {trial.message}", style="red")
    counts = Counter(trial.finding for trial in trials)
    console.print("; ".join(f"{finding}: {number}" for finding, number in counts.items()))
