"""The cut for the report shows the mark whole and what it stands in, and is the same each time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image

from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import Box
from sigex_runbook.evidence.pictures.pixels import RED
from sigex_runbook.evidence.pictures.surroundings import WIDTH, surroundings
from tests.sigex_runbook.evidence.material import drawn, facts, page_png, pixels

GUIDE = load_guide()
PAGE = (1280, 800)
PLACES = {
    "left above": Box(0, 0, 24, 24),
    "right above": Box(1256, 0, 24, 24),
    "left below": Box(0, 776, 24, 24),
    "right below": Box(1256, 776, 24, 24),
    "middle": Box(600, 500, 17, 17),
    "broad": Box(182, 377, 916, 46),
    "nearly a cut wide": Box(300, 377, 600, 46),
    "page wide": Box(0, 377, 1280, 46),
    "high": Box(600, 0, 20, 800),
}


def red(picture: Image.Image) -> int:
    return sum(count for count, colour in picture.getcolors(1 << 20) or [] if colour == RED)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("callout", [1, 5, 6, 13])
def test_mark_and_control_are_whole_in_the_cut(place: str, callout: int) -> None:
    section = GUIDE.section_of(callout).number
    told = facts(section=section, callout=callout, viewport_width=PAGE[0], viewport_height=PAGE[1])
    told = replace(told, box=PLACES[place])
    annotated = drawn(page_png(*PAGE), told)
    found = surroundings(annotated, told, GUIDE)
    cut = pixels(found.png)
    assert red(cut) == red(pixels(annotated)) > 0
    assert cut.width >= min(WIDTH, PAGE[0])
    assert found.wide is (cut.width > WIDTH)
    assert found == surroundings(annotated, told, GUIDE)


def test_above_a_tick_there_is_room_for_the_header_of_its_block() -> None:
    told = facts(callout=6, viewport_width=PAGE[0], viewport_height=PAGE[1])
    found = {
        callout: pixels(
            surroundings(
                drawn(page_png(*PAGE), one := replace(told, callout=callout, box=box)),
                one,
                GUIDE,
            ).png
        )
        for callout, box in ((5, PLACES["broad"]), (6, PLACES["middle"]))
    }
    assert found[6].height > 450 > 2 * found[5].height


def test_a_picture_in_another_frame_is_shown_whole() -> None:
    told = facts(callout=6, viewport_width=PAGE[0], viewport_height=PAGE[1])
    for strange in (page_png(1000, 900), b"no picture"):
        found = surroundings(strange, told, GUIDE)
        assert (found.png, found.wide) == (strange, True)
    told_much = replace(told, title="а" * 30_000)  # breaking that into lines would take minutes
    assert surroundings(page_png(), told_much, GUIDE).png == page_png()
    elsewhere = replace(told, section=1)
    assert surroundings(page_png(), elsewhere, GUIDE).png == page_png()


def test_nothing_swollen_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    told = facts(callout=6, viewport_width=PAGE[0], viewport_height=PAGE[1])
    annotated = drawn(page_png(*PAGE), told)
    assert surroundings(annotated, told, GUIDE).png != annotated
    monkeypatch.setattr("sigex_runbook.evidence.pictures.pixels.MOST_PIXELS", 1_000_000)
    assert surroundings(annotated, told, GUIDE).png == annotated
