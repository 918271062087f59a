"""Whether a pack's pictures are of its steps, read a second time; see `second_reading.py`."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from . import second_times
from .second_story import SECTION_OF, Rule, Story, under

_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def numbering(story: Story) -> Iterator[str]:
    if any(name.startswith("screens/failure") for name in story.files):
        yield "a picture of a failure"
    if list(story.screens) != list(range(1, len(story.screens) + 1)):
        yield "pictures are not numbered one after another"
    for number, screen in story.screens.items():
        if screen["facts"]["number"] != number:
            yield f"picture {number} is numbered {screen['facts']['number']}"
        if screen["facts"]["run_id"] != story.said["run_id"]:
            yield f"picture {number} is of another run"
        for kind in kinds(screen):
            if screen[kind]["path"] != f"screens/{number:03d}-{kind}.png":
                yield f"picture {number} lies elsewhere"


def kinds(screen: Any) -> tuple[str, ...]:
    return ("raw",) if screen["annotated"] is None else ("raw", "annotated")


def steps(story: Story) -> Iterator[str]:
    """Each is of one of the steps, in their order, and every callout is marked."""
    places = []
    for number, screen in story.screens.items():
        place = story.step_of(screen["facts"])
        if place is None:
            yield f"picture {number} belongs to no step"
        else:
            places.append(place)
    if places != sorted(places):
        yield "pictures are not in the order of steps"
    marked = {s["facts"]["callout"] for s in story.screens.values() if s["annotated"] is not None}
    if missing := SECTION_OF.keys() - marked:
        yield f"no marked picture of {sorted(missing)}"


def addresses(story: Story) -> Iterator[str]:
    """All at the target; the checkboxes and the button are on one page."""
    target = story.run["target"].rstrip("/")
    for number, screen in story.screens.items():
        facts = screen["facts"]
        if facts["environment"].rstrip("/") != target or not under(facts["url"], target):
            yield f"picture {number} is of a page elsewhere"
    pages = {
        urlsplit(screen["facts"]["url"]).path
        for screen in story.screens.values()
        if screen["facts"]["callout"] >= 5
    }
    if len(pages) > 1:
        yield "callouts (5) to (13) are on different pages"


def signed_in(story: Story) -> Iterator[str]:
    """Nobody yet at the icon (1), the same employee from then on."""
    for number, screen in story.screens.items():
        before_signing_in = screen["facts"]["identity"] is None and screen["facts"]["section"] == 1
        if (
            not before_signing_in
            and screen["facts"]["identity"] != story.run["session"]["identity"]
        ):
            yield f"somebody else is signed in on picture {number}"


def pixels(story: Story) -> Iterator[str]:
    """The raw picture is as large as the page was, the control lies on it; a marked one is made of
    its raw one, is no copy of it, and is of one callout alone."""
    for number, screen in story.screens.items():
        facts, box = screen["facts"], screen["facts"]["box"]
        size = facts["viewport_width"], facts["viewport_height"]
        data = story.files[screen["raw"]["path"]]
        if data[:8] != _SIGNATURE or struct.unpack(">II", data[16:24]) != size:
            yield f"picture {number} is not as large as the page"
        for start, length, whole in (
            (box["x"], box["width"], size[0]),
            (box["y"], box["height"], size[1]),
        ):
            if not (length > 0 and start >= 0 and start + length <= whole):
                yield f"picture {number} does not show its control"
        if screen["annotated"] is not None:
            if screen["annotated"]["parent"] != screen["raw"]["sha256"]:
                yield f"picture {number} was marked on another"
            if screen["annotated"]["sha256"] == screen["raw"]["sha256"]:
                yield f"picture {number} bears no mark"
    seen = Counter(s["annotated"]["sha256"] for s in story.screens.values() if s["annotated"])
    if any(count > 1 for count in seen.values()):
        yield "one marked picture is shown twice"


def failure(story: Story) -> Iterator[str]:
    """The picture of a failure is of the step that failed, says what the step says, and was taken
    then by whoever had signed in to that service."""
    failed = [record for record in story.steps if record["outcome"] == "failed"]
    if "screens/failure.json" not in story.files or not failed:
        return  # whoever was killed in between has one without the other
    facts, [record] = story.json("screens/failure.json")["facts"], failed
    shown = facts["section"], facts["callout"], facts["message"]
    if shown != (record["step"]["section"], record["step"]["callout"], record["message"]):
        yield "the picture of the failure tells of another"
    if facts["environment"].rstrip("/") != story.run["target"].rstrip("/"):
        yield "the picture of the failure is of another service"
    identity = story.run["session"].get("identity")
    if identity is not None and facts["identity"] not in (None, identity):
        yield "somebody else is signed in on the picture of the failure"
    if not second_times.within(record, facts["taken_at_utc"]):
        yield "the picture of the failure is of another time"


RULES: tuple[Rule, ...] = (numbering, steps, addresses, signed_in, pixels)
