"""`sigex-runbook bench`: one run against the bare screen work, the emulator under load, or what a
batch costs by itself."""

from __future__ import annotations

import argparse

from sigex_runbook.cli.project import add_project
from sigex_runbook.core.errors import UsageError

NAME = "bench"
HELP = "измерить один запуск против голого прохождения по экрану, эмулятор или учёт многих заказов"
EXAMPLES = (
    "bench --rounds 3",
    "bench emulator --organisations 50",
    "bench --simulate",
)
EXIT_CODES = {0: "измерено"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to measure, on which project, and how much of it."""
    add_project(parser)
    parser.add_argument(
        "what",
        nargs="?",
        choices=("run", "emulator"),
        default="run",
        help="run — один запуск (так и без слова), emulator — эмулятор под нагрузкой",
    )
    parser.add_argument(
        "--organisations",
        type=int,
        default=200,
        metavar="N",
        help="emulator: сколько организаций (200)",
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
        "--rounds", type=int, default=5, metavar="N", help="сколько раз измерить (5)"
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
    if args.what == "emulator":
        return _emulator(args)
    with settled(args.project):
        return _runs(args)


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


def _runs(args: argparse.Namespace) -> int:
    """Warm up once, measure, print every round and the medians."""
    from sigex_runbook.trials.bench.ratio import Measure, measure_round

    if args.rounds < 1:
        raise UsageError("--rounds должен быть не меньше 1.")
    print("Разминка…", flush=True)
    measure_round()
    rounds = []
    for number in range(1, args.rounds + 1):
        done = measure_round()
        rounds.append(done)
        print(
            f"{number}: запуск {done.run:.2f} с; нижняя граница {done.floor:.2f} с "
            f"(процесс целиком {done.floor_process:.2f} с); отношение {done.ratio:.2f}",
            flush=True,
        )
    measured = Measure(tuple(rounds))
    print(
        f"Медианы: запуск / нижняя граница = {measured.ratio:.2f}; "
        f"процесс / процесс = {measured.process_ratio:.2f}"
    )
    return 0
