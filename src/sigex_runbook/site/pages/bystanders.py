"""Who stands beside the employee at the screen."""

from __future__ import annotations

from typing import Protocol

from sigex_runbook.core.access import AccessSettings
from sigex_runbook.core.verdict import Saved
from sigex_runbook.site.screenshot import Sighting


class Observer(Protocol):
    """Who looks over the employee's shoulder."""

    def seen(self, sighting: Sighting) -> None:
        """A callout's control was found and photographed."""

    def note(self, text: str) -> None:
        """Something that the reader of the record should know."""

    def saving(self, saved: Saved) -> None:
        """The save button is about to be pressed, or what came of it."""


class Backstage(Protocol):
    """What the API tells the reader of the screen, in the name of who is signed in."""

    def signed_in(self) -> bool:
        """Whether the page's session is somebody's."""

    def person(self) -> tuple[str, ...]:
        """Names that the page may call the employee by; empty when nobody is signed in."""

    def settings_before(self) -> AccessSettings | None:
        """The organisation's settings as they were read before anything was touched."""

    def settings_expected(self) -> AccessSettings:
        """What may be saved."""
