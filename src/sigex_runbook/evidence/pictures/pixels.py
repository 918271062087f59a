"""Pixels: pictures read, written and reduced, and areas of whole pixels. Same input, same bytes."""

from __future__ import annotations

import io
import math
import zlib

from PIL import Image

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.record import Box

Area = tuple[int, int, int, int]
"""Left, top, right, bottom in whole pixels, the last two not included."""

RED = (200, 16, 46)
BLUE = (0, 84, 166)
WHITE = (255, 255, 255)
INK = (24, 28, 34)
QUIET = (84, 92, 104)
BAND = (238, 241, 245)
EDGE = (120, 130, 144)
MASK = (70, 70, 70)
_OURS = (RED, WHITE, INK, QUIET, BAND, EDGE, MASK, BLUE)

MOST_PIXELS = 40_000_000
"""Nothing larger is unpacked."""

_EXACT_COLOURS, _FILL_COLOURS = 176, 64
_COUNTED_COLOURS = 1 << 18
_COMPRESS_LEVEL = 2  # of 1-9: 6 ms and 71 KB where 4 takes 9 ms for 61 KB
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS_RGB = bytes((8, 2, 0, 0, 0))


def open_png(raw_png: bytes) -> Image.Image:
    """A PNG as an RGB picture. Raises RunFailed."""
    picture = open_as_stored(raw_png)
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def open_as_stored(png: bytes) -> Image.Image:
    """A PNG in the colours that it is stored in, a palette among them. Raises RunFailed."""
    try:
        picture = Image.open(io.BytesIO(png), formats=["PNG"])
        if picture.width * picture.height > MOST_PIXELS:
            raise OSError("larger than any screen")
        picture.load()
        return picture
    except (OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise RunFailed("Снимок экрана не читается как PNG. Повторите запуск.") from error


def to_png(picture: Image.Image) -> bytes:
    """The picture as PNG."""
    if picture.mode == "RGB":
        return _unfiltered(picture)
    out = io.BytesIO()
    picture.save(out, "PNG", compress_level=_COMPRESS_LEVEL)
    return out.getvalue()


def _unfiltered(picture: Image.Image) -> bytes:
    """Pillow tries five filters on every line of a picture without a palette: that takes twice as
    long as the rest, and a screen becomes larger by it."""
    width, height = picture.size
    # Every line begins with its filter, 0 for none: the zero that Pillow fills the one before with.
    lines = b"\0" + picture.tobytes("raw", "RGB", 3 * width + 1, 1)[:-1]
    return _SIGNATURE + b"".join(
        len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)
        for kind, data in (
            (b"IHDR", width.to_bytes(4) + height.to_bytes(4) + _EIGHT_BITS_RGB),
            (b"IDAT", zlib.compress(lines, 1)),
            (b"IEND", b""),
        )
    )


def with_palette(canvas: Image.Image) -> Image.Image:
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


def area_of(box: Box) -> Area:
    """The whole pixels that a box touches."""
    return (
        math.floor(box.x),
        math.floor(box.y),
        math.ceil(box.x + box.width),
        math.ceil(box.y + box.height),
    )


def clip(area: Area, size: tuple[int, int]) -> Area:
    """The part of an area that lies in a picture of that size."""
    return max(area[0], 0), max(area[1], 0), min(area[2], size[0]), min(area[3], size[1])


def grow(area: Area, by: int) -> Area:
    """An area with so many pixels more on each side."""
    return area[0] - by, area[1] - by, area[2] + by, area[3] + by


def shift(area: Area, at: tuple[int, int]) -> Area:
    """An area moved by so many pixels to the right and down."""
    return area[0] + at[0], area[1] + at[1], area[2] + at[0], area[3] + at[1]
