"""Somebody who drew a composed site himself: he finds every control by its class, which says
nothing to anybody else, and performs an order as the guide tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from playwright.sync_api import BrowserContext, Locator, Page, sync_playwright

from sigex_emulator import Emulator
from sigex_runbook.core.order import Order, Wish
from sigex_runbook.core.verdict import Verdict, VerdictKind
from sigex_runbook.run.sign_in import sign_in_of
from sigex_runbook.signing import NCALayer
from sigex_runbook.signing.bridge import attach
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.trials.strangers.grammar import Style, compose
from sigex_runbook.trials.strangers.markup import classes
from sigex_runbook.trials.strangers.words import LIST_ORDERS, block_names

PASSED = Verdict(VerdictKind.PASSED, ())
_ACCESS = 1
"""The place of access control among the sections of every settings page."""


def site_with(**parts: str) -> Style:
    """A site with these parts, in a world that lacks the ordered tick of the first block."""
    first = "documentsAccess"
    found = next(
        style
        for style in (compose(3, number) for number in range(1, 500))
        if style.arrangement.wishes[first] is Wish.GRANTED
        and style.arrangement.ordered not in style.arrangement.granted[first]
    )
    return replace(found, **parts)  # type: ignore[arg-type]


class Insider:
    """A visit of one site."""

    def __init__(self, context: BrowserContext, style: Style, address: str) -> None:
        self.page: Page = context.new_page()
        self.style = style
        self._address = address
        self._classes = classes(style)

    def control(self, name: str, within: Locator | None = None) -> Locator:
        """All of this kind that the page holds."""
        return (within or self.page).locator(f".{self._classes[name]}")

    def sign_in(self) -> None:
        """Section 1 of the guide."""
        self.page.goto(self._address)
        self.control("sign_in").click()
        self.control("ncalayer").click()
        self.control("user").wait_for()

    def open_access_control(self) -> None:
        """Sections 2 and 3; the same after a page is loaded anew."""
        self.control("user").click()
        self.control("item").click()
        if self.style.way != "anchor":
            self.control("way").nth(_ACCESS).click()
        self.control("head").first.wait_for()

    def body(self, block: str) -> Locator:
        """A block's lists; the block is opened if need be."""
        number = block_names(self.style).index(block)
        body = self.control("body").nth(number)
        if not body.is_visible():
            self.control("head").nth(number).click()
        self.control("box", body).first.wait_for(state="attached")
        return body

    def box(self, block: str, place: int) -> Locator:
        """An information system's box in a block."""
        boxes = self.control("box", self.body(block))
        return boxes.nth(self._before_systems() + self._shown(place))

    def press(self, box: Locator) -> None:
        """Press a box; the real box of a switch is out of sight, its knob stands beside it."""
        knob = box.locator("xpath=following-sibling::*[contains(@class, 'knob')]")
        (knob if self.style.box == "switch" else box).click()

    def set_tick(self, block: str, place: int, on: bool) -> None:
        """Press the box unless it stands as wanted."""
        if self.is_ticked(block, place) is not on:
            self.press(self.box(block, place))

    def is_ticked(self, block: str, place: int) -> bool:
        """How the box stands."""
        return self.box(block, place).is_checked()

    def save(self) -> None:
        """Section 8; waits for the service's answer."""
        with self.page.expect_response("**/api/organizationSettings"):
            self.control("save").first.click()

    def _before_systems(self) -> int:
        people, roles = 3, 5
        more = {"none": (0, 0), "employee": (1, 0), "authority": (0, 1), "both": (1, 1)}
        count = {
            "employees": people + more[self.style.decoy][0],
            "authorities": roles + more[self.style.decoy][1],
        }
        order = LIST_ORDERS[self.style.list_order]
        kinds = order[: order.index("systems")]
        return sum(count[kind] for kind in kinds if self.style.value(kind) == "boxes")

    def _shown(self, place: int) -> int:
        disabled = self.style.arrangement.disabled
        return place - (self.style.disabled == "hidden" and disabled < place)


@contextmanager
def insider(style: Style, emulator: Emulator, order: Order) -> Iterator[Insider]:
    """Somebody with a browser, and with the ordered employee's key."""
    signer = sign_in_of(order).signer
    assert signer is not None
    with (
        sync_playwright() as playwright,
        launch(playwright) as browser,
        browser.new_context(ignore_https_errors=True) as context,
    ):
        context.set_default_timeout(30_000)
        attach(context, NCALayer(signer))
        yield Insider(context, style, emulator.address)


def perform_as_insider(style: Style, emulator: Emulator, order: Order) -> Verdict:
    """The whole guide; the screen must show the order after the page was loaded anew."""
    wanted = {b.value: w is Wish.GRANTED for b, w in order.access.items() if w is not Wish.LEAVE}
    place = style.arrangement.ordered
    with insider(style, emulator, order) as visitor:
        visitor.sign_in()
        visitor.open_access_control()
        needed = [b for b, on in wanted.items() if visitor.is_ticked(b, place) is not on]
        for block in needed:
            visitor.set_tick(block, place, wanted[block])
        if needed:
            visitor.save()
        visitor.open_access_control()
        assert {block: visitor.is_ticked(block, place) for block in wanted} == wanted
    return PASSED
