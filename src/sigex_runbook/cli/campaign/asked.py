"""What the command line asks of a batch: how much at once and how fast, which orders, by whom."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sigex_runbook.core.environment import Environment, Kind
from sigex_runbook.core.errors import UsageError

if TYPE_CHECKING:
    from sigex_runbook.batch.choice import Choice
    from sigex_runbook.batch.courtesy import Courtesy
    from sigex_runbook.batch.fleet import Fleet
    from sigex_runbook.batch.worker import Equipment
    from sigex_runbook.run.options import Target


def courtesy_of(args: argparse.Namespace, target: Target) -> Courtesy:
    """How much the service is asked at once. Raises UsageError where nobody has said yes to more
    than a plan."""
    from sigex_runbook.batch.courtesy import Courtesy, Hours

    environment = Environment(target.address)
    if environment.kind is Kind.SERVICE and not args.yes and not args.plan:
        raise UsageError(
            f"Это действующий сервис ({environment.where}). Посмотрите сначала, что изменится "
            "(та же команда с --plan), и повторите с --yes; ничего не начато."
        )
    usual = Courtesy.towards(target.address).concurrency
    return Courtesy(
        args.concurrency if args.concurrency is not None else usual,
        args.rate,
        args.pause,
        Hours.read(args.hours) if args.hours else None,
    )


def choice_of(args: argparse.Namespace) -> Choice:
    """Which of the orders. Raises UsageError."""
    from sigex_runbook.batch.choice import Choice

    return Choice.read(args.only, again=args.again, limit=args.limit, stop_after=args.stop_after)


def check_dashboard(args: argparse.Namespace) -> None:
    """Raises UsageError for a dashboard that this machine cannot draw."""
    if args.dashboard and find_spec("bokeh") is None:
        raise UsageError(
            "Для панели Dask (--dashboard) нужен пакет bokeh: pip install bokeh. Установите его "
            "или повторите без --dashboard; ничего не начато."
        )


@contextmanager
def workers_of(args: argparse.Namespace, equipment: Equipment) -> Iterator[Fleet]:
    """The workers; where they can be looked at is told."""
    from sigex_runbook.batch.fleet import fleet_here

    with fleet_here(equipment, args.workers) as fleet:
        if args.dashboard and not args.json:
            print(f"Панель Dask: {fleet.dashboard}")
        yield fleet
