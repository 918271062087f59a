"""Pointers for elements of a live page: derived, and tried until one finds that element alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice

from playwright.sync_api import ElementHandle, Page
from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.site.finder import Finder
from sigex_runbook.site.reading.locators import Pointer
from sigex_runbook.site.reading.names import bare
from sigex_runbook.site.reading.recognition import Hints, pointed
from sigex_runbook.site.reading.view import Seen, View
from sigex_runbook.site.screenshot import Gone

from .selectors import FIRM, Node, selectors

_TRIED = 120
_LONGEST_NAME = 60
_NUMBER = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Derived:
    """A pointer that finds one element of the page, and how firm it is."""

    pointer: Pointer
    firmness: str


@cache
def chain_script(function: str) -> str:
    """One function of `chain.js`, for Playwright to call in the page."""
    script = files(__package__).joinpath("chain.js").read_text(encoding="utf-8")
    return f"(given) => {{\n{script}\nreturn {function}(...given);\n}}"


class Pointing:
    """Derives pointers on one page. `private` tells names that must not stand in a file."""

    def __init__(self, page: Page, finder: Finder, private: Callable[[str], bool]) -> None:
        self._page = page
        self._finder = finder
        self._private = private

    def derive(self, seen: Seen) -> Derived | None:
        """The firmest pointer that finds this shown element alone; None when there is none."""
        try:
            handle = self._finder.survey.element(seen.number)
        except Gone:
            return None
        view = self._finder.survey.look()
        for derived in islice(self._candidates(seen, handle), _TRIED):
            if self.finds(derived.pointer, seen, view):
                return derived
        return None

    def derive_part(self, number: int) -> Derived | None:
        """The firmest selector that finds this part of the page alone; None when there is none."""
        try:
            chain = self._chain(self._finder.survey.element(number))
        except Gone:
            return None
        for one in islice(selectors(chain), _TRIED):
            found = self._finder.survey.selected([one.css])[one.css]
            if found == {number} and not self._hides(one.css):
                return Derived(Pointer(css=one.css, name=None), one.firmness)
        return None

    def finds(self, pointer: Pointer, seen: Seen, view: View) -> bool:
        """Whether a pointer finds this element and no other."""
        css = pointer.css
        selected = self._finder.survey.selected([css]) if css is not None else {}
        if css is not None and selected[css] != {seen.number}:
            return False
        found = pointed(view, pointer, Hints(selected=selected)).one
        return found is not None and found.seen.number == seen.number

    def _candidates(self, seen: Seen, handle: ElementHandle) -> Iterator[Derived]:
        """Selectors with an id first, then the name, then the others."""
        found = list(selectors(self._chain(handle)))
        name = bare(seen.name)
        named = bool(name) and len(name) <= _LONGEST_NAME and not self._hides(seen.name)
        found = [one for one in found if not self._hides(one.css)]
        firm = [o for o in found if o.firmness == FIRM and o.css.startswith(("#", "["))]
        yield from (Derived(Pointer(css=o.css, name=None), o.firmness) for o in firm)
        if named and seen.checked is None:
            yield Derived(Pointer(css=None, name=seen.name), FIRM)
        yield from (Derived(Pointer(css=o.css, name=None), o.firmness) for o in found)

    def _chain(self, handle: ElementHandle) -> list[Node]:
        told = self._page.evaluate(chain_script("chainOf"), [handle])
        return [Node(**{**one, "classes": tuple(one["classes"])}) for one in told]

    def _hides(self, text: str) -> bool:
        return bool(_NUMBER.search(text)) or self._private(text)

    # -- a person points

    def ask_person(self, words: str, milliseconds: float) -> Seen | None:
        """The control that a person presses next in the window; the page never learns of it."""
        try:
            handle = self._page.evaluate_handle(
                chain_script("pressedByPerson"), [words, "Такого здесь нет", milliseconds]
            ).as_element()
        except PlaywrightError:  # the page was left meanwhile
            return None
        if handle is None:
            return None
        numbers: list[int] = []
        while handle is not None:
            numbers.append(self._finder.survey.number_of(handle))
            parent = handle.evaluate_handle("one => one.parentElement")
            handle = parent.as_element()
        view = self._finder.survey.look()
        known = {one.number: one for one in view.shown}
        chain = [known[number] for number in numbers if number in known]
        pressable = [one for one in chain if one.pressable or one.checked is not None]
        return next(iter([*pressable, *chain]), None)
