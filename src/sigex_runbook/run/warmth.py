"""What a process keeps from one run to the next: browser, driver, pytest session, parsed features.

A run gets a browser context of its own and a namespace of its own; nothing else of another run is
left when it begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager

from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.project import find_project
from sigex_runbook.site.browser import Browser as FoundBrowser
from sigex_runbook.site.pdf_printer import SECONDS, late_print, not_printed, pdf_of

from .employee import browser_for
from .options import Options, Target
from .scenarios.session import ScenarioSession

_MOST_RUNS = 200
"""A browser grows by a megabyte or so with each run; after these it is another."""

_PARTING_SECONDS = 10.0


class Warmth:
    """Keeps a scenario session for the runs at one service; use `kept`."""

    def __init__(self, target: Target, *, visible: bool = False) -> None:
        self._target, self._visible = target, visible
        self._served = _kind(target, visible=visible)
        self._session: ScenarioSession | None = None
        self._runs = 0

    def serves(self, options: Options) -> bool:
        """Whether it is for such a run: the same service, window and project."""
        return self._served == _kind(options.target, visible=options.visible)

    def session(self) -> ScenarioSession:
        """For the next run: the one that served the last, unless it has served its time, its
        browser has died, or a dead page holds it."""
        if self._session is None or self._runs >= _MOST_RUNS or not self._session.usable:
            self.close()
            target, visible = self._target, self._visible
            self._session = ScenarioSession(lambda: browser_for(target, visible=visible))
            wait([self._session.start()], SECONDS)  # what went wrong, the run will hear
        self._runs += 1
        return self._session

    def print(self, html: str) -> bytes:
        """A report as a PDF, by the same browser. Raises EnvironmentMissing."""
        session = self._session if self._session and self._session.usable else self.session()
        answer = session.with_browser(lambda browser: pdf_of(browser, html))
        try:
            return answer.result(SECONDS)
        except TimeoutError:
            raise late_print(SECONDS) from None
        except PlaywrightError as error:
            raise not_printed(error) from error

    def close(self) -> None:
        """Close the browser; a thread that a dead page holds ends with the process."""
        session, self._session, self._runs = self._session, None, 0
        if session is not None:
            session.thread.end()
            session.thread.join(_PARTING_SECONDS)


def _kind(target: Target, *, visible: bool) -> tuple[object, ...]:
    """What runs that share a browser have in common; each run has a copy of the CA of its own."""
    ca = target.ca.read_bytes() if target.ca else None
    return target.address, target.mtls_address, ca, visible, find_project().root


_kept: list[Warmth] = []
"""What this process keeps."""


@contextmanager
def kept(target: Target, *, visible: bool = False) -> Iterator[Warmth]:
    """Keep warm what runs at this service need, until this is left."""
    warmth = Warmth(target, visible=visible)
    _kept.append(warmth)
    try:
        yield warmth
    finally:
        _kept.remove(warmth)
        warmth.close()


def session_for(options: Options, browser: FoundBrowser) -> tuple[ScenarioSession, bool]:
    """The session for a run with these options, and whether it is kept for others: one of its own,
    in that browser, where nothing is kept for it."""
    for warmth in reversed(_kept):
        if warmth.serves(options):
            return warmth.session(), True
    own = ScenarioSession(
        lambda: browser_for(options.target, browser=browser, visible=options.visible)
    )
    return own, False
