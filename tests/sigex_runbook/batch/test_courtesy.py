"""The pace: rate, pause, hours, and what the service's own limit does to it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sigex_runbook.batch.courtesy import (
    FIRST_BACK_OFF,
    LONGEST_BACK_OFF,
    MOST_BACK_OFFS,
    Courtesy,
    Hours,
    Pace,
    Trouble,
)
from sigex_runbook.core.errors import UsageError

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def until(pace: Pace, now: datetime = NOON) -> timedelta | None:
    wait = pace.wait(now)
    return wait.until - now if wait else None


@pytest.mark.parametrize(
    ("address", "concurrency"),
    [
        ("https://127.0.0.1:8443", None),
        ("https://localhost:1", None),
        ("https://sigex.kz", 1),
        ("https://sigex.example", 1),
    ],
)
def test_only_an_emulator_gets_more_than_one_at_a_time(
    address: str, concurrency: int | None
) -> None:
    assert Courtesy.towards(address).concurrency == concurrency


def test_nothing_asked_nothing_waited() -> None:
    pace = Pace(Courtesy())
    pace.begun(NOON)
    pace.ended(NOON)
    assert pace.wait(NOON) is None


def test_the_rate_counts_from_one_beginning_to_the_next() -> None:
    pace = Pace(Courtesy(per_minute=4))
    pace.begun(NOON)
    assert until(pace) == 15 * SECOND
    assert until(pace, NOON + 15 * SECOND) is None


def test_the_pause_counts_from_an_end_and_the_longer_wait_is_told() -> None:
    pace = Pace(Courtesy(per_minute=60, pause_seconds=20))
    pace.begun(NOON)
    pace.ended(NOON)
    wait = pace.wait(NOON)
    assert wait is not None
    assert (wait.until - NOON, wait.why) == (20 * SECOND, "пауза между заказами")


def test_back_off_doubles_up_to_a_bound_and_begins_anew_after_a_success() -> None:
    pace, now = Pace(Courtesy()), NOON
    waited, exhausted = [], []
    for _ in range(MOST_BACK_OFFS):
        exhausted.append(pace.exhausted)
        pace.ended(now, Trouble.LIMITED)
        waited.append(until(pace, now) or timedelta())
        now += waited[-1]
    exhausted.append(pace.exhausted)
    assert waited[:4] == [FIRST_BACK_OFF * factor for factor in (1, 2, 4, 8)]
    assert waited[4:] == [LONGEST_BACK_OFF] * (MOST_BACK_OFFS - 4)
    pace.ended(now)
    exhausted.append(pace.exhausted)
    assert exhausted == [*[None] * MOST_BACK_OFFS, Trouble.LIMITED, None]
    pace.ended(now, Trouble.LIMITED)
    assert until(pace, now) == FIRST_BACK_OFF


def test_several_that_met_one_limit_at_once_count_once() -> None:
    pace = Pace(Courtesy(concurrency=4))
    for second in range(3):
        pace.ended(NOON + second * SECOND, Trouble.LIMITED)
    assert until(pace) == FIRST_BACK_OFF


ALMATY = "Asia/Almaty"


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [  # Almaty is five hours ahead
        ("22:00-06:00", "2026-11-30T16:59", "2026-11-30T17:00"),
        ("22:00-06:00", "2026-11-30T17:00", "2026-11-30T17:00"),
        ("22:00-06:00", "2026-12-01T00:59", "2026-12-01T00:59"),
        ("22:00-06:00", "2026-12-01T01:00", "2026-12-01T17:00"),
        ("09:00-18:00", "2026-11-30T03:00", "2026-11-30T04:00"),
        ("09:00-18:00", "2026-11-30T13:00", "2026-12-01T04:00"),
        ("09:00-18:00", "2026-11-30T12:59", "2026-11-30T12:59"),
    ],
)
def test_hours_of_a_time_zone(hours: str, now: str, opens: str) -> None:
    moment = datetime.fromisoformat(f"{now}+00:00")
    assert Hours.read(f"{hours} {ALMATY}").opens(moment) == datetime.fromisoformat(f"{opens}+00:00")


def test_hours_where_the_clock_is_moved() -> None:
    """In Berlin 02:30 does not exist on that night: work begins at 03:30 by the wall."""
    hours = Hours.read("02:30-05:00 Europe/Berlin")
    assert hours.opens(datetime(2026, 3, 29, 0, 0, tzinfo=UTC)) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_a_pause_that_ends_after_closing_time_ends_in_the_morning() -> None:
    pace = Pace(Courtesy(pause_seconds=120, hours=Hours.read(f"09:00-18:00 {ALMATY}")))
    closing = datetime(2026, 11, 30, 12, 59, tzinfo=UTC)
    pace.ended(closing)
    wait = pace.wait(closing)
    assert wait is not None
    assert wait.until == datetime(2026, 12, 1, 4, tzinfo=UTC)
    assert wait.why == "рабочие часы 09:00–18:00 (Asia/Almaty)"


@pytest.mark.parametrize(
    "text",
    [
        "ночью",
        "22:00-06:00",
        "22:00-22:00 Asia/Almaty",
        "25:00-06:00 Asia/Almaty",
        "22:00-06:00 Asia/Nowhere",
        "22:00-06:00 Asia",
        "22:00-06:00 ../etc/passwd",
    ],
)
def test_hours_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="22:00-06:00 Asia/Almaty"):
        Hours.read(text)


@pytest.mark.parametrize(
    ("concurrency", "per_minute", "pause"),
    [(0, None, 0.0), (1, 0.0, 0.0), (1, None, -1.0), (1, float("nan"), 0.0), (1, None, 1e9)],
)
def test_a_pace_that_is_none(concurrency: int, per_minute: float | None, pause: float) -> None:
    with pytest.raises(UsageError, match="Темп не подходит"):
        Courtesy(concurrency, per_minute, pause)
