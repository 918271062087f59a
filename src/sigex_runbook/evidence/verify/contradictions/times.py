"""Times: things are dated in the order in which they happened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

from sigex_runbook.core.record import StepRecord
from sigex_runbook.core.verdict import Saved
from sigex_runbook.evidence.pack.layout import AFTER, FAILURE, RUN, STEPS
from sigex_runbook.evidence.pack.read import EMPLOYEE, Call, Capture, Record, known_error

from .faults import Fault, callouts, failed_step

SLACK = timedelta(seconds=2)
"""Times are written to the second in some files and to the millisecond in others."""

APART = timedelta(minutes=10)
"""How far this machine's clock and the service's may be apart in one call."""

NEAR_SECONDS = 5
"""How far the offset of the clock may be from what one of the answers shows."""

SUMMER_TIME = timedelta(hours=1)
"""By how much the zone may change during a run."""

DAY = timedelta(days=1)

Span = tuple[datetime, datetime]


def disorder(record: Record, sealed_at: datetime) -> Iterator[Fault]:
    """Times that do not follow each other as the things did."""
    finished = record.finished_at
    if finished > sealed_at + SLACK:
        yield RUN, "запуск окончен позже, чем заверен"
    spans = {
        one.step.position: _span(one, one.started_at) for one in record.steps if one.started_at
    }
    for row in (
        [(STEPS, start) for start, _ in spans.values()],
        [(capture.name, capture.taken_at) for capture in record.captures],
        [(call.name, call.sent_at) for call in record.calls],
    ):
        for (_, earlier), (name, later) in pairwise([*row, (RUN, finished)]):
            if earlier > later + SLACK:
                yield name, "времена идут не по порядку"
                break
    for capture in record.captures:
        yield from _taken(capture, _during(capture, record, spans))
    for call in record.calls:
        yield from _answered(call, known_error(record.run))
    if (failure := failed_step(record)) is not None:
        one, facts = failure
        start, end = _span(one, one.started_at or facts["taken_at_utc"])
        taken = datetime.fromisoformat(facts["taken_at_utc"])
        if not start - SLACK <= taken <= end + SLACK:
            yield f"{FAILURE}.json", "снимок сбоя сделан не во время своего шага"


def lasted(record: Record) -> Iterator[Fault]:
    """A step begins when the one before it has ended, and the run ends after its last step."""
    spans = [_span(one, one.started_at) for one in record.steps if one.started_at]
    for (_, ended), (start, _) in pairwise([*spans, (record.finished_at, record.finished_at)]):
        if ended > start + SLACK:
            yield STEPS, "шаг начат раньше, чем кончен прежний, или кончен позже запуска"
            break


def clocked(record: Record) -> Iterator[Fault]:
    """The clock was read at the run's end, in the zone of the pictures; how far it is from the
    service's is seen in the answers."""
    clock = record.run["session"]["clock"]
    local = datetime.fromisoformat(clock["local"])
    if abs(local - record.finished_at) > APART:
        yield RUN, "часы прочтены не в конце запуска"
    for capture in record.captures:
        there = datetime.fromisoformat(capture.facts["taken_at_local"])
        if abs(_zone(there) - _zone(local)) > SUMMER_TIME:
            yield capture.name, "местное время снимка — другого часового пояса"
    offset = clock["offset_from_server_seconds"]
    seen = [
        (call.sent_at - told).total_seconds()
        for call in record.calls
        if (told := _date(call.date)) is not None
    ]
    if offset is not None and seen and min(abs(offset - one) for one in seen) > NEAR_SECONDS:
        yield RUN, "расхождение часов не то, что видно по ответам сервиса"


def saved(record: Record) -> Iterator[Fault]:
    """The information systems tried their grants before and after the button (13), when the service
    says that the settings were modified; their lists are asked for up to then."""
    pressed = [
        datetime.fromisoformat(one.started_at)
        for one in record.steps
        if one.step.callout == callouts()[-1] and one.started_at
    ]
    tries = [call for call in record.calls if call.actor != EMPLOYEE]
    for number, call in enumerate(tries):
        early = number < len(tries) // 2
        for moment in pressed:
            if call.sent_at > moment + SLACK if early else call.sent_at < moment - SLACK:
                yield call.name, "проба сделана не до и не после нажатия кнопки (13)"
        for until in call.asked.get("until", ()):
            earliest, latest = call.sent_at - SLACK, call.sent_at + 2 * DAY
            if not _milliseconds(earliest) <= int(until) <= _milliseconds(latest):
                yield call.name, "список спрошен за другое время"
    after = record.settings("after")
    modified = None if after is None else after.body.get("modifiedAt")
    if record.run["saved"] == Saved.YES and modified is not None:
        late = modified > _milliseconds(record.finished_at + APART)
        if late or any(modified < _milliseconds(moment - APART) for moment in pressed):
            yield AFTER, "сервис изменил настройки не тогда, когда нажата кнопка (13)"


OF_A_SUCCESS = (lasted, clocked, saved)


def _milliseconds(moment: datetime) -> float:
    """As the service tells times."""
    return moment.timestamp() * 1000


def _zone(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()


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


def _answered(call: Call, ahead: timedelta) -> Iterator[Fault]:
    told = _date(call.date)
    apart = timedelta(0) if told is None else call.sent_at - told
    if abs(apart) > APART and abs(apart - ahead) > APART:
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
