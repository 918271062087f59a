"""Callouts on pictures, drawn after the shot: the page itself is never touched.

The raw picture stays as evidence. The annotated one is derived from it: the guide's mark on the
control, and a labelled frame around the page, since a headless browser shows neither an address
bar nor a clock. Same input, same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageDraw, ImageStat

from sigex_runbook.core.errors import ControlNotFound, RunFailed
from sigex_runbook.core.guide import Guide
from sigex_runbook.core.record import Box, CaptureFacts, PageFacts

from .frame import MARGIN, Framed, Line, framed
from .lettering import font
from .pixels import (
    MASK,
    RED,
    WHITE,
    Area,
    area_of,
    clip,
    grow,
    open_png,
    shift,
    to_png,
    with_palette,
)

_LINE_CONTRAST = 400
_BADGE = 34
_GAP = 4


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the mark goes, in pixels of the raw picture (negative: in the margin)."""

    control: Area
    outline: Area
    badge: Area


def mask(raw_png: bytes, boxes: Iterable[Box]) -> tuple[bytes, Image.Image]:
    """Cover places of a picture with opaque boxes: its PNG then, and its pixels.

    Raises RunFailed when a box is empty or does not lie within the picture: a mask that hides
    nothing must stop the run. Without boxes the bytes come back as they are.
    """
    picture, covered = open_png(raw_png), list(boxes)
    cover(picture, covered)
    return to_png(picture) if covered else raw_png, picture


def cover(picture: Image.Image, boxes: Iterable[Box]) -> None:
    """Draw opaque boxes over a picture. Raises RunFailed as `mask` does."""
    draw = ImageDraw.Draw(picture)
    for box in boxes:
        left, top, right, bottom = area = area_of(box)
        if right <= left or bottom <= top or clip(area, picture.size) != area:
            raise RunFailed(
                f"Закрываемое место ({box.x:g}, {box.y:g}, {box.width:g} x {box.height:g}) "
                f"не лежит внутри снимка {picture.width} x {picture.height}: личные данные могли "
                "остаться видны. Снимок не сохранён; проверьте, что закрывается на этой странице."
            )
        draw.rectangle((left, top, right - 1, bottom - 1), fill=MASK)


def annotate(picture: Image.Image, facts: CaptureFacts, guide: Guide) -> Image.Image:
    """The picture with its callout and its frame.

    Colours are reduced to a palette (a third of the size, half of the time): flat areas keep
    theirs, edges of letters may move by a few levels. Raises ControlNotFound when the control's
    box is empty or lies outside the picture, RunFailed when the picture is not the size that
    `facts` says (then the mark would land on something else).
    """
    if picture.size != (facts.viewport_width, facts.viewport_height):
        raise RunFailed(
            f"Снимок {facts.number} имеет размер {picture.width} x {picture.height}, а окно "
            f"браузера {facts.viewport_width} x {facts.viewport_height}: выноску нельзя "
            "поставить точно. Отключите масштабирование экрана и повторите.",
            section=facts.section,
            callout=facts.callout,
        )
    placement = place(picture, facts)
    page = framed(picture, *bands(facts, guide))
    _mark(page, placement, facts.callout)
    return with_palette(page.canvas)


def place(picture: Image.Image, facts: CaptureFacts) -> Placement:
    """Choose where box and badge go, so that the badge covers as little of the page as possible.

    The badge never touches the control. Raises ControlNotFound as `annotate` does.
    """
    control = clip(area_of(facts.box), picture.size)
    whole = facts.box.width * facts.box.height
    seen = (control[2] - control[0]) * (control[3] - control[1])
    if (
        facts.box.width < 1
        or facts.box.height < 1
        or control[2] <= control[0]
        or control[3] <= control[1]
        or seen < whole / 2
    ):
        raise ControlNotFound(
            f"Выноска {facts.callout}: элемент управления не виден на снимке "
            f"(место {facts.box.x:g}, {facts.box.y:g}, размер {facts.box.width:g} x "
            f"{facts.box.height:g}, снимок {picture.width} x {picture.height}). Проверьте "
            "страницу и описание элемента.",
            section=facts.section,
            callout=facts.callout,
        )
    outline = grow(control, 4)
    return Placement(control, outline, badge_place(picture, outline, _BADGE))


def badge_place(picture: Image.Image, outline: Area, size: int, taken: Iterable[Area] = ()) -> Area:
    """Where beside an outline a square badge hides least, off the places that are taken."""
    full = list(taken)
    ranked = []
    for rank, where in enumerate(_badge_places(outline, size)):
        overlaps = any(_overlap(where, one) for one in full)
        ranked.append((overlaps, _hidden(picture, where) + rank, rank, where))
        if min(ranked) < (False, rank + 1):
            break  # what is liked less cannot hide as little
    return min(ranked)[3]


def _overlap(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _badge_places(outline: Area, size: int) -> list[Area]:
    """Places beside the outline in order of liking: before the control, behind it, above, below."""
    left, top, right, bottom = outline
    middle = (top + bottom - size) // 2
    before, behind = left - _GAP - size, right + _GAP
    above, below = top - _GAP - size, bottom + _GAP
    centre = (left + right - size) // 2
    corners = [
        (before, middle),
        (behind, middle),
        (left, above),
        (right - size, above),
        (left, below),
        (right - size, below),
        (centre, above),
        (centre, below),
        (before, above),
        (behind, above),
        (before, below),
        (behind, below),
    ]
    return [(x, y, x + size, y + size) for x, y in corners]


def _hidden(picture: Image.Image, badge: Area) -> float:
    """How much a badge there would hide, or infinity when it does not fit.

    Contrast under the badge, scaled so that a letter weighs more than any place in the order of
    liking, and a thin line or a gradient less than two.
    """
    width, height = picture.size
    if (
        badge[0] < 2 - MARGIN
        or badge[1] < 2 - MARGIN
        or badge[2] > width + MARGIN - 2
        or badge[3] > height + MARGIN - 2
    ):
        return math.inf
    under = clip(badge, picture.size)
    if under[2] <= under[0] or under[3] <= under[1]:
        return 0
    return math.fsum(ImageStat.Stat(picture.crop(under)).var) / _LINE_CONTRAST


def _mark(page: Framed, where: Placement, number: int) -> None:
    draw = page.draw
    left, top, right, bottom = shift(where.outline, page.at)
    inner = (left + 1, top + 1, right - 2, bottom - 2)
    # White on both sides: the red line stays visible on a red page and in a black and white print.
    draw.rectangle((left - 1, top - 1, right, bottom), outline=WHITE)
    draw.rectangle((left, top, right - 1, bottom - 1), outline=RED, width=3)
    draw.rectangle((inner[0] + 2, inner[1] + 2, inner[2] - 2, inner[3] - 2), outline=WHITE)
    stamp, alpha = _badge(number)
    page.canvas.paste(stamp, shift(where.badge, page.at)[:2], alpha)


@cache
def _badge(number: int) -> tuple[Image.Image, Image.Image]:
    """A round badge with its number and its mask, drawn four times as large for smooth edges."""
    scale = 4
    size = _BADGE * scale
    alpha = Image.new("L", (size, size), 0)
    ImageDraw.Draw(alpha).ellipse((0, 0, size - 1, size - 1), fill=255)
    stamp = Image.new("RGB", (size, size), WHITE)
    draw = ImageDraw.Draw(stamp)
    ring = 2 * scale
    draw.ellipse((ring, ring, size - 1 - ring, size - 1 - ring), fill=RED)
    face = font(19 * scale if number < 10 else 17 * scale, bold=True)
    draw.text((size / 2, size / 2), str(number), font=face, fill=WHITE, anchor="mm")
    small = (_BADGE, _BADGE)
    resample = Image.Resampling.LANCZOS
    return stamp.resize(small, resample), alpha.resize(small, resample)


def bands(facts: CaptureFacts, guide: Guide) -> tuple[list[Line], list[Line]]:
    """What stands above a callout's picture and below it. Raises RunFailed for a callout that is
    not in its section."""
    return _head(facts, guide), _foot(facts, guide)


def _head(facts: CaptureFacts, guide: Guide) -> list[Line]:
    section = guide.section(facts.section)
    callout = next((c for c in section.callouts if c.number == facts.callout), None)
    if callout is None:
        raise RunFailed(
            f"В разделе {facts.section} инструкции нет выноски {facts.callout}. "
            "Сообщите разработчику.",
            section=facts.section,
            callout=facts.callout,
        )
    return [
        Line(f"Раздел {section.number}. {section.title.ru}", "title"),
        Line(f"Выноска {callout.number}: {callout.control.ru}", "strong"),
        Line(f"В инструкции: «{callout.wording.ru}»"),
        Line(f"Шаг: {facts.step}", "quiet"),
    ]


def _foot(facts: CaptureFacts, guide: Guide) -> list[Line]:
    total = sum(len(section.callouts) for section in guide.sections)
    which = f"снимок {facts.number} · выноска {facts.callout} из {total}"
    return circumstances(facts, which)


def circumstances(facts: PageFacts, which: str) -> list[Line]:
    """What stands below every picture: address, page, time, run and person."""
    who = [
        f"Вошёл: {facts.identity}" if facts.identity else "",
        f"Среда: {facts.environment}" if facts.environment else "",
    ]
    lines = [
        Line(f"Адрес: {facts.url}", "strong"),
        Line(f"Страница: {facts.title}"),
        Line(f"Время UTC: {facts.taken_at_utc} · местное: {facts.taken_at_local}"),
        Line(f"Запуск: {facts.run_id} · {which}"),
        Line(" · ".join(part for part in who if part)),
    ]
    return [line for line in lines if line.text]
