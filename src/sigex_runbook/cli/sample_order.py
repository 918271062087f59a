"""`sigex-runbook sample-order`: an order to start from, or one for everybody in an emulator."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError

NAME = "sample-order"
HELP = "напечатать образец заказа или записать заказы для всех организаций эмулятора"
EXAMPLES = (
    "sample-order",
    "sample-order --emulator emulator",
    "sample-order --all orders --emulator emulator",
    "sample-order --csv",
)
EXIT_CODES = {0: "напечатано или записано"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An emulator's folder to take paths from, and where orders for everybody go."""
    parser.add_argument(
        "--emulator",
        type=Path,
        metavar="ПАПКА",
        help="подставить пути из папки, данной «sigex-emulator --dir»",
    )
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument(
        "--csv",
        action="store_true",
        help="напечатать образец таблицы заказов; с --emulator — со всеми его организациями",
    )
    kinds.add_argument(
        "--all",
        type=Path,
        metavar="ПАПКА",
        help="записать сюда по заказу для каждой организации; без --emulator — для трёх "
        "встроенного эмулятора",
    )


def run(args: argparse.Namespace) -> int:
    """Print the order, or write all of them."""
    from sigex_runbook.run.sample import sample_order

    if args.csv:
        _print_table(args.emulator)
        return 0
    if args.all is None:
        print(sample_order(args.emulator), end="")
        return 0
    _write(_orders(args.emulator), args.all)
    return 0


def _print_table(emulator: Path | None) -> None:
    """The bytes as they are: a text stream would end lines in a way of its own."""
    from sigex_runbook.batch.table import write_table
    from sigex_runbook.core.given.strict_yaml import read_yaml
    from sigex_runbook.run.sample import sample_order, sample_orders

    texts = [sample_order()] if emulator is None else sample_orders(emulator).values()
    sys.stdout.flush()
    sys.stdout.buffer.write(write_table(read_yaml(text)[0] for text in texts))


def _orders(emulator: Path | None) -> dict[str, str]:
    from sigex_runbook.run.embedded import embedded_emulator
    from sigex_runbook.run.sample import sample_orders

    if emulator is not None:
        return sample_orders(emulator)
    with embedded_emulator() as (_, places):
        return sample_orders(Path(places["EMULATOR"]), fill_in=False)


def _write(orders: dict[str, str], folder: Path) -> None:
    """Write them, and none over another. Raises UsageError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for organisation_bin, text in orders.items():
            with (folder / f"{organisation_bin}.yaml").open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise UsageError(
            f"Заказы в папку {folder} не записать ({why(error)}); готовые не переписываются. "
            "Укажите новую папку: --all ПАПКА."
        ) from error
    print(f"Заказов записано: {len(orders)}, в папке {folder}.")
