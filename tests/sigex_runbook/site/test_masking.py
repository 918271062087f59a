"""No picture shows a number of a person: it is covered where it stands, or there is no picture."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.record import Box
from sigex_runbook.evidence.pictures.annotation import mask
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.screenshot import look_around, look_at
from sigex_runbook.site.session import visit
from tests.sigex_runbook.evidence.material import pixels

BIN = "200240002381"
PERSON = "760314300123"


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright, launch(playwright) as browser, visit(browser) as opened:
        yield opened.page


def show(page: Page, body: str, script: str = "") -> None:
    page.set_content(f"<body style='font: 16px sans-serif; color: #000'>{body}</body>")
    if script:
        page.evaluate(script)


def colours(png: bytes, box: Box) -> list[tuple[int, tuple[int, int, int]]]:
    area = (int(box.x), int(box.y), int(box.x + box.width), int(box.y + box.height))
    return pixels(png).crop(area).getcolors(1 << 20) or []  # type: ignore[return-value]


def dark(png: bytes, box: Box) -> int:
    """How many nearly black pixels there are: letters, since a cover is grey."""
    return sum(count for count, colour in colours(png, box) if max(colour) < 60)


SHADOW = "host.attachShadow({{mode: '{mode}'}}).innerHTML = '<b>{text}</b>'"

COVERED = {
    "text": f"<p id=x>{PERSON}</p>",
    "with the service's prefix": f"<p id=x>IIN{PERSON}</p>",
    "in groups": "<p id=x>7603 1430 0123</p>",
    "with hyphens": "<p id=x>760314-300123</p>",
    "unbreakable blanks": "<p id=x>760&nbsp;314&nbsp;300&#8239;123</p>",
    "split over elements": "<p id=x><b>7603</b><i>1430</i><span>0123</span></p>",
    "split and spaced": "<p id=x><b>7603</b> <i>1430</i> <span>0123</span></p>",
    "boxes in a line": "<p id=x style='display:flex'><b>7603</b><b>1430</b><b>0123</b></p>",
    "field": f"<input id=x style='color:#000' value='{PERSON}'>",
    "field in groups": "<input id=x value='7603 1430 0123'>",
    "hint of a field": f"<input id=x placeholder='{PERSON}'>",
    "choice": f"<select id=x><option>другой<option selected>{PERSON}</select>",
    "text of a missing picture": f"<img id=x alt='{PERSON}' width=200 height=20>",
    "drawing": f"<svg id=x width=300 height=40><text y=20>{PERSON}</text></svg>",
}


@pytest.mark.parametrize("body", COVERED.values(), ids=COVERED.keys())
def test_a_number_is_covered_where_it_stands(page: Page, body: str) -> None:
    show(page, f"<p>ТОО «Пример», БИН {BIN}</p>{body}<p>дальше</p>")
    sighting = look_around(page, keep=BIN)
    assert sighting.masks
    covered, _ = mask(sighting.png, sighting.masks)
    place = page.locator("#x").bounding_box()
    assert place is not None
    inside = Box(place["x"] + 3, place["y"] + 3, place["width"] - 6, place["height"] - 6)
    for one in sighting.masks:
        right, bottom = one.x + one.width - 1, one.y + one.height - 1
        assert len(colours(covered, Box(one.x + 1, one.y + 1, right - one.x, bottom - one.y))) == 1
    if not {"IIN", "<select"} & set(re.findall("IIN|<select", body)):
        assert dark(covered, inside) == 0
    words = page.locator("p").first.bounding_box()
    assert words is not None
    first = Box(words["x"], words["y"], words["width"], words["height"])
    assert dark(covered, first) == dark(sighting.png, first) > 0  # name and BIN stay readable


UNCOVERABLE = {
    "pseudo-element": ("<style>#x::after{content:'" + PERSON + "'}</style><p id=x>ИИН </p>", ""),
    "attribute shown by a style": (
        f"<style>#x::before{{content:attr(title)}}</style><p id=x title='{PERSON}'>ИИН </p>",
        "",
    ),
    "closed component": ("<div id=host></div>", SHADOW.format(mode="closed", text=PERSON)),
    "closed component, groups": (
        "<div id=host></div>",
        SHADOW.format(mode="closed", text="7603 1430 0123"),
    ),
}


@pytest.mark.parametrize(("body", "script"), UNCOVERABLE.values(), ids=UNCOVERABLE.keys())
def test_a_number_that_cannot_be_covered_stops_the_run(page: Page, body: str, script: str) -> None:
    show(page, f"<button>Далее</button>{body}", script)
    with pytest.raises(RunFailed, match="закрыть его нельзя"):
        look_around(page, keep=BIN)
    with pytest.raises(RunFailed, match="закрыть его нельзя"):
        look_at(page, page.get_by_role("button").element_handle(), callout=1, keep=BIN)


def test_an_open_component_is_covered(page: Page) -> None:
    show(page, "<div id=host></div>", SHADOW.format(mode="open", text=PERSON))
    assert len(look_around(page, keep=BIN).masks) == 1


@pytest.mark.parametrize(
    "body",
    [
        f"<iframe id=x srcdoc='{PERSON}'></iframe>",
        "<canvas id=x width=300 height=100></canvas>",
        "<object id=x data='about:blank' width=300 height=100></object>",
    ],
    ids=["frame", "canvas", "object"],
)
def test_what_cannot_be_read_is_covered_whole(page: Page, body: str) -> None:
    show(page, f"<button>Далее</button><br>{body}")
    page.evaluate(
        f"""() => {{ const c = document.querySelector('canvas');
        if (c) c.getContext('2d').fillText('{PERSON}', 10, 50); }}"""
    )
    sighting = look_at(page, page.get_by_role("button").element_handle(), callout=1, keep=BIN)
    place = page.locator("#x").bounding_box()
    assert place is not None
    [cover] = sighting.masks
    assert cover.x <= place["x"]
    assert cover.y <= place["y"]
    assert cover.x + cover.width >= place["x"] + place["width"]
    assert cover.y + cover.height >= place["y"] + place["height"]


def test_a_control_under_what_cannot_be_read_is_no_evidence(page: Page) -> None:
    style = "pointer-events:none; position:absolute; left:0; top:0"
    show(page, f"<canvas width=300 height=100 style='{style}'></canvas><button>Далее</button>")
    with pytest.raises(RunFailed, match="холсте"):
        look_at(page, page.get_by_role("button").element_handle(), callout=1, keep=BIN)


@pytest.mark.parametrize(
    "body",
    [
        f"<p>{BIN}</p>",
        "<p>2002 4000 2381</p>",
        f"<p style='display:none'>{PERSON}</p>",
        f"<p style='margin-top:3000px'>{PERSON}</p>",
        f"<p title='{PERSON}'>имя</p>",
        "<p>12345678901</p><p>1234567890123</p>",
        "<table><tr><td>7603</td></tr><tr><td>1430</td></tr><tr><td>0123</td></tr></table>",
        f"<style>p::after{{content:'{BIN}'}}</style><p>БИН </p>",
    ],
    ids=["BIN", "BIN in groups", "hidden", "below", "tooltip", "lengths", "column", "BIN by style"],
)
def test_the_rest_stays_readable(page: Page, body: str) -> None:
    show(page, body)
    assert look_around(page, keep=BIN).masks == ()


def test_a_bar_at_the_foot_does_not_cover_what_its_heading_would_push_there(page: Page) -> None:
    show(
        page,
        "<div style='height: 900px'></div><h3>Блок</h3>"
        "<p style='height: calc(100vh - 150px)'></p><button>Открыть</button>"
        "<div style='height: 900px'></div>"
        "<div style='position: fixed; bottom: 0; left: 0; right: 0; height: 120px'>Cookie</div>",
    )
    heading = page.get_by_role("heading").element_handle()
    button = page.get_by_role("button").element_handle()
    sighting = look_at(page, button, callout=1, keep=BIN, heading=heading)
    assert sighting.box is not None
    assert sighting.box.y + sighting.box.height < sighting.height - 120
