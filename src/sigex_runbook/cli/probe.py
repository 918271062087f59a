"""`sigex-runbook probe`: what of the guide is recognised on a service's pages, reading only."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.errors import UsageError

from .service import Allowance, add_service, outputs_of, read_locators, read_order, service

if TYPE_CHECKING:
    from sigex_runbook.probe.findings import Probed

NAME = "probe"
HELP = "посмотреть, что из инструкции узнаётся на страницах сервиса; ничего не менять"
EXAMPLES = (
    "probe",
    "probe order.yaml --target https://sigex.kz --visible --point",
)
EXIT_CODES = {0: "узнаны все тринадцать выносок", 1: "узнаны не все"}

_ALLOWANCE = Allowance(alone=600, with_person=3_600)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Who signs in where, whether a person helps, where the folder goes."""
    parser.add_argument(
        "order",
        nargs="?",
        type=Path,
        metavar="ЗАКАЗ",
        help="файл заказа: из него берутся способ входа и ИС; без него — образец на эмуляторе",
    )
    add_service(parser, _ALLOWANCE)
    parser.add_argument(
        "--point",
        action="store_true",
        help="с --visible: показать мышью в окне каждый элемент, который не узнан",
    )


def run(args: argparse.Namespace) -> int:
    """Look, write the folder, print a table; 0 when all thirteen were recognised."""
    from sigex_runbook.evidence.pack.room import check_room
    from sigex_runbook.probe.folder import write
    from sigex_runbook.probe.probing import probe
    from sigex_runbook.run.options import Options
    from sigex_runbook.site.reading.locators import NONE

    if args.point and not args.visible:
        raise UsageError("--point работает только вместе с --visible: показывать надо в окне.")
    if args.target is not None and args.order is None:
        raise UsageError("С --target нужен заказ: в нём сказано, кто входит. Укажите его файл.")
    outputs = outputs_of(args)
    check_room(outputs)
    told = read_locators(args)
    overrides = told.overrides if told is not None else NONE
    with service(args) as (target, places):
        order = read_order(args.order, places)
        options = Options(target, visible=args.visible, deadline_seconds=_ALLOWANCE.of(args))
        probed = probe(order, options, overrides=overrides, ask=_ask if args.point else None)
    folder = write(probed, overrides, outputs)
    _tell(probed, folder)
    return 0 if probed.recognised else 1


def _ask(words: str) -> None:
    print(words, flush=True)


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
    for file in sorted(folder.iterdir()):
        print(f"  {file}")
