"""`sigex-runbook bench`: a batch, and one run, against the bare screen work and others' ways; the
emulator under load; or what a batch costs by itself."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.cli.project import add_project
from sigex_runbook.core.errors import UsageError

if TYPE_CHECKING:
    from sigex_runbook.trials.bench.contestants import Contestant
    from sigex_runbook.trials.bench.figures import Attempt, Round

NAME = "bench"
HELP = "измерить партию и один запуск рядом с голым прохождением и чужими способами; эмулятор; учёт"
EXAMPLES = (
    "bench --rounds 3",
    "bench --only floor batch --workers 1 2 3",
    "bench --only batch --rounds 1 --long",
    "bench emulator --organisations 50",
    "bench --simulate",
)
EXIT_CODES = {0: "измерено"}

_KINDS = ("floor", "batch", "naive", "robot", "run")
_USUAL = {None: 20, "emulator": 200}
_QUIET = 0.3
_MOST = 1000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to measure, on which project, and how much of it."""
    add_project(parser)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("emulator",),
        help="emulator — эмулятор под нагрузкой; без слова — партия и один запуск рядом с другими",
    )
    parser.add_argument(
        "--organisations",
        type=int,
        metavar="N",
        help="сколько организаций (20; emulator: 200)",
    )
    parser.add_argument(
        "--rounds",
        type=int,
        default=3,
        metavar="N",
        help="сколько кругов: в каждом участники по очереди (3)",
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=_KINDS,
        default=_KINDS,
        help="кого измерять: floor — голое прохождение, batch — партия, naive — papermill и "
        "nbconvert по одному, robot — Robot Framework Browser, run — один запуск (всех)",
    )
    parser.add_argument(
        "--workers",
        nargs="+",
        type=int,
        default=(2, 3),
        metavar="N",
        help="batch: сколько исполнителей, можно несколько чисел; считается лучшее (2 3)",
    )
    parser.add_argument(
        "--pabot",
        nargs="+",
        type=int,
        default=(2,),
        metavar="N",
        help="robot: сколько процессов, можно несколько чисел; считается лучшее (2)",
    )
    parser.add_argument(
        "--long",
        nargs="?",
        type=int,
        const=500,
        metavar="N",
        help="ещё одна партия, длинная (500): цена организации и память",
    )
    parser.add_argument(
        "--systems",
        type=int,
        default=50,
        metavar="N",
        help="emulator: сколько информационных систем у каждой (50)",
    )
    parser.add_argument(
        "--sign-ins", type=int, default=1000, metavar="N", help="emulator: сколько входов (1000)"
    )
    parser.add_argument(
        "--simulate",
        action="store_true",
        help="учёт кампании без исполнения: цена одного заказа при 100, 1000 и 10 000 заказов",
    )


def run(args: argparse.Namespace) -> int:
    """Measure and print."""
    from sigex_runbook.core.project import settled

    if args.simulate:
        return _simulation()
    if args.organisations is None:
        args.organisations = _USUAL[args.what]
    if args.what == "emulator":
        return _emulator(args)
    with settled(args.project):
        return _figures(args)


def _emulator(args: argparse.Namespace) -> int:
    from sigex_runbook.trials.bench.emulator import SIMULTANEOUS, measure

    needed = (SIMULTANEOUS + 1) // 2
    if args.organisations < needed or args.systems < 1 or args.sign_ins < SIMULTANEOUS:
        raise UsageError(
            f"--organisations должен быть не меньше {needed}, --systems — 1, "
            f"--sign-ins — {SIMULTANEOUS}."
        )
    for line in measure(args.organisations, args.systems, args.sign_ins):
        print(line, flush=True)
    return 0


def _simulation() -> int:
    from sigex_runbook.batch.simulation import measure

    print(
        "На один заказ: учёт с реестром и заглушкой пакета, мс (из них процессор); "
        "чтение учёта, заверение списка, страница всех запусков, проверка кампании, мкс; "
        "учёт, реестр, страница, память, байт."
    )
    print(
        f"{'заказов':>7}{'учёт':>9}{'проц.':>8}{'чтение':>8}{'список':>8}{'страница':>9}"
        f"{'проверка':>9}{'учёт, б':>9}{'реестр':>8}{'страница':>9}{'память':>8}"
    )
    for cost in measure((100, 1_000, 10_000)):
        print(
            f"{cost.orders:7}{cost.milliseconds:9.2f}{cost.processor_milliseconds:8.2f}"
            f"{cost.reading:8.1f}{cost.closing:8.0f}{cost.listing:9.0f}{cost.verifying:9.0f}"
            f"{cost.state_bytes:9.0f}{cost.ledger_bytes:8.0f}{cost.page_bytes:9.0f}"
            f"{cost.memory_bytes:8.0f}",
            flush=True,
        )
    return 0


def _figures(args: argparse.Namespace) -> int:
    """Warm up once, measure in rounds, print every turn, the medians and the ratios."""
    from rich.console import Console

    from sigex_runbook.trials.bench.figures import best, judge, typical
    from sigex_runbook.trials.bench.rounds import go_long, write_record

    from .figures import table_of_costs, table_of_ratios, told_long

    counts = [args.rounds, args.organisations, *args.workers, *args.pabot]
    if min(counts) < 1 or not args.organisations <= (args.long or _MOST) <= _MOST:
        raise UsageError(
            "--rounds, --organisations, --workers и --pabot должны быть не меньше 1, --long — не "
            f"меньше --organisations, и организаций не больше {_MOST}."
        )
    if (load := os.getloadavg()[0]) > _QUIET:
        print(f"Машина занята (нагрузка {load:.1f}): цифрам не верьте, повторите на свободной.")
    rounds = _rounds(_entered(args), args)
    long = None
    if args.long is not None:
        name = best(rounds, "партия")
        workers = int(name.rpartition(" ")[2]) if name else args.workers[0]
        long = go_long(args.long, workers, typical(rounds, name) if name else None)
    console = Console(width=160, highlight=False)
    console.print(table_of_costs(rounds), table_of_ratios(judge(rounds)))
    if long is not None:
        print(told_long(long))
    print(f"Всё измеренное: {write_record(Path('outputs') / 'bench', rounds, long)}")
    return 0


def _entered(args: argparse.Namespace) -> list[Contestant]:
    """Who takes part; who cannot is named."""
    from sigex_runbook.trials.bench.contestants import contestants
    from sigex_runbook.trials.bench.robot import missing

    only = list(args.only)
    if "robot" in only and (lacking := missing()):
        print(f"Robot Framework не участвует: {lacking}.", flush=True)
        only.remove("robot")
    return list(contestants(only, args.workers, args.pabot))


def _rounds(entered: Sequence[Contestant], args: argparse.Namespace) -> list[Round]:
    from sigex_runbook.trials.bench.rounds import take_turns

    rounds: list[dict[str, Attempt]] = [{} for _ in range(args.rounds)]
    for ended in take_turns(entered, args.organisations, args.rounds):
        attempt = ended.measured.attempt
        if ended.round == 0:
            print(f"Разминка: {attempt.name}", flush=True)
            continue
        rounds[ended.round - 1][attempt.name] = attempt
        print(
            f"{ended.round}: {attempt.name}: {attempt.seconds:.2f} с на организацию, "
            f"{attempt.processor:.2f} с процессора",
            flush=True,
        )
    return list(rounds)
