"""The pictures of a success: one for each callout, each under its number and at its step."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from urllib.parse import urlsplit

from sigex_runbook.evidence.pack.layout import FAILURE, RUN, SCREENS
from sigex_runbook.evidence.pack.read import Record

from .faults import Fault, callouts, failed_step, gaps

ACCESS_CONTROL = 3
"""The section whose link opens the page of the access blocks."""

_HEADER = 24
"""Bytes of a PNG up to the end of its size."""


def numbered(record: Record) -> Iterator[Fault]:
    """No number is left out, and every picture lies under the number of its description."""
    yield from gaps(SCREENS, [capture.name for capture in record.captures])
    for capture in record.captures:
        stem = f"{SCREENS}/{capture.facts['number']:03d}"
        pictures = [one["path"] for one in (capture.raw, capture.annotated) if one is not None]
        if capture.name != f"{stem}.json" or any(
            not path.startswith(f"{stem}-") for path in pictures
        ):
            yield capture.name, "это снимок под другим номером"


def placed(record: Record) -> Iterator[Fault]:
    """Every picture shows a step of the run, in the order of the steps."""
    places = {
        (one.step.section, one.step.callout, one.step.text): one.step.position
        for one in record.steps
    }
    latest = 0
    for capture in record.captures:
        facts = capture.facts
        place = places.get((facts["section"], facts["callout"], facts["step"]))
        if place is None:
            yield capture.name, "такого шага с такой выноской в запуске нет"
        elif place < latest:
            yield capture.name, "снимки идут не в порядке шагов"
        latest = max(latest, place or 0)


def on_one_page(record: Record) -> Iterator[Fault]:
    """What follows the link (4) is on one page: the blocks, their checkboxes and the button."""
    pages = [
        (capture.name, urlsplit(capture.facts["url"]).path)
        for capture in record.captures
        if capture.facts["section"] > ACCESS_CONTROL
    ]
    for name, page in pages:
        if page != pages[-1][1]:
            yield name, "выноски (5)–(13) сняты на разных страницах"


def drawn(record: Record) -> Iterator[Fault]:
    """A raw picture is as large as the page and holds the control; the one with the mark differs
    from it, and from every other."""
    seen: set[str] = set()
    for capture in record.captures:
        facts, box = capture.facts, capture.facts["box"]
        size = facts["viewport_width"], facts["viewport_height"]
        if _size(record.files[capture.raw["path"]]) != size:
            yield capture.name, "снимок не того размера, что страница"
        sides = ((box["x"], box["width"], size[0]), (box["y"], box["height"], size[1]))
        if any(at < 0 or length <= 0 or at + length > whole for at, length, whole in sides):
            yield capture.name, "выноски нет на снимке"
        if capture.annotated is not None:
            marked = capture.annotated["sha256"]
            if marked == capture.raw["sha256"] or marked in seen:
                yield capture.name, "снимок без пометки или показан дважды"
            seen.add(marked)


def _size(png: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, None for anything else."""
    if len(png) < _HEADER or not png.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    width, height = struct.unpack(">II", png[16:_HEADER])
    return width, height


def of_failure(record: Record) -> Iterator[Fault]:
    """The picture of a failure tells of the step that failed, in that service."""
    if (failure := failed_step(record)) is None:
        return
    one, facts = failure
    told = (one.step.section, one.step.callout, one.message, record.run["target"])
    identity = record.run["session"].get("identity")
    if (
        told != (facts["section"], facts["callout"], facts["message"], facts["environment"])
        # nobody is named when the kernel was killed
        or (identity is not None and facts["identity"] not in (None, identity))
    ):
        yield f"{FAILURE}.json", "снимок не о том сбое, что записан в шаге"


def complete(record: Record) -> Iterator[Fault]:
    """Every callout is shown, and no screen of a failure."""
    shown = {one.facts["callout"] for one in record.captures if one.annotated is not None}
    lacking = sorted(set(callouts()) - shown)
    if lacking:
        numbers = ", ".join(f"({number})" for number in lacking)
        yield RUN, f"сбоя не записано, а выносок {numbers} на снимках нет"
    for name in record.files:
        if name.startswith(FAILURE):
            yield name, "снимок сбоя, а сбоя не записано"
