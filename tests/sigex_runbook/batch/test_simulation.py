"""The simulation measures the machinery as it is, on the disk, and tells it."""

from __future__ import annotations

import pytest

from sigex_runbook.batch.simulation import Cost, measure
from sigex_runbook.cli.main import main


def test_every_order_is_written_down_from_plan_to_place() -> None:
    few, more = measure((2, 20))
    assert (few.orders, more.orders) == (2, 20)
    assert few.milliseconds > 0
    assert few.processor_milliseconds > 0
    assert few.reading_microseconds > 0
    lines = 6  # planned, begun, by whom, saved, sealed, placed
    assert lines * 100 < more.bytes < few.bytes < lines * 250


def test_the_command_prints_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sigex_runbook.batch.simulation.measure",
        lambda numbers: [Cost(number, 1.5, 1.25, 900.0, 25.0) for number in numbers],
    )
    assert main(["bench", "--simulate"]) == 0
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert told[1:] == [[str(n), "1.50", "1.25", "900", "25.0"] for n in (100, 1000, 10_000)]
