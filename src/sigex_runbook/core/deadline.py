"""The moment by which a run must be over."""

from __future__ import annotations

import time

from .errors import DeadlinePassed


class Deadline:
    """Counts from its making; `seconds` is the whole run's allowance."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() >= self._end

    @property
    def left(self) -> float:
        """Seconds that are left, none at the least."""
        return max(0.0, self._end - time.monotonic())

    def check(self) -> None:
        """Raises DeadlinePassed when the time is up."""
        if self.passed:
            raise self.error()

    def error(self) -> DeadlinePassed:
        """What a run that took too long dies of."""
        return DeadlinePassed(
            f"Запуск не уложился в {self._seconds:g} с и остановлен. Проверьте, отвечает ли "
            "сервис, или дайте больше времени (--deadline), и повторите."
        )

    def cause(self, error: Exception) -> Exception:
        """The error; or, when the time is up, that: a wait that was cut short proves nothing."""
        if not self.passed or isinstance(error, DeadlinePassed):
            return error
        late = self.error()
        late.section = getattr(error, "section", None)
        late.callout = getattr(error, "callout", None)
        return late

    def timeout_ms(self, at_most_ms: float) -> float:
        """Milliseconds that a single wait may take. Raises DeadlinePassed when none are left."""
        self.check()
        return min(at_most_ms, max(1.0, self.left * 1000))
