"""Whether a pack's times follow one another, read a second time; see `second_reading.py`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise

from .second_story import Rule, Story

SLACK = timedelta(seconds=2)
FAR = timedelta(minutes=10)


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
        taken = moment(facts["taken_at_utc"])
        if abs(moment(facts["taken_at_local"]) - taken) > SLACK:
            yield f"picture {number} has another local time"
        place = story.step_of(facts)
        if place is None or story.steps[place]["started_at"] is None:
            continue
        began = moment(story.steps[place]["started_at"])
        lasted = timedelta(milliseconds=story.steps[place]["duration_ms"] or 0)
        if not began - SLACK <= taken <= began + lasted + SLACK:
            yield f"picture {number} was not taken during its step"


def service_clock(story: Story) -> Iterator[str]:
    for number, call in story.calls.items():
        if call["date"] is not None:
            answered = parsedate_to_datetime(call["date"])
            if abs(answered - moment(call["sent_at"])) > FAR:
                yield f"call {number} was answered at another time"


RULES: tuple[Rule, ...] = (
    in_order,
    pictures_in_their_steps,
    service_clock,
)
