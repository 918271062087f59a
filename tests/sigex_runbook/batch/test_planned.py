"""What a planned batch leaves behind: whose plans were shown, of which input."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.batch.choice import Choice
from sigex_runbook.batch.planned import remember_shown, shown_orders
from sigex_runbook.batch.simulation import simulated_orders
from sigex_runbook.batch.state import FOLDER, Phase, glance

from .office import CAMPAIGN, Office, failed, kept, phases

ORDERS = simulated_orders(3)
NAMES = [name for name, _ in ORDERS]


def test_what_was_shown_adds_up_as_long_as_the_input_is_the_same(tmp_path: Path) -> None:
    assert shown_orders(tmp_path, CAMPAIGN, "a") == frozenset()
    remember_shown(tmp_path, CAMPAIGN, "a", NAMES[:1])
    remember_shown(tmp_path, CAMPAIGN, "a", NAMES[1:2])
    assert shown_orders(tmp_path, CAMPAIGN, "a") == set(NAMES[:2])
    assert shown_orders(tmp_path, CAMPAIGN, "b") == frozenset()
    remember_shown(tmp_path, CAMPAIGN, "b", NAMES[2:])
    assert shown_orders(tmp_path, CAMPAIGN, "a") == frozenset()
    assert shown_orders(tmp_path, "осень", "b") == frozenset()


@pytest.mark.parametrize("spoilt", ["", "[]", '{"format":"x"}', '{"format":"sigex-batch-shown/1"}'])
def test_what_cannot_be_read_was_not_shown(spoilt: str, tmp_path: Path) -> None:
    remember_shown(tmp_path, CAMPAIGN, "a", NAMES)
    (tmp_path / FOLDER / f"{CAMPAIGN}.shown.json").write_text(spoilt)
    assert shown_orders(tmp_path, CAMPAIGN, "a") == frozenset()


def test_a_plan_begins_no_batch(tmp_path: Path) -> None:
    state = glance(tmp_path, CAMPAIGN, "digest", ORDERS)
    list(Office(tmp_path).batch(state).carry_out(ORDERS))
    assert set(phases(state).values()) == {Phase.PLACED}
    assert not (tmp_path / FOLDER).exists()
    with kept(tmp_path, ORDERS):
        pass


def test_a_plan_chooses_by_what_the_batch_of_its_input_has_done(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.fate(NAMES[1], failed("Нет."))
    with kept(tmp_path, ORDERS) as state:
        list(office.batch(state).carry_out(ORDERS))
    state = glance(tmp_path, CAMPAIGN, "digest", ORDERS)
    assert [name for name, _ in Choice(failed=True).of(ORDERS, state)] == [NAMES[1]]
    other = glance(tmp_path, CAMPAIGN, "another", ORDERS)
    assert set(phases(other).values()) == {Phase.PLANNED}
    file = tmp_path / FOLDER / f"{CAMPAIGN}.jsonl"
    before = file.read_bytes()
    list(Office(tmp_path).batch(state).carry_out(ORDERS))
    assert file.read_bytes() == before
