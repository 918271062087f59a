"""What was asked of the API: a record for tests and for the control page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One API request that was answered: what was asked and which message ended it, if any."""

    port: str
    method: str
    path: str
    caller: str
    message: str | None
