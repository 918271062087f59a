"""How a batch spares the service: how many at once, how fast, when, and what it does when the
service says that it is asked too often, or says nothing. Pure: whoever waits says what time it is.

The service's own limits are unknown (sigex-facts 3.6), so nothing but an emulator gets more than
one order at a time unless somebody says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sigex_runbook.core.environment import Environment, Kind
from sigex_runbook.core.errors import UsageError

FIRST_BACK_OFF = timedelta(minutes=1)
LONGEST_BACK_OFF = timedelta(minutes=15)
MOST_BACK_OFFS = 8
"""In a row, without an order in between that met no trouble: somewhat over an hour."""


class Trouble(StrEnum):
    """What of the service's is waited for, in words."""

    LIMITED = "сервис ограничил частоту запросов"
    AWAY = "сервис не отвечает"


_HOURS = re.compile(r"(\d\d:\d\d)-(\d\d:\d\d) (\S+)")


@dataclass(frozen=True, slots=True)
class Hours:
    """The hours of the day in which orders may be begun; over midnight when they end earlier."""

    start: time
    end: time
    zone: ZoneInfo

    @classmethod
    def read(cls, text: str) -> Self:
        """`22:00-06:00 Asia/Almaty`. Raises UsageError."""
        told = _HOURS.fullmatch(text)
        try:
            if told is None:
                raise ValueError
            start, end = time.fromisoformat(told[1]), time.fromisoformat(told[2])
            zone = ZoneInfo(told[3])
            if start == end:
                raise ValueError
        except (ValueError, ZoneInfoNotFoundError, OSError) as error:
            raise UsageError(
                f"Часы работы «{text}» не подходят. Нужны начало, конец и часовой пояс, например "
                "«22:00-06:00 Asia/Almaty»."
            ) from error
        return cls(start, end, zone)

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M} ({self.zone.key})"

    def opens(self, now: datetime) -> datetime:
        """The first moment from now on that is within them."""
        local = now.astimezone(self.zone)
        clock = local.time()
        if self.start < self.end:
            within = self.start <= clock < self.end
        else:
            within = clock >= self.start or clock < self.end
        if within:
            return now
        day = local.date() + timedelta(days=1 if clock >= self.start else 0)
        return datetime.combine(day, self.start, self.zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Courtesy:
    """What one target is asked at most. `concurrency` None leaves it to the workers."""

    concurrency: int | None = 1
    per_minute: float | None = None
    pause_seconds: float = 0.0
    hours: Hours | None = None

    def __post_init__(self) -> None:
        """Raises UsageError for a number that is no pace."""
        unfit = (
            (self.concurrency is not None and self.concurrency < 1)
            or (self.per_minute is not None and not 0 < self.per_minute <= _MOST)
            or not 0 <= self.pause_seconds <= _MOST
        )
        if unfit:
            raise UsageError(
                "Темп не подходит: одновременных заказов — не меньше 1, заказов в минуту — больше "
                f"нуля, пауза — не меньше нуля секунд; не больше {_MOST}. Исправьте и повторите."
            )

    @classmethod
    def towards(cls, address: str) -> Self:
        """What is taken for granted of a target: an emulator bears as much as the machine."""
        emulated = Environment(address).kind is Kind.EMULATOR
        return cls(concurrency=None if emulated else 1)


_MOST = 86_400


@dataclass(frozen=True, slots=True)
class Wait:
    """No order is begun before `until`, and why."""

    until: datetime
    why: str


class Pace:
    """Courtesy kept: is told what happens, and says from when on another order may be begun."""

    def __init__(self, courtesy: Courtesy) -> None:
        self.courtesy = courtesy
        self._waits: dict[str, datetime] = {}
        self._troubles = 0
        self._last: Trouble | None = None

    def begun(self, now: datetime) -> None:
        """An order was begun."""
        rate = self.courtesy.per_minute
        if rate is not None:
            told = f"не больше {rate:g} заказов в минуту"
            self._waits[told] = now + timedelta(minutes=1) / rate

    def ended(self, now: datetime, trouble: Trouble | None = None) -> None:
        """An order came to its end, by the service's `trouble` if there was one."""
        if self.courtesy.pause_seconds:
            pause = timedelta(seconds=self.courtesy.pause_seconds)
            self._waits["пауза между заказами"] = now + pause
        self._last = trouble
        if trouble is None:
            self._troubles = 0
        elif now >= self._waits.get(trouble, now):  # those begun before the last one tell no more
            self._waits[trouble] = now + min(FIRST_BACK_OFF * 2**self._troubles, LONGEST_BACK_OFF)
            self._troubles += 1

    @property
    def exhausted(self) -> Trouble | None:
        """The trouble that has lasted too long."""
        return self._last if self._troubles >= MOST_BACK_OFFS else None

    def wait(self, now: datetime) -> Wait | None:
        """What there is to wait for, None when an order may be begun."""
        why, until = max(self._waits.items(), key=lambda one: one[1], default=("", now))
        until, hours = max(until, now), self.courtesy.hours
        if hours is not None and (opens := hours.opens(until)) != until:
            return Wait(opens, f"рабочие часы {hours}")
        return Wait(until, why) if until != now else None
