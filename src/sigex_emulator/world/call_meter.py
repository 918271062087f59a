"""Counting calls, for a service that limits how often it is asked (sigex-facts 3.6; limits U)."""

from __future__ import annotations

import threading
from collections import deque
from datetime import datetime, timedelta

_WINDOW = timedelta(minutes=1)


class CallMeter:
    """Remembers each caller's calls of the last minute."""

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
