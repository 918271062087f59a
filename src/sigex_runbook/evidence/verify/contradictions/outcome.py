"""How a success ended: what is said of the saving follows from the states."""

from __future__ import annotations

from collections.abc import Iterator

from sigex_runbook.core.access import same_settings
from sigex_runbook.core.verdict import Saved
from sigex_runbook.evidence.pack.layout import RUN, VERIFICATION
from sigex_runbook.evidence.pack.read import Record

from .faults import Fault


def unchanged(record: Record) -> Iterator[Fault]:
    """Nothing to do means that nothing differed; what was not saved has not changed."""
    before, expected, after = map(record.settings, ("before", "expected", "after"))
    if before is None or expected is None or after is None:
        return
    if record.run["saved"] not in list(Saved):
        yield RUN, "сохранены ли настройки, сказано неизвестным словом"
    idle = same_settings(before, expected)
    if bool(record.run["session"].get("nothing_to_do")) is not idle:
        yield RUN, "было ли что менять, из состояний следует иначе"
    if record.run["saved"] == Saved.NO and not same_settings(before, after):
        yield RUN, "настройки изменились, а сохранёнными не названы"
    if idle and record.run["saved"] != Saved.NO:
        yield RUN, "менять было нечего, а настройки названы сохранёнными"


def ended_well(record: Record) -> Iterator[Fault]:
    """Nothing went wrong in the session, and the steps took no longer than the run was given."""
    if record.run["session"].get("failure") is not None:
        yield RUN, "записан сбой, а запуск удался"
    took = sum(one.duration_ms or 0 for one in record.steps)
    if took > record.run["parameters"]["deadline_seconds"] * 1000:
        yield RUN, "шаги длились дольше, чем запуску было дано"


def checked_once(record: Record) -> Iterator[Fault]:
    """Each channel has one check."""
    channels = [check.channel for check in record.checks]
    if len(set(channels)) != len(channels):
        yield VERIFICATION, "одна проверка записана дважды"
