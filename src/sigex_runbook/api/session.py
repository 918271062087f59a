"""A session's cookie: one for all who act in the session, whoever of them had it renewed.

The service may renew it in any answer (sigex-facts 3.3, known).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookies import CookieError, Morsel, SimpleCookie
from typing import Protocol

COOKIE = "jwt"
"""Name of the session cookie (sigex-facts 3.3)."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """The cookie as an answer sets it: an empty `value` ends the session. `until` is in seconds
    since the epoch, None when it lives as long as the browser."""

    value: str
    until: float | None


class Session(Protocol):
    """Keeps the cookie of one session."""

    @property
    def cookie(self) -> str | None:
        """The value to be sent now; None without a session. It must not reach any record."""

    def renew(self, renewal: Renewal) -> None:
        """Take what an answer sets."""


class OwnSession:
    """A session in which nobody else acts."""

    def __init__(self, cookie: str | None = None) -> None:
        self.cookie = cookie

    def renew(self, renewal: Renewal) -> None:
        """Take what an answer sets."""
        self.cookie = renewal.value or None


def renewals_in(headers: Iterable[str]) -> Iterator[Renewal]:
    """What the Set-Cookie headers of an answer say of the session, in their order."""
    for header in headers:
        try:
            morsel = SimpleCookie(header).get(COOKIE)
        except CookieError:
            continue
        if morsel is not None:
            until = _until(morsel)
            over = until is not None and until <= time.time()
            yield Renewal("" if over else morsel.value, until)


def _until(morsel: Morsel[str]) -> float | None:
    """When it ends; Max-Age counts before Expires (RFC 6265, 4.1.2.2)."""
    try:
        if morsel["max-age"]:
            return time.time() + int(morsel["max-age"])
        return parsedate_to_datetime(morsel["expires"]).timestamp() if morsel["expires"] else None
    except ValueError:
        return None
