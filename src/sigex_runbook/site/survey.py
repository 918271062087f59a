"""The browser's side of reading a page: a look at it, and elements by their numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import ElementHandle, Page
from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.record import Box

from .reading.view import View
from .screenshot import Gone

_MOMENT_MS = 200


@cache
def survey_script(function: str) -> str:
    """One function of `survey.js`, for Playwright to call in the page."""
    script = files(__package__).joinpath("survey.js").read_text(encoding="utf-8")
    return f"(...given) => {{\n{script}\nreturn {function}(...given);\n}}"


class Survey:
    """Looks at one page. A page that is just being left shows nothing."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._look = ""  # the page's own word for the last one
        self.last = View()
        """The last look: a look takes a tenth of a second where a page is large."""

    def look(self) -> View:
        """What the page shows now."""
        try:
            told = json.loads(self._page.evaluate(survey_script("survey"), self._look))
        except PlaywrightError:
            told = {"elements": [], "url": "", "width": 0, "look": ""}
        self.last, self._look = View.of(told, self.last), told["look"]
        return self.last

    def changed(self) -> None:
        """Wait until the page changes, or a moment."""
        try:
            self._page.evaluate(survey_script("changed"), _MOMENT_MS)
        except PlaywrightError:  # it is being left: the next one answers when it is there
            self._page.wait_for_load_state("domcontentloaded")

    def element(self, number: int) -> ElementHandle:
        """An element by its number. Raises Gone."""
        try:
            found = self._page.evaluate_handle(survey_script("element"), number).as_element()
        except PlaywrightError:
            found = None
        if found is None:
            raise Gone
        return found

    def selected(self, selectors: Iterable[str]) -> dict[str, frozenset[int]]:
        """The numbers of what each CSS selector finds; nothing for one that the page refuses."""
        found = {}
        for css in selectors:
            try:
                told = self._page.evaluate(survey_script("numbersOf"), css)
            except PlaywrightError:
                told = []
            found[css] = frozenset(told)
        return found

    def cover(self, number: int) -> str | None:
        """What lies over an element, in its own words; None when nothing does."""
        cover: str | None = self._told("coverOf", number)
        return cover

    def boxes(self, numbers: Sequence[int]) -> list[Box | None]:
        """Where elements stand in the view, the first one brought into it."""
        told = self._told("measured", list(numbers)) or [None] * len(numbers)
        return [Box(**one) if one else None for one in told]

    def _told(self, function: str, given: Any) -> Any:
        try:
            return self._page.evaluate(survey_script(function), given)
        except PlaywrightError:
            return None
