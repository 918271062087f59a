"""The emulator's only source of time, so that a test can move it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from .bell import Bell


class Clock(Protocol):
    """Anything that knows what time it is."""

    @property
    def moved(self) -> Bell:
        """Rings whenever the clock is moved: whoever waits for a moment looks again."""

    def now(self) -> datetime:
        """Return the present moment, in UTC."""


class ShiftedClock:
    """The computer's clock plus a shift, none at first: a test moves it to let things expire."""

    def __init__(self) -> None:
        self.moved = Bell()
        self._shift = timedelta()
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the shifted present moment, in UTC."""
        return datetime.fromtimestamp(time.time(), UTC) + self._shift

    def advance(self, by: timedelta) -> None:
        """Move the clock forward (or back, by a negative amount)."""
        with self._lock:
            self._shift += by
        self.moved.ring()


def milliseconds(moment: datetime) -> int:
    """Return the moment as the API writes it: ms since the Unix epoch (sigex-facts 3.1, K)."""
    return round(moment.timestamp() * 1000)
