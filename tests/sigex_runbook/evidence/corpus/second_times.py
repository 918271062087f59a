"""Whether a pack's times follow one another, read a second time; see `second_reading.py`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .second_story import Rule, Story

SLACK = timedelta(seconds=2)
FAR = timedelta(minutes=10)
DAY = timedelta(days=1)


def moment(text: str) -> datetime:
    told = datetime.fromisoformat(text)
    if told.tzinfo is None:
        raise ValueError(f"no zone: {text}")
    return told.astimezone(UTC)


def in_order(story: Story) -> Iterator[str]:
    """Each kind of record in its own order, and nothing after the end."""
    end = moment(story.run["finished_at"])
    began = [moment(r["started_at"]) for r in story.steps if r["started_at"] is not None]
    taken = [moment(s["facts"]["taken_at_utc"]) for s in story.screens.values()]
    sent = [moment(call["sent_at"]) for call in story.calls.values()]
    for kind, times in (("steps", began), ("pictures", taken), ("calls", sent)):
        for earlier, later in pairwise(times):
            if later < earlier - SLACK:
                yield f"{kind} go back in time"
        if any(one > end + SLACK for one in times):
            yield f"{kind} after the end"
    if end > moment(story.said["sealed_at"]) + SLACK:
        yield "finished after it was sealed"


def pictures_in_their_steps(story: Story) -> Iterator[str]:
    for number, screen in story.screens.items():
        facts = screen["facts"]
        if abs(moment(facts["taken_at_local"]) - moment(facts["taken_at_utc"])) > SLACK:
            yield f"picture {number} has another local time"
        place = story.step_of(facts)
        if place is None or story.steps[place]["started_at"] is None:
            continue
        if not within(story.steps[place], facts["taken_at_utc"]):
            yield f"picture {number} was not taken during its step"


def within(record: Any, text: str) -> bool:
    """Whether something happened while that step ran."""
    began = moment(record["started_at"])
    lasted = timedelta(milliseconds=record["duration_ms"])
    return began - SLACK <= moment(text) <= began + lasted + SLACK


def service_clock(story: Story) -> Iterator[str]:
    run = story.run
    stopped = run["verdict"]["kind"] == "FAILED" and run["saved"] == "no"
    told = run["session"].get("clock", {}).get("offset_from_server_seconds") or 0
    error = timedelta(seconds=told if stopped and abs(told) <= 100 * 365 * 86_400 else 0)
    for number, call in story.calls.items():
        if call["date"] is not None:
            apart = moment(call["sent_at"]) - parsedate_to_datetime(call["date"])
            if min(abs(apart), abs(apart - error)) > FAR:
                yield f"call {number} was answered at another time"


def steps_do_not_overlap(story: Story) -> Iterator[str]:
    begins = [moment(record["started_at"]) for record in story.steps]
    ends = [
        begin + timedelta(milliseconds=record["duration_ms"])
        for begin, record in zip(begins, story.steps, strict=True)
    ]
    if any(begin < end - SLACK for end, begin in zip(ends, begins[1:], strict=False)):
        yield "a step began before the one before it ended"
    if ends and ends[-1] > moment(story.run["finished_at"]) + SLACK:
        yield "the last step ended after the run"
    limit = story.run["parameters"]["deadline_seconds"]
    if sum(record["duration_ms"] for record in story.steps) > limit * 1000:
        yield "the steps took longer than the run was given"


def machine_clock(story: Story) -> Iterator[str]:
    """The clock is read as the run ends, in the zone of the pictures; its offset is that of the
    service's answers."""
    clock = story.run["session"]["clock"]
    if abs(moment(clock["local"]) - moment(story.run["finished_at"])) > FAR:
        yield "the clock was read at another time"
    zone = datetime.fromisoformat(clock["local"]).replace(tzinfo=UTC) - moment(clock["local"])
    for number, screen in story.screens.items():
        local = screen["facts"]["taken_at_local"]
        there = datetime.fromisoformat(local).replace(tzinfo=UTC) - moment(local)
        if abs(there - zone) > timedelta(hours=1):  # as when the clocks go forward
            yield f"picture {number} was taken in another time zone"
    offsets = [
        (moment(call["sent_at"]) - parsedate_to_datetime(call["date"])).total_seconds()
        for call in story.calls.values()
        if call["date"] is not None
    ]
    told = clock["offset_from_server_seconds"]
    if told is not None and offsets and min(abs(told - one) for one in offsets) > 5:
        yield "the service's answers give the clock another offset"


def before_and_after(story: Story) -> Iterator[str]:
    """Until (13) is pressed the systems try what they may before, then what they may after."""
    pressed = [moment(r["started_at"]) for r in story.steps if r["step"]["callout"] == 13]
    calls = [call for call in story.calls.values() if call["actor"] != "employee"]
    sent = [moment(call["sent_at"]) for call in calls]
    half = len(sent) // 2
    if any(one > pressed[0] + SLACK for one in sent[:half]) or any(
        one < pressed[0] - SLACK for one in sent[half:]
    ):
        yield "the information systems tried at another time"
    for call, at in zip(calls, sent, strict=True):
        for until in parse_qs(urlsplit(call["url"]).query).get("until", ()):
            asked = datetime.fromtimestamp(int(until) / 1000, UTC)
            if not at - SLACK <= asked <= at + 2 * DAY:
                yield "documents of another time were asked for"


def saving(story: Story) -> Iterator[str]:
    """The service says that it was modified when (13) was pressed."""
    if story.run["saved"] != "yes":
        return
    told = story.json("state/after.json")["modifiedAt"]
    modified = datetime.fromtimestamp(told / 1000, UTC)
    [pressed] = [r for r in story.steps if r["step"]["callout"] == 13]
    end = moment(story.run["finished_at"])
    if not moment(pressed["started_at"]) - FAR <= modified <= end + FAR:
        yield "saved at another time than it was pressed"


ALWAYS: tuple[Rule, ...] = (in_order, pictures_in_their_steps, service_clock)
WELL: tuple[Rule, ...] = (
    steps_do_not_overlap,
    machine_clock,
    before_and_after,
    saving,
)
