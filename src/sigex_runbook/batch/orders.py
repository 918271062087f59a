"""A batch: the orders of a table or a folder and whom it leaves out, checked as a whole.

Nothing is begun here: either every row can be carried out as it stands, or all that is wrong is
told at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.errors import OrderError, UsageError
from sigex_runbook.core.exclusions import Exclusion
from sigex_runbook.core.given.letters import folded
from sigex_runbook.core.order import doubles, load_order
from sigex_runbook.core.organisation import Bin

from .cells import NotTable, Row
from .columns import COLUMNS, EXCLUDED, column_named, faults_of
from .row import RowRefused, exclusion_of, order_of
from .table import read_table

if TYPE_CHECKING:
    from sigex_runbook.run.campaign import Named

_TOLD = 50
"""Faults that are told; of the rest it is said how many there are."""

_SAMPLE = "Образец таблицы печатает команда «sigex-runbook sample-order --csv»."
_SUFFIXES = (".yaml", ".yml")
_TABLES = (".csv", ".xlsx")


@dataclass(frozen=True, slots=True)
class Members:
    """Checked orders, each under the name of its file and row, and who is left out and why."""

    orders: tuple[Named, ...]
    exclusions: tuple[Exclusion, ...]


@dataclass(slots=True)
class _Reading:
    """What has been read so far."""

    orders: list[Named] = field(default_factory=list)
    exclusions: list[tuple[str, Exclusion]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def read_batch(source: Path, places: Mapping[str, str] | None = None) -> Members:
    """Read a table (CSV, XLSX) or a folder of orders (YAML).

    `places` as for an order's file; relative paths start at the table's folder. Raises UsageError
    that tells every fault of every row.
    """
    found = _Reading()
    if source.is_dir():
        _read_folder(found, source, places)
    else:
        _read_rows(found, source, places)
    found.faults += [f"{told}." for told in doubles(found.orders)]
    found.faults += _contradictions(found)
    if found.faults:
        raise UsageError(_refusal(source, found.faults))
    if not found.orders:
        raise UsageError(f"В «{source}» нет ни одного заказа. {_SAMPLE}")
    return Members(tuple(found.orders), tuple(one for _, one in found.exclusions))


def _refusal(source: Path, faults: Sequence[str]) -> str:
    lines = [f"«{source}»: ошибок {len(faults)}. Исправьте их; ничего не начато.", *faults[:_TOLD]]
    if len(faults) > _TOLD:
        lines.append(f"… и ещё {len(faults) - _TOLD}.")
    return "\n  ".join(lines)


def _read_folder(found: _Reading, folder: Path, places: Mapping[str, str] | None) -> None:
    refused: dict[Path, str] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in _SUFFIXES or path.name.startswith("."):
            continue
        try:
            found.orders.append((path.name, load_order(path, places)))
        except OrderError as error:
            refused[path.resolve()] = str(error)
    locators = {order.locators for _, order in found.orders}
    found.faults += [told for path, told in refused.items() if path not in locators]
    found.faults += [
        f"«{path.relative_to(folder)}» не читается: заказы берутся из самой папки, и либо из "
        "файлов YAML, либо из таблицы. Перенесите или уберите его."
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() in (_TABLES if path.parent == folder else (*_SUFFIXES, *_TABLES))
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and path.resolve() not in locators
    ]


def _read_rows(found: _Reading, source: Path, places: Mapping[str, str] | None) -> None:
    (_, header), *rows = _rows(source)
    columns = {place: column for place, name in enumerate(header) if (column := column_named(name))}
    if not columns:
        raise UsageError(f"«{source}»: в первой строке нет названий столбцов. {_SAMPLE}")
    names = {column: folded(str(header[place])) for place, column in columns.items()}
    found.faults += (misnamed := faults_of(header))
    for number, row in rows:
        name = f"{source.name}, строка {number}"
        if any(cell for place, cell in enumerate(row) if not any(header[place : place + 1])):
            found.faults.append(
                f"строка {number}: есть значение в столбце без названия. Уберите его или лишний "
                "разделитель."
            )
        cells = {
            columns[place]: cell for place, cell in enumerate(row) if cell and place in columns
        }
        try:
            if EXCLUDED in cells:
                found.exclusions.append((name, exclusion_of(cells)))
            else:
                found.orders.append((name, order_of(cells, source.parent, places)))
        except RowRefused as refused:
            found.faults += [
                f"строка {number}, столбец «{names.get(one, one.names[0])}»: {refused.faults[one]}"
                for one in COLUMNS
                if one in refused.faults and (one in names or not misnamed)
            ]


def _rows(source: Path) -> list[tuple[int, Row]]:
    """The rows of a table that are not empty, with their numbers. Raises UsageError."""
    try:
        rows = [(number, row) for number, row in enumerate(read_table(source), 1) if any(row)]
    except FileNotFoundError:
        raise UsageError(f"«{source}» не найден. Проверьте путь. {_SAMPLE}") from None
    except NotTable as error:
        raise UsageError(f"«{source}»: {error}") from error
    if not rows:
        raise UsageError(f"«{source}»: таблица пуста. {_SAMPLE}")
    return rows


def _contradictions(found: _Reading) -> Iterator[str]:
    """Nobody is left out twice, nor ordered as well."""
    excluded: dict[Bin, str] = {}
    ordered = {order.organisation.bin: name for name, order in found.orders}
    for name, exclusion in found.exclusions:
        number = exclusion.bin
        if number in ordered:
            yield (
                f"Организация {number} и исключена («{name}»), и заказана («{ordered[number]}»). "
                "Оставьте одно."
            )
        if number in excluded:
            yield (
                f"Организация {number} исключена дважды: «{excluded[number]}» и «{name}». Оставьте "
                "одну строку с одной причиной."
            )
        excluded.setdefault(number, name)
