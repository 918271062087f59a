"""A workbook as Excel keeps it: values, not what a cell looks like."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from sigex_runbook.batch import table, workbook
from sigex_runbook.batch.cells import DATE, LONG, NotTable, Unread
from sigex_runbook.batch.orders import read_batch
from sigex_runbook.batch.table import read_table
from sigex_runbook.batch.workbook import read_workbook
from tests.builders import ORGANISATION, make_order

from .tables import HEADER, refusal, row

SHEET = "xl/worksheets/sheet1.xml"


def book(*rows: list[Any], before: Callable[[Workbook], None] = lambda _: None) -> bytes:
    made = Workbook()
    for cells in rows:
        made.worksheets[0].append(cells)
    before(made)
    saved = io.BytesIO()
    made.save(saved)
    return saved.getvalue()


def edited(data: bytes, pattern: str, replacement: str) -> bytes:
    """The workbook with its sheet's text changed."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name == SHEET:
                text = re.sub(pattern, replacement, text.decode()).encode()
            new.writestr(name, text)
    return made.getvalue()


def cells_of(data: bytes) -> list[list[Any]]:
    """What was read, without the empty cells at the end."""
    return [[cell for cell in cells if cell] for cells in read_workbook(data)]


def test_a_sheet_is_a_table(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    said = row(tmp_path)
    path.write_bytes(book(HEADER, [], [int(ORGANISATION), *said[1:]]))
    batch = read_batch(path)
    assert batch.orders == (("orders.xlsx, строка 3", make_order(tmp_path)),)


def test_what_excel_makes_of_numbers_is_told(tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    bad = [[value, *row(tmp_path)[1:]] for value in (740000728, datetime.date(2024, 2, 1))]
    path.write_bytes(book(HEADER, *bad))
    _, lost, date = refusal(path)
    assert "строка 2, столбец «БИН»: здесь 9 цифр" in lost
    assert "строка 3, столбец «БИН»: Excel принял значение за дату" in date


def test_values_of_each_kind() -> None:
    moment = datetime.datetime(2024, 2, 1, 12, 0)
    read = cells_of(book([" a ", 12, 12.0, 1.5, True, moment, moment.time(), 10**15, "#N/A"]))
    assert read == [["a", "12", "12", "1.5", "True", DATE, DATE, LONG, "#N/A"]]


def test_a_number_is_whole_however_it_is_kept() -> None:
    assert cells_of(edited(book([12]), "<v>12</v>", "<v>2.00240002381E11</v>")) == [[ORGANISATION]]


def test_a_date_that_never_was_is_an_error_of_excel() -> None:
    data = book([datetime.date(2024, 2, 1)])
    assert cells_of(edited(data, "<v>[0-9]+</v>", "<v>99999999999</v>")) == [["#VALUE!"]]


def test_a_formula_counts_when_its_value_is_there() -> None:
    data = book(["=1+1", "a"])
    (uncounted, other) = cells_of(data)[0]
    assert isinstance(uncounted, Unread)
    assert "формула без значения" in uncounted.why
    assert other == "a"
    assert cells_of(edited(data, "<v ?/>|<v></v>", "<v>2</v>")) == [["2", "a"]]


def test_the_first_sheet_that_is_shown_is_read() -> None:
    def hide(made: Workbook) -> None:
        made.worksheets[0].sheet_state = "hidden"
        made.create_sheet().append(["второй"])
        made.create_sheet().append(["третий"])

    assert cells_of(book(["первый"], before=hide)) == [["второй"]]


def test_what_a_file_says_of_its_size_is_not_believed() -> None:
    data = book(["a", "b"], ["c"])
    assert cells_of(edited(data, 'ref="[^"]*"', 'ref="A1:A1"')) == [["a", "b"], ["c"]]


def test_a_workbook_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "orders.xlsx"
    path.write_bytes(edited(book(["a"], ["b"]), r'<row r="2"', '<row r="99999999999"'))
    for module in (table, workbook):
        monkeypatch.setattr(module, "LONGEST", 10)
    with pytest.raises(NotTable, match="строк больше 10"):
        read_table(path)
    monkeypatch.setattr(table, "LARGEST", 100)
    with pytest.raises(NotTable, match="таблица больше"):
        read_table(path)


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04 and nothing more",
        edited(book(["a"]), "<sheetData>", "<sheetData"),
        edited(book(["a"]), r"<c r=\"A1\"[^>]*>.*?</c>", '<c r="A1" t="s"><v>77</v></c>'),
    ],
)
def test_a_spoilt_workbook_is_told(data: bytes) -> None:
    with pytest.raises(NotTable, match="не книга Excel"):
        read_workbook(data)
