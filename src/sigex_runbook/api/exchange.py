"""A call as it is recorded: neither the session nor people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
    """One call as it is recorded: no cookie, no body but allow-listed fields of the answer."""

    actor: str
    method: str
    url: str
    status: int
    date: str | None
    sent_at: str
    fields: Json


Recorder = Callable[[Exchange], None]


def recorded_fields(answer: Json | None) -> Json:
    """What may be recorded of an answer."""
    fields = {key: answer[key] for key in _RECORDED_FIELDS if answer and key in answer}
    for block in AccessBlock:  # a flag of the permissions, or a block: who is in it stays out
        value = fields.get(block)
        if isinstance(value, dict):
            indices = value.get("tlsCertificatesIndices")
            numbers = [i for i in indices if type(i) is int] if isinstance(indices, list) else []
            fields[block] = {"tlsCertificatesIndices": numbers}
        elif value is not None and not isinstance(value, bool):
            del fields[block]
    return fields
