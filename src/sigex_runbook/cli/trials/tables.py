"""What the tables of trials have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table


def table_of_findings(
    heading: str,
    groups: Sequence[tuple[str, Sequence[StrEnum]]],
    shown: Iterable[StrEnum],
) -> Table:
    """Groups of trials by their names, counted by what each of them showed.

    The last group, the sum, is set apart.
    """
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    counted = list(shown)
    table = Table(box=SIMPLE_HEAD)
    table.add_column(heading, no_wrap=True)
    for column in ("испытаний", *counted):
        table.add_column(column, justify="right")
    for place, (name, findings) in enumerate(groups, start=1):
        counts = (str(findings.count(finding)) for finding in counted)
        last = place == len(groups) - 1
        table.add_row(name, str(len(findings)), *counts, end_section=last)
    return table
