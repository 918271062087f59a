"""Lettering of the pictures: Roboto in the package's own copy, the same on every system."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

import font_roboto
from PIL import ImageFont

_NOT_A_CHARACTER = "\uffff"


@cache
def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """Roboto of that size in pixels. Basic layout: the same letters with or without libraqm."""
    name = "Roboto-Bold.ttf" if bold else "Roboto-Regular.ttf"
    path = Path(font_roboto.font_directory) / name
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _has_letter(character: str) -> bool:
    if character == " ":
        return True
    face = font(24)
    drawn, missing = face.getmask(character), face.getmask(_NOT_A_CHARACTER)
    return drawn.size != missing.size or bytes(drawn) != bytes(missing)


def spell(text: str) -> str:
    """The text as Roboto can show it: white space as single spaces, and a letter that the font
    lacks as its code (`[U+1F512]`) instead of an empty square."""
    return "".join(
        character if _has_letter(character) else f"[U+{ord(character):04X}]"
        for character in " ".join(text.split())
    )


@lru_cache(maxsize=512)
def wrap(text: str, face: ImageFont.FreeTypeFont, width: int) -> tuple[str, ...]:
    """Break the text into lines of at most that many pixels; nothing is dropped.

    It breaks at spaces, and inside a word (an address) only where the word is wider than a line.
    Kept, since the report's pictures are cut by the same lines.
    """
    shown = spell(text)
    if face.getlength(shown) <= width:
        return (shown,)
    lines: list[str] = []
    line = ""
    for word in shown.split(" "):
        longer = f"{line} {word}" if line else word
        if face.getlength(longer) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, face, width)
        lines += full
    return (*lines, line)


def _pieces(word: str, face: ImageFont.FreeTypeFont, width: int) -> Iterator[str]:
    rest = word
    while face.getlength(rest) > width and len(rest) > 1:
        fits, too_long = 1, len(rest)
        while too_long - fits > 1:
            middle = (fits + too_long) // 2
            if face.getlength(rest[:middle]) <= width:
                fits = middle
            else:
                too_long = middle
        yield rest[:fits]
        rest = rest[fits:]
    yield rest
