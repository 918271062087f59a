"""`batch --plan`: what a campaign would change, read by its workers and shown as one table."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from sigex_runbook.cli.words.course import Course, shown
from sigex_runbook.cli.words.outcome import print_json
from sigex_runbook.cli.words.plans import Told, answer, legend, table_file, table_of, total
from sigex_runbook.core.environment import Environment, Kind
from sigex_runbook.core.errors import RunbookError, RunFailed, UsageError

from .asked import choice_of, workers_of

if TYPE_CHECKING:
    from sigex_runbook.batch.courtesy import Pace
    from sigex_runbook.batch.orders import Members
    from sigex_runbook.batch.worker import Equipment
    from sigex_runbook.core.order import Order
    from sigex_runbook.run.campaign import Finished, LeftOut
    from sigex_runbook.run.signals import Interruptions


def check_shown(
    args: argparse.Namespace, given: Members, digest: str, equipment: Equipment
) -> None:
    """On the service nobody is performed whose plan was not shown. Raises UsageError."""
    from sigex_runbook.batch.planned import shown_orders
    from sigex_runbook.batch.state import glance

    if Environment(equipment.target.address).kind is not Kind.SERVICE:
        return
    known = equipment.outputs, equipment.campaign, digest
    seen = shown_orders(*known)
    chosen = choice_of(args).of(given.orders, glance(*known, given.orders, given.exclusions))
    unseen = [name for name, _ in chosen if name not in seen]
    if unseen:
        raise UsageError(
            f"План этих заказов ещё не показан: {len(unseen)} из {len(chosen)}, первый — "
            f"«{unseen[0]}». Посмотрите его (та же команда с --plan вместо --yes, с тем же входом "
            "и адресом) и повторите; ничего не начато."
        )


def plan(
    args: argparse.Namespace,
    given: Members,
    digest: str,
    equipment: Equipment,
    pace: Pace,
    interruptions: Interruptions,
) -> int:
    """What all would change, as one table, also of those whose turn came before a signal."""
    from sigex_runbook.batch.coordinator import Batch
    from sigex_runbook.batch.state import glance
    from sigex_runbook.run.campaign import Begun, Finished, LeftOut, worst

    state = glance(equipment.outputs, equipment.campaign, digest, given.orders, given.exclusions)
    choice, begun, told = choice_of(args), set[str](), dict[str, Told]()
    course = Course(len(choice.of(given.orders, state)), lambda event: told[event.name].words)
    try:
        with workers_of(args, replace(equipment, planning=True)) as fleet:
            batch = Batch(
                state,
                fleet,
                pace,
                outputs=equipment.outputs,
                target=equipment.target.address,
                found=lambda _: None,
                interruptions=interruptions,
            )
            with (
                shown(course, as_json=args.json) as say,
                closing(batch.carry_out(given.orders, choice)) as events,
            ):
                for event in events:
                    if isinstance(event, Begun):
                        begun.add(event.name)
                    elif isinstance(event, Finished | LeftOut) and event.name in begun:
                        order = dict(given.orders)[event.name]
                        told[event.name] = one = _told(event, order, equipment)
                        if args.json:
                            print_json(**answer(one))
                    say(event)
    finally:
        if told:
            _tell_plan(args, list(told.values()), course.orders, digest, equipment)
    if not course.orders and not args.json:
        print("Планировать нечего: выбранные заказы уже выполнены. И их тоже: --again.")
    return worst(one.exit_code for one in told.values())


def _told(event: Finished | LeftOut, order: Order, equipment: Equipment) -> Told:
    """What became of one order; its signed plan is kept."""
    from sigex_runbook.batch.planned import Planned
    from sigex_runbook.planning.folder import keep_plan
    from sigex_runbook.run.campaign import Finished, left_out
    from sigex_runbook.run.gathering import new_run_id

    whose, where = order.organisation, equipment.target.address
    known = partial(Told, event.name, str(whose.bin), where, who=whose.name)
    error: RunbookError
    if isinstance(event, Finished):
        if not isinstance(event.result, Planned):
            raise TypeError("a worker that plans brings plans")
        made = event.result.made
        try:
            return known(made.record, keep_plan(equipment.outputs, made, new_run_id()))
        except RunFailed as unkept:
            error = unkept
    else:
        error = event.error
    return known(error=left_out(order, error, equipment.outputs).reason)


def _tell_plan(
    args: argparse.Namespace,
    told: Sequence[Told],
    orders: int,
    digest: str,
    equipment: Equipment,
) -> None:
    """The table on the screen and as a file; from now on it has been shown."""
    from datetime import UTC, datetime

    from rich.console import Console

    from sigex_runbook.batch.planned import remember_shown
    from sigex_runbook.core.error_causes import why
    from sigex_runbook.evidence.pack.disk import write_whole
    from sigex_runbook.planning.folder import FOLDER
    from sigex_runbook.run.gathering import new_run_id

    outputs, campaign = equipment.outputs, equipment.campaign
    place = outputs / FOLDER / f"{campaign}-{new_run_id()}.json"
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        write_whole(place, table_file(told, campaign, digest, orders, datetime.now(UTC)))
    except OSError as error:
        raise RunFailed(
            f"Таблицу плана в {place} не записать ({why(error)}). Освободите место или укажите "
            "другую папку (--outputs) и повторите; ничего не изменено."
        ) from error
    if not args.json:
        Console(highlight=False, markup=False, emoji=False).print(table_of(told))
        print(legend())
        if len(told) < orders:
            print(f"Не дошла очередь: {orders - len(told)}.")
        print(f"{total(told)}\nТаблица плана: {place}")
    remember_shown(outputs, campaign, digest, (one.name for one in told))
