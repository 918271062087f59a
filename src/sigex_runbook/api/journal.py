"""The organisation's journal of changes, as an employee reads it before a run and after."""

from __future__ import annotations

from typing import Any

from sigex_runbook.core.access import AccessSettings, Json
from sigex_runbook.core.audit import Audit, AuditEvent, Unread
from sigex_runbook.core.errors import ServiceRefused, ServiceUnavailable

from .client import Api


class Journal:
    """Remembers by `mark` how far the journal goes, and tells by `news` what came since.

    Numbers of events grow, and an event's number asks for those after it (sigex-facts 3.2, both
    inferred): a journal that contradicts this counts as one that cannot be read.
    """

    def __init__(self, api: Api, user_id: str) -> None:
        """`user_id` is the signed-in employee's: whether an event is his is all that is told."""
        self._api = api
        self._person = user_id.removeprefix("IIN")
        self._known = self._last = 0
        self._unread: Audit | None = None

    def mark(self) -> None:
        """What the service has noted by now is old."""
        self._read()

    def news(self) -> Audit:
        """The events since; once it was not read, it is not asked for again."""
        found = self._read()
        if self._unread is not None:
            return self._unread
        try:
            return Audit(tuple(self._event(number, one) for number, one in found.items()))
        except (ValueError, KeyError, TypeError, AttributeError):
            return Audit(unread=Unread.UNKNOWN)

    def _read(self) -> dict[int, Json]:
        """Go on to the end; gives what was met on the way, by number."""
        found: dict[int, Json] = {}
        if self._unread is not None:
            return found
        try:
            while True:
                total, page = _page(self._api.settings_audit(self._last))
                fresh = {number: one for number, one in page.items() if number > self._last}
                found |= fresh
                self._last = max([self._last, *fresh])
                self._known += len(fresh)
                if not fresh or self._known >= total:
                    break
            if self._known != total:
                self._unread = Audit(unread=Unread.INCOMPLETE)
        except ServiceRefused as refused:
            self._unread = Audit(unread=Unread.REFUSED, reason=refused.reason)
        except ServiceUnavailable:
            self._unread = Audit(unread=Unread.SILENT)
        except (ValueError, KeyError, TypeError, AttributeError):
            self._unread = Audit(unread=Unread.UNKNOWN)
        return found

    def _event(self, number: int, event: Json) -> AuditEvent:
        return AuditEvent(
            number,
            str(event["modifiedBy"]).removeprefix("IIN") == self._person,
            AccessSettings(event["original"]),
            AccessSettings(event["modified"]),
        )


def _page(answer: Json) -> tuple[int, dict[int, Any]]:
    """How many events there are, and those of this answer by their numbers; an empty list may be
    null or not there (sigex-facts 8). Raises ValueError, KeyError or TypeError for other shapes."""
    total = answer["eventsTotal"]
    page = {one["eventId"]: one for one in answer.get("events") or []}
    if type(total) is not int or not all(type(number) is int for number in page):
        raise ValueError("no numbers")
    return total, page
