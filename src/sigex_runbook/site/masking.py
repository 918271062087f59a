"""Places of a page that no picture may show: numbers of people, and what nobody can read there.

Found twice, in two ways that know nothing of each other. A script in the page finds each number's
letters, so that only they are covered; then the browser is asked what it has drawn, pseudo-elements
and closed components included, and a number there that nothing covers stops the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import CDPSession, Page

from sigex_runbook.core.record import Box

_GAP = "[ \u00a0\u2007\u2009\u202f\u2010\u2011-]"
_TWELVE = re.compile(r"(?<!\d)\d{12}(?!\d)")
_ROW = re.compile(rf"(?<!\d)(?<!\d{_GAP})\d{{2,}}(?:{_GAP}\d{{2,}})+(?!{_GAP}?\d)")
_LENGTH = 12
_EDGE = 2

_lines: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


def browser_line(page: Page) -> CDPSession:
    """The way to ask the browser itself about a page, one for each."""
    if page not in _lines:
        _lines[page] = page.context.new_cdp_session(page)
        page.once("close", _forget)  # its line would keep the page alive
    return _lines[page]


def _forget(page: Page) -> None:
    _lines.pop(page, None)


def drawn_uncovered(page: Page, covers: Iterable[Box], *, keep: str) -> bool:
    """Whether the browser has drawn a number, other than `keep`, that none of the covers touches.

    Asked of the layout itself: texts of pseudo-elements, markers and closed components are there.
    Frames are covered whole, so theirs are left out.
    """
    places = tuple(covers)
    seen: dict[str, Any] = browser_line(page).send(
        "DOMSnapshot.captureSnapshot", {"computedStyles": []}
    )
    return any(
        not any(_touch(box, place) for place in places)
        for box in _drawn(seen["documents"][0], seen["strings"], keep)
        if _touch(box, _view(page))
    )


def _drawn(document: dict[str, Any], strings: list[str], keep: str) -> Iterator[Box]:
    """The boxes of text that hold a number, or a part of one."""
    left, top = document.get("scrollOffsetX", 0), document.get("scrollOffsetY", 0)
    boxes, texts = document["textBoxes"], document["layout"]["text"]
    for index, bounds, start, length in zip(
        boxes["layoutIndex"], boxes["bounds"], boxes["start"], boxes["length"], strict=True
    ):
        text = strings[texts[index]] if texts[index] >= 0 else ""
        if any(start < last and first < start + length for first, last in _numbers(text, keep)):
            yield Box(bounds[0] - left, bounds[1] - top, bounds[2], bounds[3])


def _numbers(text: str, keep: str) -> Iterator[tuple[int, int]]:
    for match in _TWELVE.finditer(text):
        if match[0] != keep:
            yield match.span()
    for match in _ROW.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if len(digits) == _LENGTH and digits != keep:
            yield match.span()


def _view(page: Page) -> Box:
    size = page.viewport_size or {"width": 0, "height": 0}
    return Box(0, 0, size["width"], size["height"])


def _touch(one: Box, other: Box) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def touches(box: Box, places: Iterable[Box]) -> bool:
    """Whether one of the places lies over the box; an edge in common is none."""
    within = Box(box.x + _EDGE, box.y + _EDGE, box.width - 2 * _EDGE, box.height - 2 * _EDGE)
    return any(_touch(within, place) for place in places)
