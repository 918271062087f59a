"""Tables of orders for tests: one valid row, and what becomes of it when cells are changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from sigex_runbook.batch.columns import COLUMNS, cell_of
from sigex_runbook.batch.orders import read_batch
from sigex_runbook.core.errors import UsageError
from tests.builders import order_tree

HEADER = [column.names[0] for column in COLUMNS]


def row(folder: Path, **cells: str) -> list[str]:
    """A valid row, whose files lie in the folder; cells by the place's name in HEADER."""
    tree = order_tree(folder)
    values = {name: cell_of(one, tree) for name, one in zip(HEADER, COLUMNS, strict=True)}
    return [cells.get(name.replace(" ", "_"), values[name]) for name in HEADER]


def table(folder: Path, *rows: Sequence[str], name: str = "orders.csv") -> Path:
    """A CSV of these rows, the first of them the header."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=";").writerows(rows)
    path = folder / name
    path.write_bytes(text.getvalue().encode("utf-8-sig"))
    return path


def refusal(path: Path) -> list[str]:
    """What the operator is told, line by line."""
    with pytest.raises(UsageError) as refused:
        read_batch(path)
    assert refused.value.exit_code == 2
    return str(refused.value).splitlines()


def refused_cell(folder: Path, **cells: str) -> str:
    """What is told of a row in which these cells are changed: one fault, after its place."""
    (name,) = cells
    head, fault = refusal(table(folder, HEADER, row(folder, **cells)))
    assert head.endswith("ошибок 1. Исправьте их; ничего не начато.")
    place = f"  строка 2, столбец «{name.replace('_', ' ')}»: "
    assert fault.startswith(place)
    return fault.removeprefix(place)
