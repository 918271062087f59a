"""A call as it is recorded: neither the session nor people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from sigex_runbook.core.access import AccessBlock, Json

_RECORDED_FIELDS = (
    "message",
    "requestID",
    "businessId",
    "modifiedAt",
    "documentId",
    "documentsTotal",
    "eventsTotal",
    *AccessBlock,
)
"""Fields of an answer that may be recorded: none of them speaks of a person."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call as it is recorded: no cookie, no body but allow-listed fields of the answer.

    `waited_seconds` were spent since it was asked first, because the service wanted it later.
    """

    actor: str
    method: str
    url: str
    status: int
    date: str | None
    sent_at: str
    fields: Json
    waited_seconds: int = 0

    @property
    def clock_offset_seconds(self) -> float | None:
        """How far this machine's clock was ahead of the service's; None when it told no time."""
        if self.date is None:
            return None
        try:
            told = parsedate_to_datetime(self.date)
        except ValueError:
            return None
        offset = datetime.fromisoformat(self.sent_at) - (
            told if told.tzinfo else told.replace(tzinfo=UTC)
        )
        return round(offset.total_seconds(), 1)


Recorder = Callable[[Exchange], None]


def recorded_fields(answer: Json | None) -> Json:
    """What may be recorded of an answer. Of settings, the ticks of all four blocks: a list that is
    null or not there is recorded as the empty one that it is (sigex-facts 8)."""
    if answer is None:
        return {}
    fields = {key: answer[key] for key in _RECORDED_FIELDS if key in answer}
    settings = any(isinstance(answer.get(block), dict) for block in AccessBlock)
    for block in AccessBlock:  # a flag of the permissions, or a block: who is in it stays out
        value = answer.get(block)
        if isinstance(value, dict) or (settings and value is None):
            indices = (value or {}).get("tlsCertificatesIndices")
            numbers = [i for i in indices if type(i) is int] if isinstance(indices, list) else []
            fields[block] = {"tlsCertificatesIndices": numbers}
        elif not isinstance(value, bool):
            fields.pop(block, None)
    return fields
