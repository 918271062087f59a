"""The browser's side of reading a page: a look at it, and elements by their numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import ElementHandle, JSHandle, Page
from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.record import Box

from .reading.view import NOTHING, Look, View
from .screenshot import Gone

_MOMENT_MS = 200


_FUNCTIONS = "survey, changed, element, numberOf, numbersOf, coverOf, measured"


@cache
def _script() -> str:
    """`survey.js` as a function that gives its functions."""
    script = files(__package__).joinpath("survey.js").read_text(encoding="utf-8")
    return f"() => {{\n{script}\nreturn {{{_FUNCTIONS}}};\n}}"


class Survey:
    """Looks at one page. A page that is just being left shows nothing."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._tools: JSHandle | None = None
        self._look = ""  # the page's own word for the last one
        self.last = View()
        """The last look: a look takes a tenth of a second where a page is large."""

    def look(self) -> View:
        """What the page shows now."""
        try:
            answer = self._in_page("survey", self._look)
        except PlaywrightError:
            told = NOTHING
        else:
            if not answer:  # it is as it was
                return self.last
            told = Look.read(answer)
        self.last, self._look = View.of(told, self.last), told.look
        return self.last

    def changed(self) -> None:
        """Wait until the page changes, or a moment."""
        try:
            self._in_page("changed", _MOMENT_MS)
        except PlaywrightError:  # it is being left: the next one answers when it is there
            self._page.wait_for_load_state("domcontentloaded")

    def element(self, number: int) -> ElementHandle:
        """An element by its number. Raises Gone."""
        try:
            found: ElementHandle | None = self._in_page("element", number, handle=True).as_element()
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
                told = self._in_page("numbersOf", css)
            except PlaywrightError:
                told = []
            found[css] = frozenset(told)
        return found

    def number_of(self, element: ElementHandle) -> int:
        """An element's number. Raises Playwright's Error."""
        return int(self._in_page("numberOf", element))

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
            return self._in_page(function, given)
        except PlaywrightError:
            return None

    def _in_page(self, function: str, given: Any, *, handle: bool = False) -> Any:
        """Call one function of `survey.js`, which each document is given once."""
        call = f"(tools, given) => tools.{function}(given)"
        if self._tools is not None:
            with suppress(PlaywrightError):  # of a document that is no more
                return self._call(self._tools, call, given, handle=handle)
        self._tools = self._page.evaluate_handle(_script())
        return self._call(self._tools, call, given, handle=handle)

    @staticmethod
    def _call(tools: JSHandle, call: str, given: Any, *, handle: bool) -> Any:
        return tools.evaluate_handle(call, given) if handle else tools.evaluate(call, given)
