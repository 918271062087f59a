"""Finding and pressing one control; when that fails, the drift is told in the guide's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeVar

from playwright.sync_api import ElementHandle, Page
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from sigex_runbook.core import error_causes as reasons
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import ControlNotFound
from sigex_runbook.core.record import Drift, DriftKind

from .reading.blocks import Headers, headers_of
from .reading.drift import candidate, sentence
from .reading.locators import Locators
from .reading.recognition import Hints, Recognition
from .reading.sought import Sought, what_became
from .reading.view import Seen, View
from .screenshot import CannotShow, Gone, Sighting, look_at
from .survey import Survey

_CONTROL_MS = 8_000
_SETTLED_SECONDS = 0.6
_PRESSES = 4
_DETACHED = ("not attached", "detached", "Execution context was destroyed")

T = TypeVar("T")
Names = tuple[str, ...]


class Finder:
    """Looks for controls on one page; `person` tells the names of who is signed in.

    `before` is what was shown before the last press. `saved` is to be set once the save button was
    pressed.
    """

    def __init__(
        self, page: Page, deadline: Deadline, locators: Locators, person: Callable[[], Names]
    ) -> None:
        self.page = page
        self.deadline = deadline
        self.locators = locators
        self.survey = Survey(page)
        self.before: frozenset[int] = frozenset()
        self.saved = False
        self._person = person
        self._known: tuple[View, Locators, dict[str, frozenset[int]], Headers] | None = None

    def timeout_ms(self) -> float:
        """How long to wait for a control: as long as the run's time allows."""
        return self.deadline.timeout_ms(_CONTROL_MS)

    def hints(self, view: View) -> Hints:
        """What is known beside the page."""
        selected, headers = self._known_of(view)
        near = tuple(one.number for one in headers.group)
        return Hints(self._person(), self.before, selected, near)

    def headers(self, view: View) -> Headers:
        """The headers of the access blocks."""
        return self._known_of(view)[1]

    def _known_of(self, view: View) -> tuple[dict[str, frozenset[int]], Headers]:
        """What the operator's selectors find, and the headers; found out once for each look and
        what is known of the page."""
        known = self._known
        if known is None or known[0] is not view or known[1] is not self.locators:
            selectors = self.locators.overrides.selectors
            selected = self.survey.selected(selectors) if selectors else {}
            headers = headers_of(view, self.locators, Hints(selected=selected))
            known = self._known = view, self.locators, selected, headers
        return known[2:]

    def recognise(self, sought: Sought, view: View) -> Recognition:
        """What of a look at the page the control is."""
        return sought.find(view, self.locators, self.hints(view))

    def offered(self, sought: Sought, view: View) -> bool:
        """Whether a look at the page shows the control, once or more."""
        return bool(self.recognise(sought, view).rivals)

    def views(self, at_most_ms: float) -> Iterator[View]:
        """Looks at the page, one at least, until the time is up: a new one whenever it changes."""
        limit = Deadline(self.deadline.timeout_ms(at_most_ms) / 1000)
        while True:
            yield self.survey.look()
            if limit.passed:
                return
            self.survey.changed()

    def until(self, told: Callable[[View], T | None], at_most_ms: float | None = None) -> T | None:
        """What a look at the page tells, waited for; None when it never does."""
        for view in self.views(self.timeout_ms() if at_most_ms is None else at_most_ms):
            if (found := told(view)) is not None:
                return found
        return None

    def find(self, sought: Sought) -> Seen:
        """The one visible element, waited for. Raises ControlNotFound.

        What bears the very name is taken at once; what is known by less may be overtaken by a
        better one while the page still draws itself, so it must stay the best for a while.
        """
        best: tuple[int, Deadline] | None = None

        def settled(view: View) -> Seen | None:
            nonlocal best
            one = self.recognise(sought, view).one
            if one is None:
                best = None
                return None
            if best is None or best[0] != one.seen.number:
                best = one.seen.number, Deadline(_SETTLED_SECONDS)
            return one.seen if one.sure or best[1].passed else None

        found = self.until(settled)
        if found is None:
            raise self.missing(sought)
        return found

    def seen(self, sought: Sought) -> Seen | None:
        """The control as the page is now; waits for nothing."""
        found = self.recognise(sought, self.survey.look()).one
        return found.seen if found else None

    def handle(self, seen: Seen) -> ElementHandle:
        """The element itself, or what is drawn and pressed in its place. Raises Gone."""
        return self.survey.element(seen.surface or seen.number)

    def press(self, sought: Sought, control: Seen | None = None) -> Seen:
        """Click a control and tell which it was; one that is drawn anew meanwhile is found again.
        Raises ControlNotFound."""
        for attempt in range(_PRESSES):
            control = control if attempt == 0 and control is not None else self.find(sought)
            shown = self.survey.last.numbers
            if self.click(sought, control):
                self.before = shown
                return control
        raise self.missing(sought)

    def click(self, sought: Sought, control: Seen) -> bool:
        """Click a control once; False when it was drawn anew before it could be. Raises
        ControlNotFound."""
        try:
            # Until its scripts have run, a page shows controls that do nothing when pressed.
            self.page.wait_for_load_state("domcontentloaded", timeout=self.timeout_ms())
            self.handle(control).click(timeout=self.timeout_ms())
        except Gone:
            return False
        except PlaywrightError as error:
            self.deadline.check()
            if any(word in str(error) for word in _DETACHED):
                return False
            raise self.unusable(control, sought, reasons.why(error)) from None
        return True

    def look(
        self, control: Seen, sought: Sought, *, callout: int, keep: str, heading: Seen | None = None
    ) -> Sighting:
        """The picture of a control that was found. Raises ControlNotFound, and Gone when it is
        there no more."""
        found, limit = None, Deadline(self.timeout_ms() / 1000 / 2)
        while found is None:
            try:
                found = look_at(
                    self.page,
                    self.handle(control),
                    callout=callout,
                    keep=keep,
                    heading=self.handle(heading) if heading is not None else None,
                )
            except CannotShow as why:
                if limit.passed:
                    kind = DriftKind.COVERED if why.covered else DriftKind.OUT_OF_VIEW
                    raise self.unusable(control, sought, str(why), kind=kind) from None
                self.survey.changed()  # what covers it may be the wait for something
            except PlaywrightTimeout:
                raise
            except PlaywrightError:
                raise Gone from None
        return found

    def missing(self, sought: Sought) -> ControlNotFound:
        """The error to raise for a control that is not there, or not once."""
        self.deadline.check()  # out of time is the better reason
        view = self.survey.look()
        drift, concerned = what_became(sought, view, self.locators, self.hints(view))
        return self.drifted(drift, concerned)

    def unusable(
        self, control: Seen, sought: Sought, why: str, *, kind: DriftKind | None = None
    ) -> ControlNotFound:
        """The error to raise for a control that was found and cannot be used."""
        cover = self.survey.cover(control.surface or control.number)
        if kind is None and not control.enabled:
            kind = DriftKind.DISABLED
        if kind is None and cover is not None:
            kind = DriftKind.COVERED
        if kind is None:
            return ControlNotFound(
                f"{sought.phrase}: не нажимается ({why}). Сравните страницу с инструкцией."
            )
        drift = Drift(
            kind, sought.phrase, sought.called(self.locators), sought.roles, cover=cover or ""
        )
        return self.drifted(drift, [control])

    def drifted(self, drift: Drift, concerned: list[Seen]) -> ControlNotFound:
        """A drift as an error, with the places of the elements that bear on it."""
        places = self.survey.boxes([one.number for one in concerned]) if concerned else []
        candidates = tuple(
            candidate(drift.expected, one, box) for one, box in zip(concerned, places, strict=True)
        )
        told = replace(drift, candidates=candidates)
        return ControlNotFound(sentence(told, saved=self.saved), drift=told)
