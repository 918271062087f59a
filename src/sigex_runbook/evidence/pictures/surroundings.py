"""A callout's picture cut to the surroundings of its control, for pages that show all callouts.

The cut is taken from the annotated picture, whose mark is whole in it; same input, same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import Guide
from sigex_runbook.core.record import CaptureFacts

from .annotation import bands
from .frame import MARGIN, layout
from .pixels import Area, area_of, clip, grow, open_as_stored, shift, to_png

WIDTH = 640
"""A cut is that wide, unless its control is wider."""

_BESIDE = 52
"""Around the control: room for its outline and for the badge, wherever that stands."""

_LONGEST_TEXT = 4_000
"""Around a picture; breaking more into lines takes long, and no run leaves as much."""

_LEAD = 80
"""Left of the control; the right is where its words are."""

_HEIGHTS = {"expand": (70, 60), "tick": (470, 60)}
_OTHERWISE = (140, 90)
"""Above and below by the callout's action. Between a block's header and the tick of a system lie
roles and employees."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The cut as PNG, and whether it is too wide to stand beside text."""

    png: bytes
    wide: bool


def surroundings(annotated_png: bytes, facts: CaptureFacts, guide: Guide) -> Surroundings:
    """The surroundings of a callout's control. A picture that is not framed as this program frames
    it comes back whole: where its control is in it, nobody knows."""
    viewport = (facts.viewport_width, facts.viewport_height)
    try:
        picture = open_as_stored(annotated_png)
        head, foot = bands(facts, guide)
    except (RunFailed, KeyError):
        return Surroundings(annotated_png, wide=True)
    if sum(len(line.text) for line in (*head, *foot)) > _LONGEST_TEXT:
        return Surroundings(annotated_png, wide=True)
    frame = layout(viewport, head, foot)
    if picture.size != frame.size:
        return Surroundings(annotated_png, wide=True)
    action = next(c.action for s in guide.sections for c in s.callouts if c.number == facts.callout)
    cut = _around(clip(area_of(facts.box), viewport), viewport, *_HEIGHTS.get(action, _OTHERWISE))
    return Surroundings(to_png(picture.crop(shift(cut, frame.at))), wide=cut[2] - cut[0] > WIDTH)


def _around(control: Area, page: tuple[int, int], above: int, below: int) -> Area:
    """The place of the cut; the margin around the page, where a badge may stand, counts as page."""
    left, top, right, bottom = grow((0, 0, *page), MARGIN)
    needed = grow(control, _BESIDE)
    width = min(max(WIDTH, needed[2] - needed[0]), right - left)
    start = max(control[0] - _LEAD, needed[2] - width)
    start = max(left, min(start, right - width))
    return start, max(top, control[1] - above), start + width, min(bottom, control[3] + below)
