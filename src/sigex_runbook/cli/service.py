"""What the verbs that walk over a service's pages share: options, and what these come to."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError

from .words.outcome import EVENTS, RESULTS

if TYPE_CHECKING:
    from sigex_runbook.core.order import Order
    from sigex_runbook.run.options import Target
    from sigex_runbook.site.reading.locators_file import LocatorsFile

SAMPLE = "образец"
"""Stands for the file of an order where none is given."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Seconds that one walk may take unless `--deadline` says so: alone, and with a person."""

    alone: float
    with_person: float

    def of(self, args: argparse.Namespace) -> float:
        """What the command was given, or else this."""
        if args.deadline is not None:
            return float(args.deadline)
        return self.with_person if args.visible else self.alone


def add_service(parser: argparse.ArgumentParser, allowance: Allowance) -> None:
    """Where the service is, how its pages are looked at, where the result goes."""
    parser.add_argument(
        "--target",
        metavar="АДРЕС",
        help="адрес сервиса, например https://sigex.kz; без него — встроенный эмулятор",
    )
    parser.add_argument(
        "--ca", type=Path, metavar="ФАЙЛ", help="сертификат УЦ (PEM), которому доверять"
    )
    parser.add_argument(
        "--locators",
        type=Path,
        metavar="ФАЙЛ",
        help="где на странице элементы, которых программа не нашла (YAML, см. README)",
    )
    parser.add_argument(
        "--visible", action="store_true", help="показать окно браузера, чтобы вошёл человек"
    )
    parser.add_argument(
        "--deadline",
        type=float,
        metavar="СЕКУНД",
        help=f"сколько может длиться один проход ({allowance.alone:g}, с --visible "
        f"{allowance.with_person:g})",
    )
    parser.add_argument(
        "--outputs", type=Path, metavar="ПАПКА", help="куда складывать (outputs в текущей папке)"
    )


def add_signing(parser: argparse.ArgumentParser) -> None:
    """Whose signature what is made shall bear."""
    parser.add_argument(
        "--signing-key",
        metavar="КЛЮЧ",
        help="чем заверять: файл PEM, env:ПЕРЕМЕННАЯ, hsm:НОМЕР?label=ТОКЕН (свой ключ)",
    )
    parser.add_argument(
        "--signing-pin", metavar="ССЫЛКА", help="ПИН-код токена: env:ПЕРЕМЕННАЯ или file:ПУТЬ"
    )


def add_mtls_target(parser: argparse.ArgumentParser) -> None:
    """Where an information system reaches the service."""
    parser.add_argument(
        "--mtls-target",
        metavar="АДРЕС",
        help="адрес для информационных систем, например https://sigex.kz:10443",
    )


def add_packs(parser: argparse.ArgumentParser) -> None:
    """Who signs packs, whose clock stamps them, how their reports and results are told."""
    add_signing(parser)
    parser.add_argument(
        "--trust", type=Path, metavar="ФАЙЛ", help="trust.json с сервером времени (свой)"
    )
    parser.add_argument(
        "--language",
        choices=("ru", "kk", "en"),
        default="ru",
        help="язык отчётов: русский, казахский, английский (ru)",
    )
    for option, form, told in (
        ("--json", RESULTS, "напечатать результат каждого заказа как JSON"),
        ("--json=events", EVENTS, "то же и ход работы: строка JSON на каждое событие"),
    ):
        parser.add_argument(option, action="store_const", const=form, dest="json", help=told)


@contextmanager
def service(
    args: argparse.Namespace, mtls_address: str | None = None
) -> Iterator[tuple[Target, Mapping[str, str]]]:
    """The service that is meant, the emulator where none is, and places for orders.

    Raises UsageError.
    """
    from sigex_runbook.run.embedded import embedded_emulator
    from sigex_runbook.run.options import make_target

    if args.target is not None:
        yield make_target(args.target, mtls_address, args.ca), {}
        return
    spare = {"--mtls-target": mtls_address, "--ca": args.ca}
    if given := " и ".join(option for option, value in spare.items() if value):
        raise UsageError(
            f"{given} — только вместе с --target: без него работает встроенный эмулятор. "
            "Добавьте --target или уберите лишнее."
        )
    with embedded_emulator() as (target, places):
        yield target, places


def read_order(file: Path | None, places: Mapping[str, str]) -> Order:
    """An order, or the sample. Raises UsageError."""
    from sigex_runbook.core.order import parse_order
    from sigex_runbook.run.embedded import order_for
    from sigex_runbook.run.sample import sample_order

    if file is not None:
        return order_for(file, places)
    return parse_order(sample_order(), path=Path(SAMPLE), places=places)


def read_locators(args: argparse.Namespace) -> LocatorsFile | None:
    """What the operator says of the page. Raises UsageError."""
    if args.locators is None:
        return None
    from sigex_runbook.site.reading.locators_file import load_locators

    return load_locators(args.locators)


def outputs_of(args: argparse.Namespace) -> Path:
    """The folder for what is made, which need not be there yet. Raises UsageError."""
    folder: Path = args.outputs or Path("outputs")
    try:
        return folder.resolve()
    except (OSError, RuntimeError) as error:  # the second: a link that leads to itself
        raise UsageError(
            f"Папку результатов {folder} не найти ({why(error)}). Перейдите в папку, которая есть, "
            "или назовите другую в --outputs."
        ) from error
