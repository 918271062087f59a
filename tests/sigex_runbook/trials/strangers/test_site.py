"""Composed sites in a real browser: whoever drew them can perform the guide there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from sigex_runbook.trials.strangers import PARTS, Finding, Style, compose
from sigex_runbook.trials.strangers.laboratory import Laboratory

from .insider import insider, perform_as_insider, site_with

WALKED = ("block", "drawing", "way", "box", "rows", "row_text", "save", "save_scope", "menu")
"""Parts on which it hangs whether a site works; every value of them is walked at least once."""


def covering() -> list[Style]:
    """A few sites that have every value of those parts between them."""
    wanted = {(part, value) for part in WALKED for value in PARTS[part]}
    known = [compose(1, number) for number in range(1, 101)]
    chosen = []
    while wanted:
        best = max(known, key=lambda style: len(wanted & values(style)))
        chosen.append(best)
        wanted -= values(best)
    return chosen


def values(style: Style) -> set[tuple[str, str]]:
    return {(part, style.value(part)) for part in WALKED}


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory() as running:
        yield running


@pytest.mark.parametrize("style", covering(), ids=lambda style: str(style.number))
def test_a_site_can_be_worked_by_the_guide(laboratory: Laboratory, style: Style) -> None:
    ended = laboratory.attempt(style, partial(perform_as_insider, style))
    assert (ended.finding, ended.message, ended.wrong) == (Finding.PASSED, "", ())


def test_another_sections_button_saves_no_ticks(laboratory: Laboratory) -> None:
    style = site_with(save_scope="section", save_state="always", way="anchor", save="button")
    order = laboratory.prepare(style)
    with insider(style, laboratory.emulator, order) as visitor:
        visitor.sign_in()
        visitor.open_access_control()
        visitor.set_tick("documentsAccess", style.arrangement.ordered, True)
        with visitor.page.expect_response("**/api/organizationSettings"):
            visitor.control("save").last.click()
    seen = laboratory.witnessed(style)
    assert seen.wrong == ()
    assert (seen.foreign_saves, seen.done) == (1, False)


def test_a_button_that_waits_for_a_change_is_not_there_before(laboratory: Laboratory) -> None:
    style = site_with(save_scope="page", save_state="hidden_until_changed", way="anchor")
    order = laboratory.prepare(style)
    with insider(style, laboratory.emulator, order) as visitor:
        visitor.sign_in()
        visitor.open_access_control()
        assert visitor.control("save").is_hidden()
        visitor.set_tick("documentsAccess", style.arrangement.ordered, True)
        visitor.control("save").wait_for()


def test_without_a_signature_the_settings_are_not_shown(laboratory: Laboratory) -> None:
    style = compose(1, 1)
    order = laboratory.prepare(style)
    with insider(style, laboratory.emulator, order) as visitor:
        visitor.page.goto(f"{laboratory.emulator.address}/organization-settings")
        visitor.page.get_by_text("Authentication required").wait_for()
        assert visitor.control("sign_in").is_visible()
