"""`sigex-runbook bench`: one run against the bare screen work."""

from __future__ import annotations

import argparse

from sigex_runbook.errors import UsageError

NAME = "bench"
HELP = "измерить один запуск в сравнении с голым прохождением по экрану"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How many rounds."""
    parser.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="сколько раз измерить (5)"
    )


def run(args: argparse.Namespace) -> int:
    """Warm up once, measure, print every round and the medians."""
    from sigex_runbook.bench.ratio import Measure, measure_round

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
