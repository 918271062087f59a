"""Which orders a command takes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sigex_runbook.batch.choice import Choice
from sigex_runbook.batch.simulation import simulated_orders
from sigex_runbook.batch.state import Phase
from sigex_runbook.core.errors import UsageError

from .office import kept

PHASES = (Phase.PLANNED, Phase.BEGUN, Phase.SAVED, Phase.PLACED, Phase.FAILED, Phase.LEFT_OUT)
ORDERS = simulated_orders(len(PHASES))
NUMBERS = [order.organisation.bin.text for _, order in ORDERS]


@pytest.mark.parametrize(
    ("choice", "taken"),
    [
        (Choice(), [0, 1, 2, 4, 5]),
        (Choice(again=True), [0, 1, 2, 3, 4, 5]),
        (Choice.read("failed"), [1, 2, 4, 5]),
        (Choice.read(f"{NUMBERS[3]}, {NUMBERS[1]}"), [1]),
        (Choice.read(f"{NUMBERS[3]},{NUMBERS[1]}", again=True), [1, 3]),
        (Choice.read(None, limit=2), [0, 1]),
    ],
)
def test_what_is_taken(choice: Choice, taken: list[int], tmp_path: Path) -> None:
    with kept(tmp_path, ORDERS) as state:
        for (name, _), phase in zip(ORDERS, PHASES, strict=True):
            state.add(replace(state.of(name), phase=phase))
        assert choice.of(ORDERS, state) == [ORDERS[place] for place in taken]


def test_a_number_that_nobody_ordered_is_told() -> None:
    with pytest.raises(UsageError, match=f"нет среди заказов: {NUMBERS[1]}"):
        Choice.read(NUMBERS[1]).check(ORDERS[:1], resume=True)


def test_before_the_first_run_nobody_has_failed() -> None:
    Choice.read("failed").check(ORDERS, resume=True)
    with pytest.raises(UsageError, match=r"добавьте --resume\. Ничего не начато"):
        Choice.read("failed").check(ORDERS, resume=False)


@pytest.mark.parametrize("only", ["", "выполненные", "990140000018", f"{NUMBERS[0]},"])
def test_what_is_no_number_is_refused(only: str) -> None:
    with pytest.raises(UsageError, match=r"--only .* не подходит"):
        Choice.read(only)


def test_a_number_that_chooses_nobody_is_refused() -> None:
    with pytest.raises(UsageError, match="--limit 0"):
        Choice(limit=0)
    with pytest.raises(UsageError, match="--stop-after 0"):
        Choice(stop_after=0)
