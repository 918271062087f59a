"""Finding and pressing one control; when that fails, the drift is told in the guide's words."""

from __future__ import annotations

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page

from sigex_runbook.core import error_causes as reasons
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import ControlNotFound
from sigex_runbook.core.record import Drift, DriftKind

from .controls import NotOne, resolve
from .drift import sentence
from .screenshot import CannotShow, Sighting, look_at
from .survey import Sought, missed, unusable

_CONTROL_MS = 8_000


class Finder:
    """Looks for controls on one page; `saved` is to be set once the save button was pressed."""

    def __init__(self, page: Page, deadline: Deadline) -> None:
        self.page = page
        self.deadline = deadline
        self.saved = False

    def timeout_ms(self) -> float:
        """How long to wait for a control: as long as the run's time allows."""
        return self.deadline.timeout_ms(_CONTROL_MS)

    def find(self, sought: Sought) -> Locator:
        """The one visible element, waited for. Raises ControlNotFound."""
        try:
            return resolve(
                sought.scope or self.page,
                sought.control,
                timeout_ms=self.timeout_ms(),
                words=sought.words,
            )
        except NotOne:
            raise self.missing(sought) from None

    def press(self, control: Locator, sought: Sought) -> None:
        """Click a control that was found. Raises ControlNotFound."""
        try:
            control.click(timeout=self.timeout_ms())
        except PlaywrightError as error:
            self.deadline.check()
            raise self.unusable(control, sought, reasons.why(error)) from None

    def look(
        self,
        control: Locator,
        sought: Sought,
        *,
        callout: int,
        keep: str,
        heading: Locator | None = None,
    ) -> Sighting:
        """The picture of a control that was found. Raises ControlNotFound."""
        try:
            return look_at(self.page, control, callout=callout, keep=keep, heading=heading)
        except CannotShow as why:
            kind = DriftKind.COVERED if why.covered else DriftKind.OUT_OF_VIEW
            raise self.unusable(control, sought, str(why), kind=kind) from None

    def missing(self, sought: Sought) -> ControlNotFound:
        """The error to raise for a control that is not there, or not once."""
        self.deadline.check()  # out of time is the better reason
        return self._drifted(missed(self.page, sought))

    def unusable(
        self, control: Locator, sought: Sought, why: str, *, kind: DriftKind | None = None
    ) -> ControlNotFound:
        """The error to raise for a control that was found and cannot be used."""
        drift = unusable(self.page, sought, control, kind)
        if drift is not None:
            return self._drifted(drift)
        return ControlNotFound(
            f"{sought.phrase}: не нажимается ({why}). Сравните страницу с инструкцией."
        )

    def _drifted(self, drift: Drift) -> ControlNotFound:
        return ControlNotFound(sentence(drift, saved=self.saved), drift=drift)
