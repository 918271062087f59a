"""What a campaign would change: one table for people, one for programs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sigex_runbook.cli.words.plans import Told, legend, table_file, table_of, total
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.plan import make_plan
from sigex_runbook.evidence.pack.canonical import plain
from sigex_runbook.evidence.pack.records import order_record
from sigex_runbook.planning.record import PlanRecord
from tests.builders import ORGANISATION, OTHER_ORGANISATION, block, make_order, settings

TARGET = "https://sigex.kz"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
FULL = {one.value: block(0) for one in AccessBlock}


@pytest.fixture
def told(tmp_path: Path) -> list[Told]:
    order = make_order(tmp_path)
    records = []
    for blocks in (FULL, FULL | {"documentsList": block()}):
        before = settings(**blocks)
        recorded, moved = plain(order_record(order)), make_plan(before, order).changes
        records.append(PlanRecord(recorded, TARGET, "А", NOW, 0.0, before.body, moved))
    return [
        Told("a.yaml", ORGANISATION, TARGET, records[0], Path("a.json"), who="ТОО «А»"),
        Told("b.yaml", ORGANISATION, TARGET, records[1], Path("b.json")),
        Told("c.yaml", OTHER_ORGANISATION, TARGET, error="Вход не выполнен\x1b."),
    ]


def test_each_order_is_a_line_with_what_changes_in_each_block(told: list[Told]) -> None:
    screen = StringIO()
    Console(file=screen, width=80).print(table_of(told))
    lines = screen.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    rows = [line.split() for line in lines]
    had, lacks, barred = (row for row in rows if row and len(row[0]) == len(ORGANISATION))
    assert had == [ORGANISATION, "ТОО", "«А»", *["есть"] * 4, "менять", "нечего"]
    assert lacks[1:] == ["b.yaml", "есть", "→", "дать", "есть", "есть", "изменится", "1", "из", "4"]
    assert barred[:6] == [OTHER_ORGANISATION, "c.yaml", *["?"] * 4]
    assert "не прочитано" in " ".join(barred)
    assert "\x1b" not in screen.getvalue()
    assert legend().startswith("Блок контроля доступа: р. 4 — к документам организации; р. 5")


def test_all_are_counted(told: list[Told]) -> None:
    assert total(told).splitlines() == [
        "Всего заказов: 3; с изменениями 1, без изменений 1, не прочитано 1.",
        "Ничего не отмечено и не сохранено.",
    ]
    assert total(told[:1]) == "Ничего не отмечено и не сохранено."


def test_a_program_is_told_by_which_input_and_who_was_not_reached(told: list[Told]) -> None:
    said = json.loads(table_file(told, "весна", "digest", 5, NOW))
    assert {key: said[key] for key in ("format", "campaign", "input", "made_at", "counts")} == {
        "format": "sigex-batch-plan/1",
        "campaign": "весна",
        "input": "digest",
        "made_at": "2026-11-30T12:00:00Z",
        "counts": {"orders": 5, "CHANGES": 1, "NOTHING": 1, "FAILED": 1, "NOT_REACHED": 2},
    }
    assert [(one["plan"], one["record"]) for one in said["orders"]] == [
        ("NOTHING", "a.json"),
        ("CHANGES", "b.json"),
        ("FAILED", None),
    ]
