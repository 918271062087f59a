"""A machine with a wrong clock: the run stops before anything is changed, and says how wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

import sigex_emulator.application
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.verdict import Saved, VerdictKind
from sigex_runbook.evidence.pack.read import clock_offset, json_of
from sigex_runbook.run.scenarios.clocks import check_clock
from tests.performing import perform
from tests.service import NOTHING, Service
from tests.sigex_runbook.run.test_runbook import saves

Shift = Callable[[timedelta], None]


@pytest.fixture
def shift(monkeypatch: pytest.MonkeyPatch) -> Shift:
    """Let the service tell a time that is ahead of this machine's by that much."""

    def by(ahead: timedelta) -> None:
        monkeypatch.setattr(
            sigex_emulator.application,
            "format_datetime",
            lambda moment, *, usegmt: format_datetime(moment + ahead, usegmt=usegmt),
        )

    return by


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (596, "спешат .* на 9 мин 56 с"),
        (-3_600, "отстают .* на 1 ч 0 мин"),
        (30 * 86_400, "спешат .* на 30 сут 0 ч"),
    ],
)
def test_what_is_beyond_belief_is_told(seconds: float, told: str) -> None:
    with pytest.raises(RunFailed, match=told):
        check_clock(seconds)


@pytest.mark.parametrize("seconds", [0, 300, -300, 595, -595])
def test_what_a_verifier_tolerates_stops_nothing(seconds: float) -> None:
    check_clock(seconds)


@pytest.mark.parametrize("hours", [2, -2])
def test_the_first_answer_stops_a_run_that_could_never_be_proved(
    service: Service, tmp_path: Path, shift: Shift, hours: int
) -> None:
    shift(timedelta(hours=hours))
    result = perform(service, service.order(), tmp_path)
    assert (result.verdict.kind, result.saved) == (VerdictKind.FAILED, Saved.NO)
    assert f"{'отстают' if hours > 0 else 'спешат'} против часов сервиса на" in str(
        result.verdict.reasons
    )
    assert (saves(service), service.granted()) == (0, NOTHING)
    offset = clock_offset(json_of(result.pack, "run.json"))
    assert offset == pytest.approx(-3_600 * hours, abs=60)
    assert not (result.pack / "evidence/state/before.json").exists()


@pytest.mark.parametrize("section", [2, 8])
def test_a_clock_that_jumps_on_the_way_stops_the_run_before_it_saves(
    service: Service, tmp_path: Path, shift: Shift, section: int
) -> None:
    def jump(number: int) -> None:
        if number == section:
            shift(timedelta(minutes=11))

    result = perform(service, service.order(), tmp_path, before_section=jump)
    assert (result.verdict.kind, result.saved) == (VerdictKind.FAILED, Saved.NO)
    assert (saves(service), service.granted()) == (0, NOTHING)


def test_five_minutes_are_recorded_and_stop_nothing(
    service: Service, tmp_path: Path, shift: Shift
) -> None:
    shift(timedelta(minutes=5))
    result = perform(service, service.order(), tmp_path)
    assert (result.verdict.kind, result.saved) == (VerdictKind.PASSED, Saved.YES)
    assert clock_offset(json_of(result.pack, "run.json")) == pytest.approx(-300, abs=60)
