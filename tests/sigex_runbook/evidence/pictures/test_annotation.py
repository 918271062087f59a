"""The mark is on the right control, hides nothing, and what is said of the page is legible."""

from __future__ import annotations

import dataclasses
import zlib

import pytest
from PIL import Image, ImageChops

from sigex_runbook.core.errors import ControlNotFound, RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import Box
from sigex_runbook.evidence.pictures import annotation
from sigex_runbook.evidence.pictures.annotation import mask, place
from sigex_runbook.evidence.pictures.frame import lay_out
from sigex_runbook.evidence.pictures.lettering import font, spell, wrap
from sigex_runbook.evidence.pictures.pixels import Area
from tests.sigex_runbook.evidence.material import CONTROL, drawn, facts, page_png, pixels, png

GUIDE = load_guide()
WIDTH, HEIGHT = 640, 400
EVERYWHERE = [
    CONTROL,
    Box(0, 0, 24, 24),
    Box(616, 0, 24, 24),
    Box(0, 376, 24, 24),
    Box(616, 376, 24, 24),
    Box(0, 180, 640, 40),
    Box(300, 0, 20, 400),
    Box(0, 0, 640, 400),
    Box(20.4, 99.6, 13.2, 13.3),
]


def raw_place(annotated: Image.Image) -> tuple[int, int]:
    """Where the page's pixels begin: at the first pixel of its blue header."""
    left = (annotated.width - WIDTH) // 2
    column = [annotated.getpixel((left, y)) for y in range(annotated.height)]
    return left, column.index((13, 71, 161))


def largest_difference(one: Image.Image, other: Image.Image) -> int:
    histogram = ImageChops.difference(one, other).convert("L").histogram()
    return max(level for level, count in enumerate(histogram) if count)


def overlaps(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def test_the_page_is_unchanged_outside_of_the_mark() -> None:
    raw = pixels(page_png())
    annotated = pixels(drawn(page_png(), facts()))
    left, top = raw_place(annotated)
    page = annotated.crop((left, top, left + WIDTH, top + HEIGHT))
    where = place(raw, facts())
    for picture in (raw, page):
        for area in (where.outline, where.badge):
            picture.paste((0, 0, 0), (area[0] - 1, area[1] - 1, area[2] + 1, area[3] + 1))
    # Flat areas are exact; edges of letters may move by the levels that the palette costs.
    assert largest_difference(raw, page) <= 16
    moved = ImageChops.difference(raw, page).convert("L").histogram()
    assert moved[0] / (WIDTH * HEIGHT) > 0.99


def test_the_inside_of_the_control_stays_visible() -> None:
    raw = pixels(page_png())
    annotated = pixels(drawn(page_png(), facts()))
    left, top = raw_place(annotated)
    inside = (300, 200, 420, 232)
    shown = annotated.crop((left + 300, top + 200, left + 420, top + 232))
    assert largest_difference(raw.crop(inside), shown) <= 16


@pytest.mark.parametrize("box", EVERYWHERE)
def test_the_badge_stands_beside_the_control_and_inside_the_frame(box: Box) -> None:
    where = place(pixels(page_png()), facts(box=box))
    if box.width < WIDTH or box.height < HEIGHT:
        assert not overlaps(where.badge, where.outline)
    assert not overlaps(where.badge, where.control)
    assert where.badge[0] >= -46
    assert where.badge[1] >= -46
    assert where.badge[2] <= WIDTH + 46
    assert where.badge[3] <= HEIGHT + 46
    gap = max(
        where.outline[0] - where.badge[2],
        where.badge[0] - where.outline[2],
        where.outline[1] - where.badge[3],
        where.badge[1] - where.outline[3],
    )
    assert 0 <= gap <= 6


def test_the_badge_prefers_a_free_side() -> None:
    picture = pixels(page_png())
    for x in range(200, 292, 4):  # stripes like letters before the control
        picture.paste((0, 0, 0), (x, 190, x + 2, 240))
    where = place(picture, facts())
    assert where.badge[0] >= where.outline[2]


@pytest.mark.parametrize("box", EVERYWHERE)
def test_any_place_can_be_drawn(box: Box) -> None:
    assert pixels(drawn(page_png(), facts(box=box))).width == WIDTH + 92


def test_the_same_input_gives_the_same_bytes() -> None:
    assert drawn(page_png(), facts()) == drawn(page_png(), facts())


def test_the_red_mark_surrounds_the_control() -> None:
    annotated = pixels(drawn(page_png(), facts()))
    left, top = raw_place(annotated)
    assert annotated.getpixel((left + 360, top + 197)) == (200, 16, 46)
    assert annotated.getpixel((left + 297, top + 216)) == (200, 16, 46)


@pytest.mark.parametrize(
    "box",
    [
        Box(10, 10, 0, 0),
        Box(10, 10, 0, 20),
        Box(10, 10, 20, -1),
        Box(-50, 10, 20, 20),
        Box(640, 10, 20, 20),
        Box(10, 400, 20, 20),
        Box(10, 5000, 20, 20),
        Box(630, 10, 40, 20),
    ],
)
def test_a_control_that_cannot_be_seen_fails_with_its_number(box: Box) -> None:
    with pytest.raises(ControlNotFound, match="Выноска 6") as caught:
        drawn(page_png(), facts(box=box))
    assert (caught.value.section, caught.value.callout) == (4, 6)


def test_a_picture_of_another_scale_is_refused() -> None:
    with pytest.raises(RunFailed, match="масштаб"):
        drawn(page_png(1280, 800), facts())


def test_a_callout_of_another_section_is_refused() -> None:
    with pytest.raises(RunFailed, match="выноски 13"):
        drawn(page_png(), facts(callout=13))


def test_bytes_that_are_no_picture_are_refused() -> None:
    with pytest.raises(RunFailed, match="PNG"):
        drawn(b"not a picture", facts())


def test_a_photograph_with_many_colours_is_no_obstacle() -> None:
    noise = Image.effect_noise((WIDTH, HEIGHT), 80)
    photo = Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180)))
    assert pixels(drawn(png(photo), facts())).width == WIDTH + 92


# The frame


def frame_text(**changes: object) -> str:
    about = dataclasses.replace(facts(), **changes)  # type: ignore[arg-type]
    lines = annotation._head(about, GUIDE) + annotation._foot(about, GUIDE)
    return "\n".join(line.text for line in lay_out(lines, WIDTH + 92))


def test_the_frame_says_what_an_auditor_asks_for() -> None:
    text = frame_text(identity="Иванов И.", environment="эмулятор")
    for part in (
        "Раздел 4. Блок контроля доступа к документам организации",
        "Выноска 6: галочка информационной системы",
        "Шаг: Когда сотрудник предоставляет доступ",
        "https://127.0.0.1:8443/settings",
        "Контроль доступа",
        "2026-11-23T23:01:02Z",
        "2026-11-24T04:01:02+05:00",
        "20261123T230102Z-7f3a",
        "снимок 6",
        "Вошёл: Иванов И.",
        "Среда: эмулятор",
    ):
        assert part in text.replace("\n", " ")


def test_a_long_address_is_wrapped_and_never_cut() -> None:
    address = "https://127.0.0.1:8443/" + "".join(f"part{i:04d}/" for i in range(120))
    assert address in frame_text(url=address).replace("\n", "")
    short = pixels(drawn(page_png(), facts()))
    long = pixels(drawn(page_png(), facts(url=address)))
    assert long.height > short.height


def test_every_line_fits_its_width() -> None:
    face = font(18)
    lines = wrap("слово " * 30 + "x" * 400, face, 300)
    assert all(face.getlength(line) <= 300 for line in lines)
    assert "".join(lines).replace(" ", "") == "слово" * 30 + "x" * 400


def test_letters_that_the_font_lacks_are_named_and_kazakh_ones_are_not() -> None:
    assert spell("ӘәҒғҚқҢңӨөҰұҮүҺһІі «ё» —") == "ӘәҒғҚқҢңӨөҰұҮүҺһІі «ё» —"
    assert spell("a→b ✓") == "a[U+2192]b [U+2713]"
    assert spell(" a\n\tb ") == "a b"


# Masks


def test_a_mask_covers_its_place_and_nothing_else() -> None:
    raw, masked = pixels(page_png()), pixels(mask(page_png(), [Box(20, 95, 200, 20)])[0])
    covered = masked.crop((20, 95, 220, 115)).getcolors()
    assert covered is not None
    assert len(covered) == 1
    assert ImageChops.difference(raw, masked).getbbox() is not None
    masked.paste(raw.crop((20, 95, 220, 115)), (20, 95))
    assert ImageChops.difference(raw, masked).getbbox() is None


def test_a_masked_picture_is_packed_without_filters() -> None:
    """They make a screen larger, and trying them takes longest of all."""
    packed, _ = mask(page_png(), [Box(20, 95, 200, 20)])
    start = packed.index(b"IDAT") + 4
    lines = zlib.decompress(packed[start : start + int.from_bytes(packed[start - 8 : start - 4])])
    assert set(lines[:: 3 * WIDTH + 1]) == {0}
    assert len(lines) == HEIGHT * (3 * WIDTH + 1)


def test_without_masks_the_bytes_stay() -> None:
    assert mask(page_png(), [])[0] == page_png()


@pytest.mark.parametrize(
    "box",
    [Box(-1, 0, 10, 10), Box(635, 0, 10, 10), Box(0, 395, 10, 10), Box(5, 5, 0, 10)],
)
def test_a_mask_that_hides_nothing_or_lies_outside_stops(box: Box) -> None:
    with pytest.raises(RunFailed, match="личные данные"):
        mask(page_png(), [box])
