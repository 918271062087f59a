"""What a table is made of, and how much of it there may be."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 100_000
"""Rows; more are taken for a mistake."""

LARGEST = 64 << 20
"""Bytes, unpacked."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell without a value that can be trusted, and why."""

    why: str


Cell = str | Unread
Row = tuple[Cell, ...]

_AS_TEXT = "Сделайте столбец текстовым и впишите значение заново"
DATE = Unread(f"Excel принял значение за дату. {_AS_TEXT}.")
LONG = Unread(f"Excel хранит не больше 15 цифр числа, остальные потеряны. {_AS_TEXT}.")
SHORTENED = Unread(f"Excel записал число сокращённо, цифры потеряны. {_AS_TEXT}.")


class NotTable(ValueError):
    """Why there is no table in a file, in a few words that end in what to do."""
