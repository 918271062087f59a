"""A table as people save it: CSV in any of Excel's ways, or a workbook."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sigex_runbook.core.given.text import NotText, read_bytes, text_of

from .cells import LARGEST, LONGEST, Cell, NotTable, Row, Unread
from .columns import COLUMNS, cell_of, column_named

_DELIMITERS = ";,\t"
_WORKBOOK = b"PK\x03\x04"
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_LOST = re.compile(r"\?\w")
"""How Excel saves a Kazakh letter in Windows-1251, which has none."""


def read_table(path: Path) -> list[Row]:
    """All rows, also empty ones, so that a row's number is the one that Excel shows. Raises
    FileNotFoundError, and NotTable for all else."""
    try:
        data = read_bytes(path)
    except NotText as error:
        raise NotTable(f"файл не читается ({error}). Проверьте путь и права.") from error
    if _size(data) > LARGEST:
        raise NotTable(f"таблица больше {LARGEST >> 20} МБ. Разделите её на несколько.")
    if data.startswith(_WORKBOOK):
        from .workbook import read_workbook  # a CSV needs no library

        rows = read_workbook(data)
    elif data.startswith(_OLD_WORKBOOK):
        raise NotTable(
            "это книга Excel старого вида (.xls) или закрытая паролем. Сохраните её как .xlsx без "
            "пароля."
        )
    else:
        rows = _read_csv(data)
    if len(rows) > LONGEST:
        raise NotTable(f"строк больше {LONGEST}. Удалите пустые в конце или разделите таблицу.")
    return rows


def _size(data: bytes) -> int:
    """How large it is unpacked: of an archive no more is read than it declares."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return sum(one.file_size for one in packed.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return len(data)


def _read_csv(data: bytes) -> list[Row]:
    text, lossy = _decoded(data)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(_DELIMITERS, key=lambda one: _known(first, one))
    rows: list[Row] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(tuple(_cell(cell.strip(), lossy=lossy) for cell in row))
    except csv.Error as error:
        raise NotTable(
            f"строка {len(rows) + 1}: кавычки не закрыты или стоят внутри значения. Возьмите "
            "значение в кавычки целиком, а кавычку в нём удвойте."
        ) from error
    return rows


def _decoded(data: bytes) -> tuple[str, bool]:
    """The text, and whether it is in Windows-1251, in which Excel saves what it calls CSV."""
    try:
        return text_of(data).lstrip("\ufeff"), False
    except NotText as error:
        guess = data.decode("utf-8", "replace")
        spoilt_utf8 = guess.count("\ufffd") < len(re.findall("[а-яё]", guess, re.IGNORECASE))
        if b"\0" not in data and not spoilt_utf8:
            return data.decode("cp1251", "replace"), True
        raise NotTable(f"{error}. Сохраните таблицу как «CSV UTF-8» или .xlsx.") from error


def _known(line: str, delimiter: str) -> int:
    """How many names of columns there are in a line that is parted so."""
    return sum(column_named(one.strip(' "')) is not None for one in line.split(delimiter))


def _cell(text: str, *, lossy: bool) -> Cell:
    if lossy and _LOST.search(text):
        return Unread(
            "здесь «?» вместо буквы: в таком CSV нет казахских букв. Сохраните таблицу как «CSV "
            "UTF-8» или .xlsx."
        )
    return text


def write_table(orders: Iterable[Mapping[str, Any]]) -> bytes:
    """Orders, as their files say them, as CSV that Excel opens as a table: marked as UTF-8, with
    the delimiter that it expects where numbers have a comma."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=_DELIMITERS[0])
    writer.writerow(column.names[0] for column in COLUMNS)
    writer.writerows([cell_of(column, order) for column in COLUMNS] for order in orders)
    return text.getvalue().encode("utf-8-sig")
