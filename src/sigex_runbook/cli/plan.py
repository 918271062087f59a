"""`sigex-runbook plan`: what orders would change, without touching anything."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.environment import Environment
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.core.terminal_safe import visible

from .run import read_ready, whole_refusal
from .service import (
    SAMPLE,
    Allowance,
    add_service,
    add_signing,
    outputs_of,
    read_locators,
    service,
)
from .words.plans import BLOCK, CHANGES, FAILED, NOTHING, Told, answer, total

if TYPE_CHECKING:
    from securesystemslib.signer import Signer

    from sigex_runbook.core.order import Order
    from sigex_runbook.planning.record import PlanRecord
    from sigex_runbook.run.options import Options

NAME = "plan"
HELP = "показать, что изменит заказ: войти, прочесть настройки, ничего не трогать"
EXAMPLES = (
    "plan order.yaml --target https://sigex.kz --visible",
    "plan alfa.yaml beta.yaml --json",
    "plan --check outputs/plans/ФАЙЛ.plan.dsse.json --trust trust.json",
)
EXIT_CODES = {
    0: "менять нечего",
    1: "настройки не прочитаны, или проверенный план не подлинный",
    3: "есть что изменить",
}

_ALLOWANCE = Allowance(alone=120, with_person=900)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Orders and where the service is, or a plan that was made earlier."""
    parser.add_argument(
        "orders",
        nargs="*",
        type=Path,
        metavar="ЗАКАЗ",
        help="файлы заказов; без них — образец (sigex-runbook sample-order)",
    )
    add_service(parser, _ALLOWANCE)
    add_signing(parser)
    parser.add_argument(
        "--check",
        type=Path,
        metavar="ФАЙЛ",
        help="не читать настройки, а проверить прежний план: подпись и что он следует из "
        "прочитанного",
    )
    parser.add_argument(
        "--trust", type=Path, metavar="ФАЙЛ", help="с --check: trust.json, чьим подписям верить"
    )
    parser.add_argument(
        "--json", action="store_true", help="напечатать план каждого заказа как JSON"
    )


def run(args: argparse.Namespace) -> int:
    """0 when nothing is to be changed, 3 when something is, 1 when settings could not be read or a
    checked plan is not genuine."""
    if args.check is not None:
        return _check(args)
    if args.trust is not None:
        raise UsageError(
            "--trust нужен только вместе с --check: укажите и план, который проверить."
        )
    from sigex_runbook.core.order import check_once
    from sigex_runbook.evidence.attest.keyring import signer_of
    from sigex_runbook.evidence.pack.room import check_room
    from sigex_runbook.run.campaign import worst
    from sigex_runbook.run.options import Options
    from sigex_runbook.run.signals import Interruptions

    interruptions = Interruptions()
    outputs = outputs_of(args)
    check_room(outputs)
    signer = signer_of(args.signing_key, args.signing_pin)
    locators = read_locators(args)
    told = []
    with interruptions.listening(), service(args) as (target, places), interruptions.allowed():
        options = Options(
            target,
            visible=args.visible,
            deadline_seconds=_ALLOWANCE.of(args),
            locators=locators,
        )
        names = [str(path) for path in args.orders] or [SAMPLE]
        read = [(name, *read_ready(name, args, places, options)) for name in names]
        if refused := [(name, error) for name, _, error in read if error is not None]:
            raise whole_refusal(refused, of=len(read))
        orders = [(name, order) for name, order, _ in read if order is not None]
        check_once(orders)
        for name, order in orders:
            if not args.json:
                where = Environment(target.address).where
                print(f"{name}: БИН {order.organisation.bin}, {where} — читаю…", flush=True)
            told.append(_plan(name, order, options, signer, outputs))
            (_tell_json if args.json else _tell)(told[-1])
    if not args.json:
        print(total(told))
    return worst(one.exit_code for one in told)


def _plan(name: str, order: Order, options: Options, signer: Signer, outputs: Path) -> Told:
    from sigex_runbook.planning.folder import keep_plan
    from sigex_runbook.planning.looking import read_plan
    from sigex_runbook.run.gathering import new_run_id

    whose = str(order.organisation.bin)
    try:
        made = read_plan(order, options, signer)
        place = keep_plan(outputs, made, new_run_id())
    except RunFailed as error:
        return Told(name, whose, options.target.address, error=str(error))
    return Told(name, whose, options.target.address, made.record, place)


def _tell(told: Told) -> None:
    if told.record is None:
        print(visible(f"  План не составлен, ничего не изменено. {told.error}"), flush=True)
        return
    _show(told.record)
    print(visible(f"  План подписан: {told.place}"), flush=True)


def _show(record: PlanRecord) -> None:
    """One order's table."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    from sigex_runbook.evidence.report.cells.order import PlanView

    view = PlanView(record.plan)
    table = Table(box=SIMPLE_HEAD)
    for heading in (BLOCK, "ИС", *view.HEAD[1:-1]):
        table.add_column(heading)
    for row in view.rows:
        block, before, ordered, change = (visible(cell.text) for cell in row)
        moves = row[-1].look != "idle"
        table.add_row(
            block.removeprefix(f"{BLOCK} "),
            visible(view.system),
            before,
            f"→ {change}" if moves else ordered,
            style="bold" if moves else "dim",
        )
    read_at = f"{record.read_at:%Y-%m-%d %H:%M:%S} UTC"
    print(visible(f"  Прочитано {read_at}, вошёл сотрудник: {record.identity}."))
    print(f"  {view.told}")
    Console(markup=False, highlight=False, emoji=False).print(table)


def _tell_json(told: Told) -> None:
    print(visible(json.dumps(answer(told), ensure_ascii=False)), flush=True)


def _check(args: argparse.Namespace) -> int:
    """Tell whether an earlier plan holds, offline; the code is the plan's own when it does."""
    from sigex_runbook.evidence.attest.trust import Trust
    from sigex_runbook.planning.record import check

    if args.trust is None or args.orders:
        raise UsageError(
            "Чтобы проверить план, укажите его и чьим подписям верить: --check ФАЙЛ --trust "
            "trust.json, без заказов."
        )
    try:
        data = args.check.read_bytes()
    except OSError as error:
        raise UsageError(
            f"План {args.check} не читается ({why(error)}). Проверьте путь."
        ) from error
    found = check(data, args.check.name, trust=Trust.load(args.trust), at=datetime.now(UTC))
    for finding in found.findings:
        print(f"  {finding}")
    if found.record is None or found.findings:
        return FAILED
    where = Environment(found.record.target).where
    print(visible(f"План подлинный, {where}, подписан ключом {found.signed_by}."))
    print(visible(f"БИН {found.record.organisation_bin}"))
    _show(found.record)
    return CHANGES if found.record.changes else NOTHING
