"""The steps: the same in steps.ndjson, in junit.xml and in the features, one for each callout."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from sigex_runbook.errors import RunFailed
from sigex_runbook.evidence.layout import STEPS
from sigex_runbook.evidence.reckoning import RecordedOrder
from sigex_runbook.plan import make_plan
from sigex_runbook.record import Outcome

from .record import Fault, Record, callouts

_JUNIT = "junit.xml"
_OUTCOMES = {"failure": Outcome.FAILED, "skipped": Outcome.NOT_RUN}


def reported(record: Record) -> Iterator[Fault]:
    """junit.xml, where there is one, tells of the same steps, outcomes and durations."""
    data = record.files.get(_JUNIT)
    if data is None:
        return
    told = [
        (s.step.position, s.outcome, f"{(s.duration_ms or 0) / 1000:.3f}") for s in record.steps
    ]
    try:
        root = _xml(data)
        cases = [
            (int(case.attrib["name"][:3]), _outcome(case), case.attrib["time"])
            for case in root.iter("testcase")
        ]
        sums = [int(root.attrib[name]) for name in ("tests", "failures", "errors", "skipped")]
    except (ET.ParseError, KeyError, ValueError):
        yield _JUNIT, "это не отчёт JUnit о шагах"
        return
    failed, skipped = (sum(1 for s in record.steps if s.outcome is o) for o in _OUTCOMES.values())
    if cases != told or sums != [len(told), failed, 0, skipped]:
        yield _JUNIT, "шаги, их исходы или длительности не те, что в steps.ndjson"


def reported_at_all(record: Record) -> Iterator[Fault]:
    """There is a junit.xml."""
    if _JUNIT not in record.files:
        yield _JUNIT, "отчёта JUnit нет"


def worded(record: Record) -> Iterator[Fault]:
    """Every callout of the guide has its one step, and each step stands in the pack's features."""
    steps = [one.step for one in record.steps]
    if sorted(step.callout for step in steps if step.callout) != list(callouts()):
        yield STEPS, "не у каждой выноски (1)–(13) ровно один шаг"
    if [step.position for step in steps] != list(range(1, len(steps) + 1)):
        yield STEPS, "шаги занумерованы не подряд"
    lines = {
        line.strip()
        for name, data in record.files.items()
        if name.startswith("features/")
        for line in data.decode("utf-8").splitlines()
    }
    for step in steps:
        if f"{step.keyword} {step.text}" not in lines:
            yield STEPS, f"шага {step.position} нет в features/"


def ordered(record: Record) -> Iterator[Fault]:
    """A step that says that it gave, took or kept access did so by the order and the settings."""
    before = record.settings("before")
    if before is None:
        return
    try:
        acts = make_plan(before, RecordedOrder.read(record.order)).acts
    except RunFailed:
        return  # said already: no plan follows from these
    for step in (one.step for one in record.steps):
        if step.act is not None and step.act is not acts.get(step.section):
            yield (
                STEPS,
                f"шаг {step.position} — «{step.act}», а из заказа и настроек следует другое",
            )


def _xml(data: bytes) -> ET.Element:
    """Raises ParseError; ValueError for a document type, which could swell, or another encoding,
    which could hide one."""
    if not data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>') or b"<!DOCTYPE" in data:
        raise ValueError("DOCTYPE")
    return ET.fromstring(data)  # noqa: S314 - no document type, so no entities


def _outcome(case: ET.Element) -> Outcome:
    return next((o for tag, o in _OUTCOMES.items() if case.find(tag) is not None), Outcome.PASSED)
