"""The state, reckoned again from the files: expected from before and order, the verdict from facts.

The same pure core that planned and judged the run does it, so a verdict that was written by hand,
or states that were exchanged, do not fit.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from sigex_runbook.core.access import AccessSettings, differences, same_settings
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.plan import Plan, make_plan
from sigex_runbook.core.record import Outcome
from sigex_runbook.core.verdict import (
    Channel,
    Check,
    Failure,
    Probe,
    VerdictKind,
    expected_answer,
    judge_probes,
    judge_settings,
    reach_verdict,
)
from sigex_runbook.evidence.pack.canonical import canonical_json, plain
from sigex_runbook.evidence.pack.records import RecordedOrder, check_of, probe_of, step_record


def disagreements(read: Callable[[str], Any | None]) -> Iterator[tuple[str, str]]:
    """Everything in which the record contradicts itself, as (file, what).

    `read` gives the value of a file under evidence/ by its name, or None when it is not there.
    """
    try:
        yield from _disagreements(read)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield "run.json", f"запись устроена не так, как у этой версии ({type(error).__name__})"


def _disagreements(read: Callable[[str], Any | None]) -> Iterator[tuple[str, str]]:
    run = read("run.json")
    if run is None:
        yield "run.json", "без него вердикт ни на чём не стоит"
        return
    verification = read("verification.json") or {"checks": [], "probes": []}
    checks = [check_of(raw) for raw in verification["checks"]]
    probes = [probe_of(raw) for raw in verification["probes"]]
    plan = None
    if read("state/before.json") is not None:
        plan, why = _plan(read)
        if plan is None:
            yield "state/before.json", f"из него и order.json план не выводится ({why})"
        else:
            yield from _states(plan, checks, read)
            yield from _probes(plan, probes)
    api = [check for check in checks if check.channel is Channel.API]
    if api and (plan is None or read("state/after.json") is None):
        yield "verification.json", "настройки названы проверенными, а состояний в пакете нет"
    mtls = [check for check in checks if check.channel is Channel.MTLS]
    if mtls and mtls != [judge_probes(probes)]:
        yield "verification.json", "вывод по mTLS не следует из проб"
    yield from _verdict(run, checks, read)


def _plan(read: Callable[[str], Any | None]) -> tuple[Plan | None, str]:
    before, order = read("state/before.json"), read("order.json")
    if before is None or order is None:
        return None, "нет order.json"
    try:
        return make_plan(AccessSettings(before), RecordedOrder.read(order)), ""
    except RunFailed as error:
        return None, str(error).split(".")[0]


def _states(
    plan: Plan, checks: list[Check], read: Callable[[str], Any | None]
) -> Iterator[tuple[str, str]]:
    expected = read("state/expected.json")
    if expected is None or not same_settings(AccessSettings(expected), plan.expected):
        yield "state/expected.json", "из before и заказа следует другое"
    raw = read("state/after.json")
    if raw is None:
        return
    after = AccessSettings(raw)
    moved = plain([asdict(d) for d in differences(plan.before, after)])
    if _unordered(read("state/diff.json")) != _unordered(moved):
        yield "state/diff.json", "разница между before и after другая"
    said = [check.result for check in checks if check.channel is Channel.API]
    if said and said != [judge_settings(plan.expected, after).result]:
        yield "state/after.json", "сравнение after с expected даёт не то, что записано"


def _unordered(value: Any) -> bytes:
    """A value's bytes with lists in one order: people's aliases sort unlike their numbers."""
    if isinstance(value, list):
        return b"[%s]" % b",".join(sorted(map(_unordered, value)))
    if isinstance(value, dict):
        pairs = (canonical_json(key) + b":" + _unordered(value[key]) for key in sorted(value))
        return b"{%s}" % b",".join(pairs)
    return canonical_json(value)


def _probes(plan: Plan, probes: list[Probe]) -> Iterator[tuple[str, str]]:
    for probe in probes:
        settings = plan.before if probe.moment == "before" else plan.expected
        index = plan.control_index if probe.control else plan.index
        if probe.expected is not expected_answer(settings, probe.block, index):
            yield (
                "verification.json",
                f"проба {probe.block} ({probe.moment}): ожидание не следует из настроек",
            )


def _verdict(
    run: Mapping[str, Any], checks: list[Check], read: Callable[[str], Any | None]
) -> Iterator[tuple[str, str]]:
    text = read("steps.ndjson")
    steps = [step_record(json.loads(line)) for line in (text or "").splitlines()]
    failure = Failure(**run["failure"]) if run["failure"] else None
    reached = reach_verdict(sorted(steps, key=lambda s: s.step.position), checks, failure)
    if canonical_json(reached) != canonical_json(run["verdict"]):
        yield "run.json", f"из шагов и проверок следует {reached.kind}, а записано другое"
    counted = {o: sum(1 for s in steps if s.outcome is o) for o in Outcome}
    if canonical_json(counted) != canonical_json(run["steps"]):
        yield "run.json", "шагов в steps.ndjson другое число"
    complete = all(
        read(f"state/{name}.json") is not None for name in ("before", "expected", "after", "diff")
    )
    if run["verdict"]["kind"] == VerdictKind.PASSED and not complete:
        yield "run.json", "PASSED без состояний до и после"
