"""Callouts on pictures, drawn after the shot: the page itself is never touched.

The raw picture stays as evidence. The annotated one is derived from it: the guide's mark on the
control, and a labelled frame around the page, since a headless browser shows neither an address
bar nor a clock. Same input, same bytes.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFont, ImageStat

from sigex_runbook.errors import ControlNotFound, RunFailed
from sigex_runbook.guide import Guide
from sigex_runbook.record import Box, CaptureFacts

from .lettering import font, wrap

Area = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels, the last two not included."""

_MARGIN = 46
"""White space around the page, wide enough for a badge beside a control at its very edge."""
_MINIMUM_WIDTH = 640
_LINE_CONTRAST = 400
_PADDING = 10
_BADGE = 34
_GAP = 4
_RED = (200, 16, 46)
_WHITE = (255, 255, 255)
_INK = (24, 28, 34)
_QUIET = (84, 92, 104)
_BAND = (238, 241, 245)
_EDGE = (120, 130, 144)
_MASK = (70, 70, 70)
_OURS = (_RED, _WHITE, _INK, _QUIET, _BAND, _EDGE, _MASK)

_EXACT_COLOURS, _FILL_COLOURS = 176, 64
_COUNTED_COLOURS = 1 << 18
_COMPRESS_LEVEL = 2  # of 1-9: 6 ms and 71 KB where 4 takes 9 ms for 61 KB


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the mark goes, in pixels of the raw picture (negative: in the margin)."""

    control: Area
    outline: Area
    badge: Area


def mask(raw_png: bytes, boxes: Iterable[Box]) -> bytes:
    """Cover places of a picture with opaque boxes.

    Raises RunFailed when a box is empty or does not lie within the picture: a mask that hides
    nothing must stop the run. Without boxes the bytes come back as they are.
    """
    covered = list(boxes)
    if not covered:
        return raw_png
    picture = _open(raw_png)
    draw = ImageDraw.Draw(picture)
    for box in covered:
        left, top, right, bottom = area = _area(box)
        if right <= left or bottom <= top or _clip(area, picture.size) != area:
            raise RunFailed(
                f"Закрываемое место ({box.x:g}, {box.y:g}, {box.width:g} x {box.height:g}) "
                f"не лежит внутри снимка {picture.width} x {picture.height}: личные данные могли "
                "остаться видны. Снимок не сохранён; проверьте, что закрывается на этой странице."
            )
        draw.rectangle((left, top, right - 1, bottom - 1), fill=_MASK)
    return _png(picture)


def annotate(raw_png: bytes, facts: CaptureFacts, guide: Guide) -> bytes:
    """The picture with its callout and its frame, as PNG.

    Colours are reduced to a palette (a third of the size, half of the time): flat areas keep
    theirs, edges of letters may move by a few levels. Raises ControlNotFound when the control's
    box is empty or lies outside the picture, RunFailed when the picture is not the size that
    `facts` says (then the mark would land on something else).
    """
    picture = _open(raw_png)
    if picture.size != (facts.viewport_width, facts.viewport_height):
        raise RunFailed(
            f"Снимок {facts.number} имеет размер {picture.width} x {picture.height}, а окно "
            f"браузера {facts.viewport_width} x {facts.viewport_height}: выноску нельзя "
            "поставить точно. Отключите масштабирование экрана и повторите.",
            section=facts.section,
            callout=facts.callout,
        )
    placement = place(picture, facts)
    width = max(picture.width + 2 * _MARGIN, _MINIMUM_WIDTH)
    head = _lay_out(_head(facts, guide), width)
    foot = _lay_out(_foot(facts, guide), width)
    left, top = (width - picture.width) // 2, _height(head) + _MARGIN
    foot_top = top + picture.height + _MARGIN

    canvas = Image.new("RGB", (width, foot_top + _height(foot)), _WHITE)
    draw = ImageDraw.Draw(canvas)
    _band(draw, head, (0, 0, width, _height(head)))
    _band(draw, foot, (0, foot_top, width, canvas.height))
    draw.rectangle((left - 1, top - 1, left + picture.width, top + picture.height), outline=_EDGE)
    canvas.paste(picture, (left, top))
    _mark(canvas, draw, placement, facts.callout, (left, top))
    return _png(_with_palette(canvas))


def place(picture: Image.Image, facts: CaptureFacts) -> Placement:
    """Choose where box and badge go, so that the badge covers as little of the page as possible.

    The badge never touches the control. Raises ControlNotFound as `annotate` does.
    """
    control = _clip(_area(facts.box), picture.size)
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
    outline = _grow(control, 4)
    badge = min(
        enumerate(_badge_places(outline)),
        key=lambda ranked: (_hidden(picture, ranked[1]) + ranked[0], ranked[0]),
    )[1]
    return Placement(control, outline, badge)


def _badge_places(outline: Area) -> list[Area]:
    """Places beside the outline in order of liking: before the control, behind it, above, below."""
    left, top, right, bottom = outline
    middle = (top + bottom - _BADGE) // 2
    before, behind = left - _GAP - _BADGE, right + _GAP
    above, below = top - _GAP - _BADGE, bottom + _GAP
    centre = (left + right - _BADGE) // 2
    corners = [
        (before, middle),
        (behind, middle),
        (left, above),
        (right - _BADGE, above),
        (left, below),
        (right - _BADGE, below),
        (centre, above),
        (centre, below),
        (before, above),
        (behind, above),
        (before, below),
        (behind, below),
    ]
    return [(x, y, x + _BADGE, y + _BADGE) for x, y in corners]


def _hidden(picture: Image.Image, badge: Area) -> float:
    """How much a badge there would hide, or infinity when it does not fit.

    Contrast under the badge, scaled so that a letter weighs more than any place in the order of
    liking, and a thin line or a gradient less than two.
    """
    width, height = picture.size
    if (
        badge[0] < 2 - _MARGIN
        or badge[1] < 2 - _MARGIN
        or badge[2] > width + _MARGIN - 2
        or badge[3] > height + _MARGIN - 2
    ):
        return math.inf
    under = _clip(badge, picture.size)
    if under[2] <= under[0] or under[3] <= under[1]:
        return 0
    return math.fsum(ImageStat.Stat(picture.crop(under)).var) / _LINE_CONTRAST


def _mark(
    canvas: Image.Image,
    draw: ImageDraw.ImageDraw,
    where: Placement,
    number: int,
    at: tuple[int, int],
) -> None:
    left, top, right, bottom = _shift(where.outline, at)
    inner = (left + 1, top + 1, right - 2, bottom - 2)
    # White on both sides: the red line stays visible on a red page and in a black and white print.
    draw.rectangle((left - 1, top - 1, right, bottom), outline=_WHITE)
    draw.rectangle((left, top, right - 1, bottom - 1), outline=_RED, width=3)
    draw.rectangle((inner[0] + 2, inner[1] + 2, inner[2] - 2, inner[3] - 2), outline=_WHITE)
    stamp, alpha = _badge(number)
    canvas.paste(stamp, _shift(where.badge, at)[:2], alpha)


@cache
def _badge(number: int) -> tuple[Image.Image, Image.Image]:
    """A round badge with its number and its mask, drawn four times as large for smooth edges."""
    scale = 4
    size = _BADGE * scale
    alpha = Image.new("L", (size, size), 0)
    ImageDraw.Draw(alpha).ellipse((0, 0, size - 1, size - 1), fill=255)
    stamp = Image.new("RGB", (size, size), _WHITE)
    draw = ImageDraw.Draw(stamp)
    ring = 2 * scale
    draw.ellipse((ring, ring, size - 1 - ring, size - 1 - ring), fill=_RED)
    face = font(19 * scale if number < 10 else 17 * scale, bold=True)
    draw.text((size / 2, size / 2), str(number), font=face, fill=_WHITE, anchor="mm")
    small = (_BADGE, _BADGE)
    resample = Image.Resampling.LANCZOS
    return stamp.resize(small, resample), alpha.resize(small, resample)


# The frame


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    style: Literal["title", "strong", "plain", "quiet"] = "plain"

    @property
    def face(self) -> ImageFont.FreeTypeFont:
        match self.style:
            case "title":
                return font(24, bold=True)
            case "strong":
                return font(19, bold=True)
            case _:
                return font(18)

    @property
    def height(self) -> int:
        return 34 if self.style == "title" else 25


def _head(facts: CaptureFacts, guide: Guide) -> list[_Line]:
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
        _Line(f"Раздел {section.number}. {section.title.ru}", "title"),
        _Line(f"Выноска {callout.number}: {callout.control.ru}", "strong"),
        _Line(f"В инструкции: «{callout.wording}»"),
        _Line(f"Шаг: {facts.step}", "quiet"),
    ]


def _foot(facts: CaptureFacts, guide: Guide) -> list[_Line]:
    total = sum(len(section.callouts) for section in guide.sections)
    who = [
        f"Вошёл: {facts.identity}" if facts.identity else "",
        f"Среда: {facts.environment}" if facts.environment else "",
    ]
    lines = [
        _Line(f"Адрес: {facts.url}", "strong"),
        _Line(f"Страница: {facts.title}"),
        _Line(f"Время UTC: {facts.taken_at_utc} · местное: {facts.taken_at_local}"),
        _Line(
            f"Запуск: {facts.run_id} · снимок {facts.number} · выноска {facts.callout} из {total}"
        ),
        _Line(" · ".join(part for part in who if part)),
    ]
    return [line for line in lines if line.text]


def _lay_out(lines: Sequence[_Line], width: int) -> list[_Line]:
    """Every line wrapped to the frame's width: long ones grow downwards, nothing is cut."""
    return [
        _Line(piece, line.style)
        for line in lines
        for piece in wrap(line.text, line.face, width - 2 * _MARGIN)
    ]


def _height(lines: Sequence[_Line]) -> int:
    return sum(line.height for line in lines) + 2 * _PADDING


def _band(draw: ImageDraw.ImageDraw, lines: Sequence[_Line], area: Area) -> None:
    left, top, right, bottom = area
    draw.rectangle((left, top, right - 1, bottom - 1), fill=_BAND)
    y = top + _PADDING
    for line in lines:
        colour = _QUIET if line.style == "quiet" else _INK
        draw.bitmap((left + _MARGIN, y), _letters(line), fill=colour)
        y += line.height


@lru_cache(maxsize=128)
def _letters(line: _Line) -> Image.Image:
    """A line's letters as a mask; kept, since most lines return in the next picture or run."""
    width = math.ceil(line.face.getlength(line.text)) + 2
    letters = Image.new("L", (width, line.height), 0)
    at = (0, line.height / 2)
    ImageDraw.Draw(letters).text(at, line.text, font=line.face, fill=255, anchor="lm")
    return letters


# Pixels


def _open(raw_png: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(raw_png), formats=["PNG"])
        picture.load()
        return picture if picture.mode == "RGB" else picture.convert("RGB")
    except (OSError, SyntaxError) as error:
        raise RunFailed(
            f"Снимок экрана не читается как PNG ({error}). Повторите запуск."
        ) from error


def _png(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=_COMPRESS_LEVEL)
    return out.getvalue()


def _with_palette(canvas: Image.Image) -> Image.Image:
    """The picture with at most 256 colours: the commonest as they are, the rest by octree.

    Counted on every ninth pixel, which loses nothing that is large enough to see as an area.
    """
    sample = canvas.resize((canvas.width // 3, canvas.height // 3), Image.Resampling.NEAREST)
    counted: list[tuple[int, tuple[int, ...]]] = sample.getcolors(_COUNTED_COLOURS) or []  # type: ignore[assignment]
    common = [colour for _, colour in sorted(counted, key=lambda pair: (-pair[0], pair[1]))]
    octree = sample.quantize(_FILL_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    flat = octree.getpalette() or []
    fill = [tuple(flat[i : i + 3]) for i in range(0, 3 * _FILL_COLOURS, 3)]

    # Pillow looks colours up in cells of eight levels; two in one cell would blur each other.
    cells: dict[tuple[int, ...], tuple[int, ...]] = {}
    for colour in (*_OURS, *common):
        if len(cells) == _EXACT_COLOURS:
            break
        cells.setdefault((colour[0] >> 3, colour[1] >> 3, colour[2] >> 3), colour)
    for colour in fill:
        cells.setdefault((colour[0] >> 3, colour[1] >> 3, colour[2] >> 3), colour)
    palette = Image.new("P", (1, 1))
    palette.putpalette([level for colour in cells.values() for level in colour])
    return canvas.quantize(palette=palette, dither=Image.Dither.NONE)


def _area(box: Box) -> Area:
    """The whole pixels that a box touches."""
    return (
        math.floor(box.x),
        math.floor(box.y),
        math.ceil(box.x + box.width),
        math.ceil(box.y + box.height),
    )


def _clip(area: Area, size: tuple[int, int]) -> Area:
    return max(area[0], 0), max(area[1], 0), min(area[2], size[0]), min(area[3], size[1])


def _grow(area: Area, by: int) -> Area:
    return area[0] - by, area[1] - by, area[2] + by, area[3] + by


def _shift(area: Area, at: tuple[int, int]) -> Area:
    return area[0] + at[0], area[1] + at[1], area[2] + at[0], area[3] + at[1]
