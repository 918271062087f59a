"""Trials on strangers' sites: how a run is judged, by what the world holds and what was pressed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from sigex_runbook.core.verdict import Verdict, VerdictKind

from .grammar import PARTS, Style


class Finding(StrEnum):
    """What a trial showed."""

    PASSED = "прошёл"
    STOPPED = "остановлен"
    """Nothing was stored, no wrong box was pressed, and the operator is told where."""
    UNPLACED = "остановлен без выноски"
    FALSE_ALARM = "ложная тревога"
    """All is stored as ordered, but the run did not say so."""
    BROKE = "ошибка программы"
    FALSE_PASS = "прошёл, но не выполнил"  # noqa: S105 - a word for a finding
    WRONG_TICK = "НЕВЕРНАЯ ГАЛОЧКА"
    """At any time, even if it was taken back; or something was stored that nobody ordered."""


BAD = frozenset({Finding.WRONG_TICK, Finding.FALSE_PASS, Finding.BROKE})
"""What must never be; the others are a matter of how many."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What the emulator's side saw of a run.

    `wrong` are the presses that nobody ordered, in words; `foreign_saves` counts the saves that
    stored anything else than the order; `done` says whether all is as ordered in the end,
    `untouched` whether nothing was ever saved.
    """

    wrong: tuple[str, ...]
    foreign_saves: int
    done: bool
    untouched: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """How a run ended on a site. `reported` names section and callout, `message` is what the
    operator reads."""

    style: Style
    finding: Finding
    reported: str
    message: str
    wrong: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Tally:
    """One value of a part of the grammar, and how the runs with it ended."""

    part: str
    value: str
    findings: tuple[Finding, ...]


def judge(verdict: Verdict, seen: Witnessed) -> Finding:
    """Compare what was said with what was seen."""
    if seen.wrong or seen.foreign_saves:
        return Finding.WRONG_TICK
    if verdict.kind is VerdictKind.PASSED:
        return Finding.PASSED if seen.done else Finding.FALSE_PASS
    if not seen.untouched:
        return Finding.FALSE_ALARM
    placed = verdict.section is not None and verdict.callout is not None
    return Finding.STOPPED if placed else Finding.UNPLACED


def tally_by_part(trials: Iterable[Trial]) -> Iterator[Tally]:
    """Counts by every value of every part that was met, in the grammar's order."""
    ended = list(trials)
    for part, values in PARTS.items():
        for value in values:
            found = tuple(one.finding for one in ended if one.style.value(part) == value)
            if found:
                yield Tally(part, value, found)
