"""The employee's session: its cookie is the browser's, and the API sends and renews that one."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import BrowserContext, Cookie, Error

from sigex_runbook.api.session import COOKIE, Renewal

from .secrets.channel import Tell

_WITH_THE_BROWSER = -1
"""Playwright's word for a cookie without an end."""


class BrowserSession:
    """The session of a browser context at one address; used on Playwright's thread, as the context
    itself. `tell` learns a renewed cookie: it came past the browser.

    Of a browser that is gone the last cookie counts, so that its session can still be ended.
    """

    def __init__(self, context: BrowserContext, address: str, tell: Tell | None = None) -> None:
        self._context = context
        self._address = address
        self._tell = tell
        self._last: str | None = None

    @property
    def cookie(self) -> str | None:
        """The value that the browser would send now."""
        with suppress(Error):
            held = self._held()
            self._last = held.get("value") if held is not None else None
        return self._last

    def renew(self, renewal: Renewal) -> None:
        """Let the browser go on with what an answer to the API sets."""
        self._last = renewal.value or None
        if self._last is not None and self._tell is not None:
            self._tell("cookie", self._last)
        until = _WITH_THE_BROWSER if renewal.until is None else renewal.until
        with suppress(Error):
            held = self._held()
            if self._last is None:
                self._context.clear_cookies(name=COOKIE)
            elif held is not None:  # in its place: a second one beside it would be sent too
                self._context.add_cookies(
                    [
                        {
                            "name": COOKIE,
                            "value": self._last,
                            "domain": held["domain"],
                            "path": held["path"],
                            "expires": until,
                            "secure": True,
                            "httpOnly": True,
                            "sameSite": "Strict",
                        }
                    ]
                )

    def _held(self) -> Cookie | None:
        cookies = self._context.cookies(self._address)
        return next((one for one in cookies if one.get("name") == COOKIE), None)
