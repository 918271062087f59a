"""What a rule finds, and what several rules ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import Outcome, StepRecord
from sigex_runbook.evidence.pack.read import Record

Fault = tuple[str, str]
"""A file under evidence/, and what in it does not fit."""


def callouts() -> range:
    """The guide's numbers."""
    return range(1, sum(len(section.callouts) for section in load_guide().sections) + 1)


def gaps(folder: str, names: list[str]) -> Iterator[Fault]:
    """The JSON files of a folder are numbered 001, 002 and so on."""
    if names != [f"{folder}/{number:03d}.json" for number in range(1, len(names) + 1)]:
        yield folder, "нумерация файлов не подряд"


def failed_step(record: Record) -> tuple[StepRecord, Mapping[str, Any]] | None:
    """The step that failed with the facts beside its picture; None unless there are both: a
    kernel may be killed between them."""
    failed = [one for one in record.steps if one.outcome is Outcome.FAILED]
    facts = record.failure_facts
    return (failed[0], facts) if failed and facts is not None else None
