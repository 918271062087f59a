"""Pages of a few elements, written down without a browser."""

from __future__ import annotations

from itertools import count

from sigex_runbook.core.record import Box
from sigex_runbook.site.reading.view import Seen, View


class Sheet:
    """A page that is being written: elements get their numbers in document order."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.elements: list[Seen] = []

    def put(self, text: str = "", *, under: Seen | None = None, **how: object) -> Seen:
        """One element, by default a button under nothing."""
        names = {"text": text} if text else {}
        path = (*under.path, under.number) if under is not None else ()
        given: dict[str, object] = {
            "tag": "button",
            "names": names,
            "clues": frozenset({"native"}),
            "top": 300.0,
            "box": Box(10, 300, 100, 20),
            **how,
        }
        for name in ("clues", "kinds", "classes"):
            given[name] = frozenset(given.get(name, ()))  # type: ignore[call-overload]
        seen = Seen(next(self._numbers), path, **given)  # type: ignore[arg-type]
        self.elements.append(seen)
        return seen

    def part(self, text: str = "", *, under: Seen | None = None, **how: object) -> Seen:
        """Something that holds other elements and cannot be pressed."""
        return self.put(text, under=under, **{"tag": "div", "clues": (), **how})

    def tick(
        self, label: str, *, under: Seen | None = None, checked: bool = False, **how: object
    ) -> Seen:
        """A box with its label."""
        told = {"tag": "input", "labels": ((label,), (), ()), "checked": checked, "clues": ()}
        return self.put("", under=under, **{**told, **how})

    @property
    def view(self) -> View:
        """The page as it is so far."""
        return View(tuple(self.elements), "https://sigex.test/organization-settings", 1280)
