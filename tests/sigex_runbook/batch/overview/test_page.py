"""The campaign's page and its summary: whole, static, cheap, nothing on them but what is known."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from sigex_runbook.batch.overview.accounts import Account, Accounts, Ending, Passage
from sigex_runbook.batch.overview.bars import BAR_WIDTH, bar, scale_of, timeline
from sigex_runbook.batch.overview.page import ROWS, pages, write_overview
from sigex_runbook.batch.simulation import TARGET, organisations
from sigex_runbook.core.exclusions import Exclusion
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import Outcome
from tests.sigex_runbook.batch.office import BEGINNING

WORKER = "tcp://10.1.2.3:4567"
SECTIONS = tuple(one.number for one in load_guide().sections)
NUMBERS = [one.text for one in islice(organisations(), 2 * ROWS + 1)]
PASSED = tuple(Passage(one, Outcome.PASSED, 0.5) for one in SECTIONS)


def account(number: int, **changes: object) -> Account:
    whose = NUMBERS[number]
    began = BEGINNING + timedelta(seconds=10 * number)
    made = Account(
        f"orders.csv, строка {number + 2}",
        whose,
        f"ТОО «{number}»",
        Ending.PASSED,
        run="run",
        pack=f"{whose}/run",
        digest="a" * 64,
        worker=WORKER,
        began=began,
        ended=began + timedelta(seconds=8),
        passages=PASSED,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def known(*orders: Account) -> Accounts:
    excluded = Exclusion.model_validate({"bin": "200240002381", "reason": "<i>закрыта</i>"})
    return Accounts("весна", TARGET, BEGINNING, orders, (excluded,), "b" * 64)


BROKEN = account(
    1,
    ending=Ending.FAILED,
    section=5,
    reason="Нет галочки «<b>». Сравните страницу.",
    passages=(Passage(4, Outcome.PASSED, 1, idle=True), Passage(5, Outcome.FAILED, 1)),
)
UNBEGUN = account(
    2,
    ending=Ending.NOT_BEGUN,
    reason="Заказ не начат.",
    pack=None,
    began=None,
    ended=None,
    passages=(),
)


def test_each_order_has_a_mark_and_a_word_for_each_section(tmp_path: Path) -> None:
    [(name, text)] = pages(known(account(0), BROKEN, UNBEGUN), tmp_path)
    assert name == "index.html"
    rows = re.findall(r"<tr><th scope=.row.*?</tr>", text, re.DOTALL)
    cells = [re.findall(r'class="s \w">([^<]*)<', row) for row in rows]
    assert cells == [
        ["✓ выполнен"] * 8,
        [*["—"] * 3, "= как было", "✗ не выполнен", *["—"] * 3],
        ["—"] * 8,
    ]
    assert "✗ Не выполнено" in rows[1]
    assert "Раздел 5. Нет галочки «&lt;b&gt;»." in rows[1]
    assert "&lt;i&gt;закрыта&lt;/i&gt;" in text
    assert ("<b>1</b> × Нет галочки" in text, "<script" in text) == (True, False)


def test_a_pack_is_linked_where_it_lies(tmp_path: Path) -> None:
    there, gone = account(0), account(1)
    assert there.pack is not None
    evidence = tmp_path / there.pack / "evidence"
    evidence.mkdir(parents=True)
    (evidence / "report.html").touch()
    [(_, text)] = pages(known(there, gone), tmp_path)
    links = re.findall(r'href="([^"]*)"', text)
    assert links == ["summary.json", f"{there.pack}/evidence/report.html", f"{there.pack}/"]


def test_many_orders_are_several_pages_of_the_same_size(tmp_path: Path) -> None:
    orders = tuple(account(number) for number in range(2 * ROWS + 1))
    made = dict(pages(known(*orders), tmp_path))
    assert list(made) == ["index.html", "pages/2.html", "pages/3.html"]
    assert [text.count("<tr><th") for text in made.values()] == [ROWS + 1, ROWS + 1, 2]
    assert 'href="pages/2.html"' in made["index.html"]
    assert 'href="../index.html"' in made["pages/2.html"]
    assert len(made["pages/2.html"]) < 2000 * ROWS
    assert ("Итоги" in made["index.html"], "Итоги" in made["pages/2.html"]) == (True, False)


def test_a_workers_address_is_on_no_page(tmp_path: Path) -> None:
    [(_, text)] = pages(known(account(0)), tmp_path)
    assert "10.1.2.3" not in text
    assert "исполнитель 1" in text


def test_a_bar_is_as_long_as_the_run_and_a_broken_section_is_hatched() -> None:
    usual, slow = account(0), account(1, ended=BEGINNING + timedelta(seconds=500))
    scale = scale_of([usual] * 9 + [slow])
    assert 8 < scale < 500
    assert BROKEN.began is not None
    soon = replace(BROKEN, ended=BROKEN.began + timedelta(milliseconds=10))
    assert scale_of([usual, *[soon] * 9]) == usual.seconds
    widths = [
        float(one) for one in re.findall(r'width="([\d.]+)" height="14" class', bar(usual, scale))
    ]
    assert sum(widths) == pytest.approx(8 / scale * BAR_WIDTH, abs=1)
    assert "»" in bar(slow, scale)
    assert 'class="x"' in bar(BROKEN, scale)
    assert bar(UNBEGUN, scale) == ""


def test_what_was_gone_on_with_later_is_a_picture_of_its_own() -> None:
    later = account(
        3, began=BEGINNING + timedelta(days=2), ended=BEGINNING + timedelta(days=2, seconds=9)
    )
    first, second = timeline([account(0), BROKEN, later, UNBEGUN])
    assert (first.began, second.ended) == (BEGINNING, later.ended)
    assert 'class="x"' in first.picture
    assert 'class="x"' not in second.picture


def test_ten_thousand_orders_are_drawn_as_far_as_one_can_see_them() -> None:
    base = account(0)
    moments = [BEGINNING + timedelta(seconds=8 * place) for place in range(10_000)]
    many = [replace(base, began=at, ended=at + timedelta(seconds=8)) for at in moments]
    assert sum(len(one.picture) for one in timeline(many)) < 100_000


def test_a_program_is_told_the_same(tmp_path: Path) -> None:
    write_overview(tmp_path / "весна", known(account(0), BROKEN, UNBEGUN))
    told = json.loads((tmp_path / "весна" / "summary.json").read_bytes())
    assert told["format"] == "sigex-batch-summary/1"
    assert told["counts"] == {
        "orders": 3,
        "PASSED": 1,
        "PARTIAL": 0,
        "FAILED": 1,
        "NOT_ENDED": 0,
        "NOT_BEGUN": 1,
        "excluded": 1,
    }
    first, broken, unbegun = told["orders"]
    assert first == {
        "order": "orders.csv, строка 2",
        "organisation_bin": account(0).organisation_bin,
        "name": "ТОО «0»",
        "verdict": "PASSED",
        "section": None,
        "reason": None,
        "run": "run",
        "pack": account(0).pack,
        "digest": "a" * 64,
        "began_at": "2026-11-30T12:00:00+00:00",
        "ended_at": "2026-11-30T12:00:08+00:00",
        "seconds": 8,
        "sections": [
            {"section": one, "outcome": "passed", "seconds": 0.5, "idle": False} for one in SECTIONS
        ],
    }
    assert (broken["verdict"], broken["section"]) == ("FAILED", 5)
    assert (unbegun["verdict"], unbegun["pack"]) == ("NOT_BEGUN", None)
    assert told["excluded"] == [{"organisation_bin": "200240002381", "reason": "<i>закрыта</i>"}]
    assert (tmp_path / "весна" / "index.html").is_file()
