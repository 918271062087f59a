"""The ledger of facts: each row of sigex-facts that concerns the emulator, and what became of it.

The rows are data beside this file. A state is one of three: `emulated` (a known fact, imitated as
it is known), `inferred` (imitated by our own reading, because the sheet infers it or does not know
it), `not-emulated`, with the reason. Tests name the rows they would catch:
`@pytest.mark.fact("3.5-head-always")`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

import yaml

from sigex_emulator.errors import LedgerUnreadable

Mark = Literal["known", "inferred", "unknown"]
State = Literal["emulated", "inferred", "not-emulated"]

MARKS: tuple[Mark, ...] = get_args(Mark)
STATES: tuple[State, ...] = get_args(State)

_ID = re.compile(r"(?P<section>\d(\.\d)?)-[a-z0-9.]+(-[a-z0-9.]+)*")
_KEYS = {"id", "fact", "mark", "state", "reason", "switches", "no_switch"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of the fact sheet."""

    id: str
    section: str
    fact: str
    mark: Mark
    state: State
    reason: str = ""
    """Why it is not emulated."""

    switches: tuple[str, ...] = ()
    """Fields of `Switches` that choose the reading of what is not known."""

    no_switch: str = ""
    """Why no switch does."""

    def as_json(self) -> dict[str, Any]:
        """Return the row without what it leaves out."""
        row: dict[str, Any] = {
            "id": self.id,
            "section": self.section,
            "fact": self.fact,
            "mark": self.mark,
            "state": self.state,
        }
        if self.reason:
            row["reason"] = self.reason
        if self.switches:
            row["switches"] = list(self.switches)
        if self.no_switch:
            row["no_switch"] = self.no_switch
        return row


@cache
def facts() -> tuple[Fact, ...]:
    """Return the ledger in the order of the fact sheet.

    Raises LedgerUnreadable for a row that breaks a rule of the ledger, and for a doubled id.
    """
    folder = resources.files(__name__)
    files = sorted((one for one in folder.iterdir() if one.name.endswith(".yaml")), key=str)
    return read_facts("\n".join(one.read_text(encoding="utf-8") for one in files))


def read_facts(text: str) -> tuple[Fact, ...]:
    """Return the rows that a YAML text holds; raises LedgerUnreadable."""
    rows = tuple(_read(row) for row in yaml.safe_load(text) or ())
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise LedgerUnreadable(row.id, "the id stands twice; give one of the rows another")
        seen.add(row.id)
    return rows


def _read(row: Mapping[str, Any]) -> Fact:
    name = str(row.get("id"))
    found = _ID.fullmatch(name)
    fact = Fact(
        id=name,
        section=found["section"] if found else "",
        fact=row.get("fact", ""),
        mark=row.get("mark", ""),
        state=row.get("state", ""),
        reason=row.get("reason", ""),
        switches=tuple(row.get("switches", ())),
        no_switch=row.get("no_switch", ""),
    )
    broken = {
        f"an unknown key ({', '.join(sorted(set(row) - _KEYS))})": bool(set(row) - _KEYS),
        "an id must be a section and words, as in 3.5-head-always": not found,
        "it says nothing": not fact.fact,
        f"its mark is none of {', '.join(MARKS)}": fact.mark not in MARKS,
        f"its state is none of {', '.join(STATES)}": fact.state not in STATES,
        "only a known fact is emulated; a reading is inferred": (
            fact.state == "emulated" and fact.mark != "known"
        ),
        "not emulated without a reason, or a reason without that": (
            (fact.state == "not-emulated") != bool(fact.reason)
        ),
        "only an unknown has a switch": bool(fact.switches) and fact.mark != "unknown",
        "a numbered unknown names its switch, or says why it has none": (
            fact.section == "6" and bool(fact.switches) == bool(fact.no_switch)
        ),
    }
    for complaint, holds in broken.items():
        if holds:
            raise LedgerUnreadable(name, complaint)
    return fact
