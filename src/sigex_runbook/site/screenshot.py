"""What was seen at a callout: the picture, and where in it the control stands.

Nothing is drawn into the page: the box is measured, the picture taken, and the callout is drawn on
a copy later. Numbers of people are found in the same look, so that they can be covered.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import ElementHandle, Page

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.record import Box

from .masking import browser_line, drawn_uncovered, touches

_LOOKS = 3  # a page that draws itself anew may replace the control between finding and looking


@dataclass(frozen=True, slots=True)
class Sighting:
    """One picture of the view. `callout` and `box` are None for a view without a control.

    `png` may show numbers of people: cover the `masks` before it is stored anywhere.
    """

    png: bytes
    url: str
    title: str
    width: int
    height: int
    masks: tuple[Box, ...]
    callout: int | None = None
    box: Box | None = None


@cache
def page_script(function: str) -> str:
    """One function of `screenshot.js`, for Playwright to call in the page."""
    script = files(__package__).joinpath("screenshot.js").read_text(encoding="utf-8")
    return f"(...given) => {{\n{script}\nreturn {function}(...given);\n}}"


class Gone(Exception):
    """An element is no longer shown: it was drawn anew or hidden, or the page was left."""


class CannotShow(Exception):
    """A control cannot be shown: something lies over it, or it is larger than the view."""

    def __init__(self, *, covered: bool) -> None:
        super().__init__("закрыто" if covered else "не помещается в окно")
        self.covered = covered


def look_at(
    page: Page,
    control: ElementHandle,
    *,
    callout: int,
    keep: str,
    heading: ElementHandle | None = None,
) -> Sighting:
    """Bring a control into view, with its heading where both fit, and take the picture.

    `keep` is the BIN that stays readable. Raises CannotShow, Gone, and RunFailed when a number of
    a person would stay readable in the picture.
    """
    for _ in range(_LOOKS):
        seen: dict[str, Any] = control.evaluate(page_script("look"), [keep, heading])
        box = Box(**seen["box"])
        if not seen["there"] or not (box.width and box.height):
            raise Gone
        if seen["covered"]:
            raise CannotShow(covered=True)
        if not (
            0 <= box.x <= box.x + box.width <= seen["width"]
            and 0 <= box.y <= box.y + box.height <= seen["height"]
        ):
            raise CannotShow(covered=False)
        if touches(box, _boxes(seen["private"]["unreadable"])):
            raise RunFailed(
                "Элемент, который надо показать, стоит во фрейме или на холсте: что там видно, "
                "программа прочесть не может. Снимок не сделан; сравните страницу с инструкцией."
            )
        sighting = _take(page, seen, keep)
        if sighting is not None:
            return replace(sighting, callout=callout, box=box)
    raise _uncovered()


def look_around(page: Page, *, keep: str) -> Sighting:
    """The view as it stands, without a control: what was on the screen when something failed.

    Raises RunFailed when a number of a person would stay readable in the picture.
    """
    for _ in range(_LOOKS):
        sighting = _take(page, page.evaluate(page_script("lookAround"), keep), keep)
        if sighting is not None:
            return sighting
    raise _uncovered()


def _take(page: Page, seen: dict[str, Any], keep: str) -> Sighting | None:
    """The picture with all that must be covered; None when that would leave a number readable."""
    masks = (*_boxes(seen["private"]["numbers"]), *_boxes(seen["private"]["unreadable"]))
    png = _picture(page)
    if drawn_uncovered(page, masks, keep=keep) or _size(png) != (seen["width"], seen["height"]):
        return None
    return Sighting(
        png=png,
        url=page.url,
        title=seen["title"],
        width=seen["width"],
        height=seen["height"],
        masks=masks,
    )


def _picture(page: Page) -> bytes:
    """The view as a PNG; quickly made, since it is packed well before it is stored."""
    told = browser_line(page).send(
        "Page.captureScreenshot", {"format": "png", "optimizeForSpeed": True}
    )
    return base64.b64decode(told["data"])


def _boxes(raw: list[dict[str, float]]) -> tuple[Box, ...]:
    return tuple(Box(**box) for box in raw)


def _size(png: bytes) -> tuple[int, int]:
    """Width and height of a PNG, from its header: masks are in pixels of the view."""
    return int.from_bytes(png[16:20]), int.from_bytes(png[20:24])


def _uncovered() -> RunFailed:
    return RunFailed(
        "На странице виден номер из двенадцати цифр (ИИН?) там, где закрыть его нельзя: он "
        "дорисован стилем, стоит в закрытом компоненте, или страница не перестаёт меняться. "
        "Снимок не сохранён, ничего больше не нажато; сообщите разработчикам."
    )
