"""`sigex-runbook setup`: put what is missing on this machine."""

from __future__ import annotations

import argparse

NAME = "setup"
HELP = "поставить недостающее: браузер и шрифты"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """It needs none."""


def run(args: argparse.Namespace) -> int:
    """Install what is missing and say what was found."""
    from sigex_runbook.machine.setup import set_up

    set_up(lambda line: print(line, flush=True))
    print("Машина готова.")
    return 0
