"""The state, reckoned again from the files: expected from before and order, the verdict from facts.

The same pure core that planned and judged the run does it, so a verdict that was written by hand,
or states that were exchanged, do not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from sigex_runbook.core.access import differences, same_settings
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.plan import Plan, make_plan
from sigex_runbook.core.record import Outcome
from sigex_runbook.core.verdict import (
    Channel,
    Failure,
    Probe,
    VerdictKind,
    expected_answer,
    judge_probes,
    judge_settings,
    reach_verdict,
)
from sigex_runbook.evidence.pack.canonical import canonical_json, plain
from sigex_runbook.evidence.pack.layout import (
    AFTER,
    AUDIT,
    BEFORE,
    DIFFERENCE,
    EXPECTED,
    ORDER,
    RUN,
    VERIFICATION,
)
from sigex_runbook.evidence.pack.read import Record


def disagreements(record: Record) -> Iterator[tuple[str, str]]:
    """Everything in which the record contradicts itself, as (file, what)."""
    try:
        yield from _disagreements(record)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield RUN, f"запись устроена не так, как у этой версии ({type(error).__name__})"


def _disagreements(record: Record) -> Iterator[tuple[str, str]]:
    if record.values.get(RUN) is None:
        yield RUN, "без него вердикт ни на чём не стоит"
        return
    checks, probes = record.checks, record.probes
    plan = None
    if record.values.get(BEFORE) is not None:
        plan, why = _plan(record)
        if plan is None:
            yield BEFORE, f"из него и order.json план не выводится ({why})"
        else:
            yield from _states(plan, record)
            yield from _probes(plan, probes)
    api = [check for check in checks if check.channel is Channel.API]
    if api and (plan is None or record.values.get(AFTER) is None):
        yield VERIFICATION, "настройки названы проверенными, а состояний в пакете нет"
    mtls = [check for check in checks if check.channel is Channel.MTLS]
    if mtls and mtls != [judge_probes(probes)]:
        yield VERIFICATION, "вывод по mTLS не следует из проб"
    yield from _verdict(record)


def _plan(record: Record) -> tuple[Plan | None, str]:
    before = record.settings("before")
    if before is None or record.values.get(ORDER) is None:
        return None, "нет order.json"
    try:
        return make_plan(before, record.order), ""
    except RunFailed as error:
        return None, str(error).split(".")[0]


def _states(plan: Plan, record: Record) -> Iterator[tuple[str, str]]:
    expected, after = record.settings("expected"), record.settings("after")
    if expected is None or not same_settings(expected, plan.expected):
        yield EXPECTED, "из before и заказа следует другое"
    if after is None:
        return
    moved = plain([asdict(d) for d in differences(plan.before, after)])
    if _unordered(record.values.get(DIFFERENCE)) != _unordered(moved):
        yield DIFFERENCE, "разница между before и after другая"
    said = [check for check in record.checks if check.channel is Channel.API]
    if record.audit is None:
        yield AUDIT, "состояние после есть, а журнала изменений нет"
    elif said and said != [judge_settings(plan, after, record.audit)]:
        yield AFTER, "сравнение after с expected и с журналом даёт не то, что записано"


def _unordered(value: Any) -> bytes:
    """A value's bytes with lists in one order: people's aliases sort unlike their numbers."""
    if isinstance(value, list):
        return b"[%s]" % b",".join(sorted(map(_unordered, value)))
    if isinstance(value, dict):
        pairs = (canonical_json(key) + b":" + _unordered(value[key]) for key in sorted(value))
        return b"{%s}" % b",".join(pairs)
    return canonical_json(value)


def _probes(plan: Plan, probes: Iterable[Probe]) -> Iterator[tuple[str, str]]:
    for probe in probes:
        settings = plan.before if probe.moment == "before" else plan.expected
        index = plan.control_index if probe.control else plan.index
        if probe.expected is not expected_answer(settings, probe.block, index):
            yield (
                VERIFICATION,
                f"проба {probe.block} ({probe.moment}): ожидание не следует из настроек",
            )


def _verdict(record: Record) -> Iterator[tuple[str, str]]:
    run, steps = record.run, record.steps
    failure = Failure(**run["failure"]) if run["failure"] else None
    reached = reach_verdict(steps, record.checks, failure)
    if canonical_json(reached) != canonical_json(run["verdict"]):
        yield RUN, f"из шагов и проверок следует {reached.kind}, а записано другое"
    counted = {o: sum(1 for s in steps if s.outcome is o) for o in Outcome}
    if canonical_json(counted) != canonical_json(run["steps"]):
        yield RUN, "шагов в steps.ndjson другое число"
    states = (BEFORE, EXPECTED, AFTER, DIFFERENCE, AUDIT)
    if run["verdict"]["kind"] == VerdictKind.PASSED and any(
        record.values.get(name) is None for name in states
    ):
        yield RUN, "PASSED без состояний до и после"
