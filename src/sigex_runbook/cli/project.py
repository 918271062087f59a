"""`--project`: whose features, steps and notebook a command takes."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_project(parser: argparse.ArgumentParser) -> None:
    """The option, the same for every verb that performs or shows the guide."""
    parser.add_argument(
        "--project",
        type=Path,
        metavar="ПАПКА",
        help="свои features, steps и notebooks (копия проекта, в которой вы стоите, или свои у "
        "программы)",
    )
