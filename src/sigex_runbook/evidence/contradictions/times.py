"""Times: things are dated in the order in which they happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

from sigex_runbook.evidence.layout import STEPS
from sigex_runbook.record import StepRecord

from .record import Call, Capture, Fault, Record

SLACK = timedelta(seconds=2)
"""Times are written to the second in some files and to the millisecond in others."""

APART = timedelta(minutes=10)
"""How far this machine's clock and the service's may be apart in one call."""

Span = tuple[datetime, datetime]


def disorder(record: Record, sealed_at: datetime) -> Iterator[Fault]:
    """Times that do not follow each other as the things did."""
    finished = record.finished_at
    if finished > sealed_at + SLACK:
        yield "run.json", "запуск окончен позже, чем заверен"
    spans = {
        one.step.position: _span(one, one.started_at) for one in record.steps if one.started_at
    }
    for row in (
        [(STEPS, start) for start, _ in spans.values()],
        [(capture.name, capture.taken_at) for capture in record.captures],
        [(call.name, call.sent_at) for call in record.calls],
    ):
        for (_, earlier), (name, later) in pairwise([*row, ("run.json", finished)]):
            if earlier > later + SLACK:
                yield name, "времена идут не по порядку"
                break
    for capture in record.captures:
        yield from _taken(capture, _during(capture, record, spans))
    for call in record.calls:
        yield from _answered(call)


def _taken(capture: Capture, during: list[Span]) -> Iterator[Fault]:
    taken = capture.taken_at
    local = datetime.fromisoformat(capture.facts["taken_at_local"])
    if abs(local - taken) > SLACK:
        yield capture.name, "местное время снимка — другой миг"
    if during and not any(start - SLACK <= taken <= end + SLACK for start, end in during):
        yield capture.name, "снимок сделан не во время своего шага"


def _during(capture: Capture, record: Record, spans: dict[int, Span]) -> list[Span]:
    """When the steps ran that this picture may show."""
    shown = (capture.facts["callout"], capture.facts["step"])
    return [
        spans[one.step.position]
        for one in record.steps
        if one.step.position in spans and (one.step.callout, one.step.text) == shown
    ]


def _answered(call: Call) -> Iterator[Fault]:
    told = _date(call.date)
    if told is not None and abs(told - call.sent_at) > APART:
        yield call.name, "время сервиса в ответе далеко от времени вызова"


def _date(header: str | None) -> datetime | None:
    """The moment of a Date header; None without one, or with one that is none."""
    try:
        told = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _span(one: StepRecord, started_at: str) -> Span:
    start = datetime.fromisoformat(started_at)
    return start, start + timedelta(milliseconds=one.duration_ms or 0)
