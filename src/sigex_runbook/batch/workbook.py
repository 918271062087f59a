"""The first sheet of an Excel workbook (XLSX), through openpyxl."""

from __future__ import annotations

import datetime
import io
import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any

from openpyxl import load_workbook

from .cells import DATE, LONG, LONGEST, Cell, NotTable, Row, Unread

_WIDEST = 64
"""Columns that are looked at."""

_PRECISE = 10**15
"""From here on Excel keeps no longer every digit of a number."""

_FORMULA = "f"
_UNCOUNTED = Unread(
    "формула без значения: файл сохранила не Excel. Откройте и сохраните его в Excel или впишите "
    "значение."
)


def read_workbook(data: bytes) -> list[Row]:
    """All rows of the first sheet that is shown. Raises NotTable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a sheet may have and we do not read
            written = counted = list(_rows(data, False))
            if any(cell.data_type == _FORMULA for row in written for cell in row):
                counted = list(_rows(data, True))
            return [tuple(map(_cell, *rows)) for rows in zip(counted, written, strict=True)]
    except Exception as error:  # of a library, on a file that may be anything
        raise NotTable(
            "это не книга Excel, или она испорчена. Откройте её в Excel и сохраните как .xlsx."
        ) from error


def _rows(data: bytes, values: bool) -> Iterator[tuple[Any, ...]]:
    """The cells of each row: with the value that Excel counted last, or with the formula."""
    with closing(load_workbook(io.BytesIO(data), read_only=True, data_only=values)) as book:
        sheet = next(one for one in book.worksheets if one.sheet_state == "visible")
        # Bounds of our own: what a file says of its size may be wrong.
        yield from sheet.iter_rows(max_row=LONGEST + 1, max_col=_WIDEST)


def _cell(counted: Any, written: Any) -> Cell:
    value = counted.value
    if value is None:
        return _UNCOUNTED if written.data_type == _FORMULA else ""
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return DATE
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and value >= _PRECISE:
        return LONG
    return str(value).strip()
