"""One row of a table: an order, or an organisation that is left out.

The order's own model says what an order may be; here its faults become faults of cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.exclusions import Exclusion
from sigex_runbook.core.order import FORMAT, Order, Wish, missing_files
from sigex_runbook.core.validation import every_fault, keys_in, unfit

from .cells import Cell
from .columns import BIN, COLUMNS, EXCLUDED, PASSWORD, Column, column_of, value_of

Cells = Mapping[Column, Cell]
"""What a row says: its cells that are not empty."""

_MISSING = "значения нет. Заполните ячейку; если такого столбца нет, добавьте его."
_TOLD = {
    "missing": _MISSING,
    "extra_forbidden": "при таком входе значение не нужно. Очистите ячейку.",
}
"""What becomes of pydantic's kinds of errors in a table."""

_NO_REASONS = frozenset(
    ("да", "нет", "д", "н", "yes", "no", "y", "n", "истина", "ложь", "true", "false")
)
"""What people, and boxes that Excel ticks, leave in the column in place of a reason."""


class RowRefused(ValueError):
    """What is wrong with a row: a sentence for each column that is to blame."""

    def __init__(self, faults: Mapping[Column, str]) -> None:
        super().__init__(*faults.values())
        self.faults = faults


def order_of(cells: Cells, base: Path, places: Mapping[str, str] | None = None) -> Order:
    """The order of a row; relative paths start at `base`. Raises RowRefused."""
    values, faults = _values(cells, [one for one in COLUMNS if one.needed])
    raw: dict[str, Any] = {"format": FORMAT}
    raw["access"] = dict.fromkeys(AccessBlock, Wish.LEAVE)  # where the cell has a fault
    for column, value in values.items():
        *holders, key = map(str, column.keys)
        place = raw
        for holder in holders:
            place = place.setdefault(holder, {})
        place[key] = value
    for keys, gone in missing_files(raw, base, places):
        told = str(gone)
        if keys[-1] == "file" or PASSWORD in faults:  # the password may stand in a wrong cell
            told = f"файл, который здесь назван: {gone.safe} Укажите путь к нему."
        faults.setdefault(column_of(keys), told)
    try:
        order = Order.model_validate(raw)
    except ValidationError as error:
        for fault in every_fault(error):
            column = column_of(keys_in(raw, fault["loc"]))
            faults.setdefault(column, _TOLD.get(fault["type"]) or unfit(fault))
    if faults:
        raise RowRefused(faults)
    return order


def exclusion_of(cells: Cells) -> Exclusion:
    """Whom a row leaves out and why; no more of it is read. Raises RowRefused."""
    kept = {column: cell for column, cell in cells.items() if column in (BIN, EXCLUDED)}
    values, faults = _values(kept, (BIN,))
    reason = values.get(EXCLUDED)
    if str(reason).strip(" .!").casefold() in _NO_REASONS:
        faults[EXCLUDED] = "здесь не причина. Напишите её словами или очистите ячейку."
    try:
        exclusion = Exclusion(bin=values.get(BIN), reason=reason)
    except ValidationError as error:
        for fault in every_fault(error):
            faults.setdefault(BIN if fault["loc"] == ("bin",) else EXCLUDED, unfit(fault))
    if faults:
        raise RowRefused(faults)
    return exclusion


def _values(cells: Cells, needed: Iterable[Column]) -> tuple[dict[Column, Any], dict[Column, str]]:
    """What the cells say, of those that say what they may; what is wrong with the others."""
    values, faults = {}, {one: _MISSING for one in needed if one not in cells}
    for column, cell in cells.items():
        try:
            values[column] = value_of(column, cell)
        except ValueError as error:
            faults[column] = str(error)
    return values, faults
