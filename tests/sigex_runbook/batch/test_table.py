"""CSV in each way in which Excel and its kin save it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.batch import table as tables
from sigex_runbook.batch.cells import NotTable, Unread
from sigex_runbook.batch.table import read_table, write_table
from tests.builders import order_tree


def saved(folder: Path, data: bytes) -> Path:
    path = folder / "orders.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str, end: str) -> None:
    text = end.join(
        [
            delimiter.join(["БИН", "Организация"]),
            delimiter.join(["000740000728", '"ТОО «Сёмга; рыба, ""икра"""']),
            "",
        ]
    )
    assert read_table(saved(tmp_path, text.encode(encoding))) == [
        ("БИН", "Организация"),
        ("000740000728", 'ТОО «Сёмга; рыба, "икра"'),
    ]


def test_a_mark_that_was_written_twice(tmp_path: Path) -> None:
    """PowerShell marks as UTF-16 what was marked already."""
    assert read_table(saved(tmp_path, "\ufeffБИН;ИС".encode("utf-16"))) == [("БИН", "ИС")]


def test_a_cell_of_two_lines_is_one_row(tmp_path: Path) -> None:
    rows = read_table(saved(tmp_path, 'БИН;ИС\n1;"две\nстроки"\n\n2;b\n'.encode()))
    assert rows == [("БИН", "ИС"), ("1", "две\nстроки"), (), ("2", "b")]


def test_letters_that_excel_has_lost_are_told(tmp_path: Path) -> None:
    (_, (name,)) = read_table(saved(tmp_path, "Организация\n?аза?стан".encode("cp1251")))
    assert isinstance(name, Unread)
    assert "CSV UTF-8" in name.why
    asked = read_table(saved(tmp_path, "Организация\n?аза?стан".encode()))
    assert asked[1] == ("?аза?стан",)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("БИН;Организация\n1;Учёт".encode()[:-1], "строка 2"),
        ("bin;ИС".encode("utf-16-le"), "UTF-16 без метки"),
        ('БИН;ИС\n1;"а"б\n'.encode(), "строка 2: кавычки"),
        ('БИН;ИС\n1;2\n3;"а\n'.encode(), "строка 3: кавычки"),
        (b"\xd0\xcf\x11\xe0" + bytes(60), ".xls"),
    ],
)
def test_what_is_no_table(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(NotTable, match=told):
        read_table(saved(tmp_path, data))


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(NotTable, match="это папка"):
        read_table(tmp_path)


def test_a_table_has_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, b"bin\n1\n2\n")
    monkeypatch.setattr(tables, "LONGEST", 2)
    with pytest.raises(NotTable, match="строк больше 2"):
        read_table(path)
    monkeypatch.setattr(tables, "LARGEST", 5)
    with pytest.raises(NotTable, match="таблица больше"):
        read_table(path)


def test_a_written_table_opens_in_a_russian_excel(tmp_path: Path) -> None:
    data = write_table([order_tree(tmp_path)])
    assert data.startswith(b"\xef\xbb\xbf" + "БИН;Организация;".encode())
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    assert "БИН 200240002381;;".encode() in data
