"""The simulation measures the machinery as it is, on the disk, and tells it."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from sigex_runbook.batch.simulation import Cost, measure
from sigex_runbook.cli.main import main


def test_every_order_is_written_down_from_plan_to_place_sealed_listed_and_verified() -> None:
    few, more = measure((2, 20))
    assert (few.orders, more.orders) == (2, 20)
    assert all(spent >= 0 for spent in astuple(few)[1:7])
    lines = 6  # planned, begun, by whom, saved, sealed, placed
    assert lines * 100 < more.state_bytes < few.state_bytes < lines * 250
    assert 200 < more.ledger_bytes < few.ledger_bytes < 500  # a line each, and the list's
    assert 0 < more.page_bytes < few.page_bytes


def test_the_command_prints_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "sigex_runbook.batch.simulation.measure",
        lambda numbers: [
            Cost(number, 7.5, 6.25, 25, 430, 860, 1760, 934, 279, 928, 8028) for number in numbers
        ],
    )
    assert main(["bench", "--simulate"]) == 0
    told = [line.split() for line in capsys.readouterr().out.splitlines()]
    costs = ["7.50", "6.25", "25.0", "430", "860", "1760", "934", "279", "928", "8028"]
    assert told[2:] == [[str(n), *costs] for n in (100, 1000, 10_000)]
