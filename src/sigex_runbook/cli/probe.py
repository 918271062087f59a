"""`sigex-runbook probe`: what of the guide is recognised on a service's pages, reading only."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.errors import UsageError

if TYPE_CHECKING:
    from sigex_runbook.core.order import Order
    from sigex_runbook.probe.findings import Probed
    from sigex_runbook.run.options import Target

NAME = "probe"
HELP = "посмотреть, что из инструкции узнаётся на страницах сервиса; ничего не менять"

_DEADLINE_SECONDS = 600.0
_PERSON_DEADLINE_SECONDS = 3_600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who signs in where, whether a person helps, where the folder goes."""
    parser.add_argument(
        "order",
        nargs="?",
        type=Path,
        metavar="ЗАКАЗ",
        help="файл заказа: из него берутся способ входа и ИС; без него — образец на эмуляторе",
    )
    parser.add_argument(
        "--target",
        metavar="АДРЕС",
        help="адрес сервиса, например https://sigex.kz; без него — встроенный эмулятор",
    )
    parser.add_argument(
        "--ca", type=Path, metavar="ФАЙЛ", help="сертификат УЦ (PEM), которому доверять"
    )
    parser.add_argument("--visible", action="store_true", help="показать окно браузера")
    parser.add_argument(
        "--point",
        action="store_true",
        help="с --visible: показать мышью в окне каждый элемент, который не узнан",
    )
    parser.add_argument(
        "--locators",
        type=Path,
        metavar="ФАЙЛ",
        help="указания, с которых начать (YAML, см. README)",
    )
    parser.add_argument(
        "--deadline",
        type=float,
        metavar="СЕКУНД",
        help="сколько это может длиться (600, с --visible 3600)",
    )
    parser.add_argument(
        "--outputs", type=Path, metavar="ПАПКА", help="куда складывать (outputs в текущей папке)"
    )


def run(args: argparse.Namespace) -> int:
    """Look, write the folder, print a table; 0 when all thirteen were recognised."""
    from sigex_runbook.evidence.pack.room import check_room
    from sigex_runbook.probe.probing import probe, write
    from sigex_runbook.run.options import Options
    from sigex_runbook.site.reading.locators import NONE
    from sigex_runbook.site.reading.locators_file import load_locators

    if args.point and not args.visible:
        raise UsageError("--point работает только вместе с --visible: показывать надо в окне.")
    outputs = (args.outputs or Path("outputs")).resolve()
    check_room(outputs)
    told = load_locators(args.locators) if args.locators is not None else None
    overrides = told.overrides if told is not None else NONE
    deadline = args.deadline
    if deadline is None:
        deadline = _PERSON_DEADLINE_SECONDS if args.visible else _DEADLINE_SECONDS
    with _service(args) as (target, order):
        options = Options(target, visible=args.visible, deadline_seconds=deadline)
        probed = probe(order, options, overrides=overrides, ask=_ask if args.point else None)
    folder = write(probed, overrides, outputs)
    _tell(probed, folder)
    return 0 if probed.recognised else 1


def _ask(words: str) -> None:
    print(words, flush=True)


@contextmanager
def _service(args: argparse.Namespace) -> Iterator[tuple[Target, Order]]:
    from sigex_runbook.core.order import load_order, parse_order
    from sigex_runbook.run.embedded import embedded_emulator
    from sigex_runbook.run.options import make_target
    from sigex_runbook.run.sample import sample_order

    if args.target is not None:
        if args.order is None:
            raise UsageError("С --target нужен заказ: в нём сказано, кто входит. Укажите его файл.")
        yield make_target(args.target, None, args.ca), load_order(args.order)
        return
    if args.ca:
        raise UsageError(
            "--ca имеет смысл только вместе с --target: без него работает встроенный эмулятор."
        )
    with embedded_emulator() as (target, places):
        yield (
            target,
            (
                load_order(args.order, places)
                if args.order
                else parse_order(sample_order(), path=Path("образец"), places=places)
            ),
        )


def _tell(probed: Probed, folder: Path) -> None:
    from sigex_runbook.core.terminal_safe import visible
    from sigex_runbook.probe.findings import STATE_WORDS
    from sigex_runbook.probe.locator_file import count_words

    width = max(len(one.control) for one in probed.findings)
    for one in probed.findings:
        state = STATE_WORDS[one.state]
        told = f"{one.clue}{f' — «{one.name}»' if one.name else ''}" if one.clue else one.message
        print(visible(f"({one.callout:2}) {one.control:{width}}  {state:14}  {told}"))
    for note in probed.notes:
        print(visible(note))
    print(f"{count_words(probed)}. Ничего не отмечено и не сохранено.")
    for name in ("index.html", "locators.yaml", "probe.json"):
        print(f"  {folder / name}")
