"""The end of a command with several orders: who, how it ended, where it broke and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigex_runbook.cli.words.outcome import EVENTS, RESULTS
from sigex_runbook.cli.words.total import tell_total
from sigex_runbook.core.errors import NotSealed, UsageError
from sigex_runbook.core.order import Order
from sigex_runbook.core.verdict import Saved, Verdict, VerdictKind
from sigex_runbook.run.campaign import Finished, LeftOut
from sigex_runbook.run.result import Result
from tests.service import ORGANISATION, OTHER_ORGANISATION, Service

TARGET = "https://sigex.kz"
LONG = "Раздел 5, выноска (7): заголовок блока не найден\x1b на странице. Проверьте страницу."


def ended(name: str, kind: VerdictKind, *reasons: str, idle: bool = False) -> Finished:
    where = (5, 7) if kind is VerdictKind.FAILED else (None, None)
    verdict = Verdict(kind, reasons, *where)
    return Finished(name, Result(ORGANISATION, verdict, idle, Path("p"), TARGET, None, Saved.NO))


@pytest.fixture
def orders(service: Service) -> dict[str, Order]:
    named = {"bin: ": 'name: "ТОО «Ромашка»"\n  bin: '}
    other = {f'"{ORGANISATION}"': f'"{OTHER_ORGANISATION}"'}
    return {
        "заказы/первый.yaml": service.order(named),
        **{f"заказы/{name}.yaml": service.order(other) for name in "абвг"},
    }


@pytest.fixture
def all_of(orders: dict[str, Order]) -> list[Finished | LeftOut]:
    first, a, b, c, d = orders
    refused, unsealed = UsageError("Нет ключа. Верните."), NotSealed("Диск полон.", saved="yes")
    return [
        ended(first, VerdictKind.FAILED, LONG, "ещё"),
        ended(a, VerdictKind.PASSED, "всё сошлось", idle=True),
        ended(b, VerdictKind.PARTIAL, "нет ключа системы"),
        LeftOut(c, orders[c], refused, TARGET),
        LeftOut(d, orders[d], unsealed, TARGET),
    ]


def test_each_has_a_line_within_80_columns_and_all_are_counted(
    orders: dict[str, Order],
    all_of: list[Finished | LeftOut],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    tell_total(list(orders.items()), all_of, as_json=None)
    told = capsys.readouterr().out
    assert max(map(len, told.splitlines())) <= 80
    table = told.splitlines()
    rows = [line for line in table if OTHER_ORGANISATION in line or ORGANISATION in line]
    assert len(rows) == 5
    first, a, b, c, d = rows
    assert first.split()[:2] == [ORGANISATION, "ТОО"]
    assert "Не выполнено" in first
    assert "5 (7)" in first
    words = " ".join(told.split())
    assert "заголовок блока не найден\\u001b" in words
    assert "Проверьте страницу" not in words, "the first sentence is enough"
    assert "менять было нечего" in a
    assert "нет ключа системы" in b
    assert ("Не начато" in c, "Нет ключа" in c) == (True, True)
    assert ("Не завершено" in d, "Диск полон" in d) == (True, True)
    assert words.endswith(
        "Заказов 5 (на https://sigex.kz): выполнено — 1; выполнено, но "
        "проверено не всё — 1; не выполнено — 1; не завершено — 1; не начато — 1."
    )


def test_programs_are_told_the_numbers_with_the_events_alone(
    orders: dict[str, Order],
    all_of: list[Finished | LeftOut],
    capsys: pytest.CaptureFixture[str],
) -> None:
    tell_total(list(orders.items()), all_of, as_json=RESULTS)
    assert capsys.readouterr().out == ""
    tell_total(list(orders.items()), all_of, as_json=EVENTS)
    assert json.loads(capsys.readouterr().out) == {
        **{"event": "total", "orders": 5, "FAILED": 1, "PASSED": 1, "PARTIAL": 1},
        **{"NOT_BEGUN": 1, "NOT_ENDED": 1},
    }
