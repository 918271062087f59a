"""The deadline counts by a clock of its own making here: nothing waits."""

from __future__ import annotations

import pytest

from sigex_runbook.core import deadline
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import DeadlinePassed


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(deadline, "time", clock)
    return clock


def test_before_its_time_it_lets_pass(clock: Clock) -> None:
    limit = Deadline(60)
    clock.now += 59.9
    limit.check()
    assert not limit.passed


@pytest.mark.parametrize("late", [60.0, 61.0, 1e9])
def test_when_time_is_up_it_says_how_much_there_was(clock: Clock, late: float) -> None:
    limit = Deadline(60)
    clock.now += late
    assert limit.passed
    with pytest.raises(DeadlinePassed, match=r"60 с.*--deadline"):
        limit.check()
    with pytest.raises(DeadlinePassed):
        limit.timeout_ms(8_000)


@pytest.mark.parametrize(
    ("spent", "timeout"),
    [
        (0.0, 8_000),
        (55.0, 5_000),
        (59.9999, 1.0),  # never 0: Playwright takes 0 for «no limit»
    ],
)
def test_a_wait_takes_what_is_left_at_most(clock: Clock, spent: float, timeout: float) -> None:
    limit = Deadline(60)
    clock.now += spent
    assert limit.timeout_ms(8_000) == pytest.approx(timeout)
