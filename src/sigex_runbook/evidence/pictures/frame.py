"""The labelled frame around a picture: a headless browser shows no address bar and no clock."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

from .lettering import font, wrap
from .pixels import BAND, EDGE, INK, QUIET, WHITE, Area

MARGIN = 46
"""White space around the page, wide enough for a badge beside a control at its very edge."""

_MINIMUM_WIDTH = 640
_PADDING = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a band, and how it looks."""

    text: str
    style: Literal["title", "strong", "plain", "quiet"] = "plain"

    @property
    def face(self) -> ImageFont.FreeTypeFont:
        """Its font."""
        match self.style:
            case "title":
                return font(24, bold=True)
            case "strong":
                return font(19, bold=True)
            case _:
                return font(18)

    @property
    def height(self) -> int:
        """Its height in pixels."""
        return 34 if self.style == "title" else 25


@dataclass(frozen=True, slots=True)
class Framed:
    """A picture in its frame, to be drawn on. `at` is where the picture's own pixels begin."""

    canvas: Image.Image
    draw: ImageDraw.ImageDraw
    at: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """A frame's measures: the lines of both bands as they are broken, its size, and where the
    picture's own pixels begin and the lower band."""

    head: Sequence[Line]
    foot: Sequence[Line]
    size: tuple[int, int]
    at: tuple[int, int]
    foot_top: int


def layout(size: tuple[int, int], head: Sequence[Line], foot: Sequence[Line]) -> Layout:
    """The frame of a picture of that size."""
    width = max(size[0] + 2 * MARGIN, _MINIMUM_WIDTH)
    head, foot = lay_out(head, width), lay_out(foot, width)
    left, top = (width - size[0]) // 2, _height(head) + MARGIN
    foot_top = top + size[1] + MARGIN
    return Layout(head, foot, (width, foot_top + _height(foot)), (left, top), foot_top)


def framed(picture: Image.Image, head: Sequence[Line], foot: Sequence[Line]) -> Framed:
    """The picture with a band of text above and one below it."""
    frame = layout(picture.size, head, foot)
    (width, height), (left, top) = frame.size, frame.at

    canvas = Image.new("RGB", frame.size, WHITE)
    draw = ImageDraw.Draw(canvas)
    _band(draw, frame.head, (0, 0, width, _height(frame.head)))
    _band(draw, frame.foot, (0, frame.foot_top, width, height))
    draw.rectangle((left - 1, top - 1, left + picture.width, top + picture.height), outline=EDGE)
    canvas.paste(picture, frame.at)
    return Framed(canvas, draw, frame.at)


def lay_out(lines: Sequence[Line], width: int) -> list[Line]:
    """Every line wrapped to the frame's width: long ones grow downwards, nothing is cut."""
    return [
        Line(piece, line.style)
        for line in lines
        for piece in wrap(line.text, line.face, width - 2 * MARGIN)
    ]


def _height(lines: Sequence[Line]) -> int:
    return sum(line.height for line in lines) + 2 * _PADDING


def _band(draw: ImageDraw.ImageDraw, lines: Sequence[Line], area: Area) -> None:
    left, top, right, bottom = area
    draw.rectangle((left, top, right - 1, bottom - 1), fill=BAND)
    y = top + _PADDING
    for line in lines:
        colour = QUIET if line.style == "quiet" else INK
        draw.bitmap((left + MARGIN, y), _letters(line), fill=colour)
        y += line.height


@lru_cache(maxsize=512)
def _letters(line: Line) -> Image.Image:
    """A line's letters as a mask; kept, since most lines return in the next picture or run."""
    width = math.ceil(line.face.getlength(line.text)) + 2
    letters = Image.new("L", (width, line.height), 0)
    at = (0, line.height / 2)
    ImageDraw.Draw(letters).text(at, line.text, font=line.face, fill=255, anchor="lm")
    return letters
