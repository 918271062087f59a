"""The record of changes that the service answers (sigex-facts 3.2 and 3.4, K(S2))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Author:
    """Who made a change: a person by IIN, or an information system by its certificate's digest."""

    iin: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One change, with the object before and after; that both are whole objects is I."""

    event_id: int
    original: Mapping[str, Any]
    modified: Mapping[str, Any]
    author: Author
    modified_at: int

    def as_json(self) -> dict[str, Any]:
        """Return the event as the API writes it; both author fields are always there (I)."""
        return {
            "eventId": self.event_id,
            "original": dict(self.original),
            "modified": dict(self.modified),
            "modifiedBy": self.author.iin,
            "modifiedByDigest": self.author.digest,
            "modifiedAt": self.modified_at,
        }


class AuditTrail:
    """Changes of one object, oldest first, numbered from 1."""

    def __init__(self, events: Iterable[AuditEvent] = ()) -> None:
        self._events: list[AuditEvent] = list(events)

    def __len__(self) -> int:
        return len(self._events)

    def append(
        self,
        original: Mapping[str, Any],
        modified: Mapping[str, Any],
        author: Author,
        modified_at: int,
    ) -> AuditEvent:
        """Add a change at the end."""
        event = AuditEvent(len(self._events) + 1, original, modified, author, modified_at)
        self._events.append(event)
        return event

    def forget_last(self) -> None:
        """Lose the last change, as a service that misbehaves may."""
        self._events.pop()

    def after(self, last_event_id: int) -> list[AuditEvent]:
        """Return the events that follow the given one; direction and order are I."""
        return [event for event in self._events if event.event_id > last_event_id]
