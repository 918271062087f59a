"""`sigex-runbook setup`: put what is missing on this machine."""

from __future__ import annotations

import argparse

NAME = "setup"
HELP = "поставить недостающее: браузер и шрифты"
EXAMPLES = (
    "setup",
    "setup --tests",
)
EXIT_CODES = {0: "машина готова"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whether the tests shall run here as well."""
    parser.add_argument(
        "--tests",
        action="store_true",
        help="поставить и то, что нужно только тестам: SoftHSM (токен PKCS#11 из файлов)",
    )


def run(args: argparse.Namespace) -> int:
    """Install what is missing and say what was found."""
    from sigex_runbook.machine.setup import set_up

    set_up(lambda line: print(line, flush=True), tests=args.tests)
    print("Машина готова.")
    return 0
