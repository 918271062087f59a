"""What was asked of the API: a record of each request, and how often a caller asks."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

_WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One API request that was answered: what was asked and which message ended it, if any."""

    port: str
    method: str
    path: str
    caller: str
    message: str | None


class CallMeter:
    """Remembers each caller's calls of the last minute (sigex-facts 3.6; limits U)."""

    def __init__(self) -> None:
        self._calls: dict[str, deque[datetime]] = {}
        self._lock = threading.Lock()

    def allows(self, caller: str, now: datetime, limit: int) -> bool:
        """Count a call and tell whether it is within the limit; 0 is no limit."""
        if not limit:
            return True
        with self._lock:
            calls = self._calls.setdefault(caller, deque())
            while calls and calls[0] <= now - _WINDOW:
                calls.popleft()
            if len(calls) >= limit:
                return False
            calls.append(now)
            return True
