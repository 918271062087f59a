"""`sigex-runbook sample-order`: print an order to start from."""

from __future__ import annotations

import argparse
from pathlib import Path

NAME = "sample-order"
HELP = "напечатать образец заказа"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An emulator's folder to take paths from."""
    parser.add_argument(
        "--emulator",
        type=Path,
        metavar="ПАПКА",
        help="подставить пути из папки, данной «sigex-emulator --dir»",
    )


def run(args: argparse.Namespace) -> int:
    """Print the order."""
    from sigex_runbook.run.sample import sample_order

    print(sample_order(args.emulator), end="")
    return 0
