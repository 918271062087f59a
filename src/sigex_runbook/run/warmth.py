"""What a process keeps from one run to the next: browser, driver, pytest session, parsed features.

A run gets a browser context of its own and a namespace of its own; nothing else of another run is
left when it begins.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import replace

from playwright.sync_api import Error as PlaywrightError

from sigex_runbook.core.errors import RunbookError
from sigex_runbook.core.project import find_project
from sigex_runbook.site.browser import Browser as FoundBrowser
from sigex_runbook.site.pdf_printer import SECONDS, late_print, not_printed, pdf_of
from sigex_runbook.site.server_pin import server_pin

from .employee import browser_for
from .options import Options, Target
from .scenarios.session import ScenarioSession

_MOST_RUNS = 200
"""A browser grows by a megabyte or so with each run; after these it is another."""

_PARTING_SECONDS = 10.0


class Warmth:
    """Keeps a scenario session for the runs at one service; use `kept`."""

    def __init__(self, target: Target, *, visible: bool = False) -> None:
        if target.ca is not None:  # a notebook that is executed here changes the folder
            target = replace(target, ca=target.ca.resolve())
        self._target, self._visible = target, visible
        self._served = _served(target, visible=visible)
        self._session: ScenarioSession | None = None
        self._pin: str | None = None
        self._runs = 0

    def serves(self, options: Options) -> bool:
        """Whether it is for such a run: the same service, window and project."""
        return self._served == _served(options.target, visible=options.visible)

    def session(self) -> ScenarioSession:
        """For the next run: the one that served the last, unless it has served its time, its
        browser has died or trusts another key than the service has by now, or a dead page holds
        it."""
        pin = self._pin_now()
        served = self._runs >= _MOST_RUNS or pin != self._pin
        if self._session is None or served or not self._session.usable:
            self.close()
            self._pin = pin
            self._session = ScenarioSession(
                lambda: browser_for(self._target, visible=self._visible)
            )
            wait([self._session.start()], SECONDS)  # what went wrong, the run will hear
        self._runs += 1
        return self._session

    def _pin_now(self) -> str | None:
        """Of the service, where its key must be named; the last one while it does not answer."""
        if self._target.ca is None:
            return None
        try:
            return server_pin(self._target.address, self._target.ca.read_bytes())
        except RunbookError:
            return self._pin

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


def _served(target: Target, *, visible: bool) -> tuple[object, ...]:
    """What a session is for; each run has a copy of the authorities' file in a place of its own."""
    authorities = target.ca.read_bytes() if target.ca else None
    return target.address, target.mtls_address, authorities, visible, find_project().root


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
