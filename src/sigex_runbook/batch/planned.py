"""A batch that is only planned: nothing is written down of it but whose plans were shown.

    outputs/.batch/<campaign>.shown.json    {"format":"sigex-batch-shown/1","input":"<digest>",
                                             "orders":["a.yaml",…]}

On the real service nobody's order is performed whose plan, of the same input, nobody has seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sigex_runbook.core.verdict import Verdict, VerdictKind
from sigex_runbook.evidence.pack.canonical import canonical_json
from sigex_runbook.evidence.pack.disk import PRIVATE_FILE, PRIVATE_FOLDER, write_whole
from sigex_runbook.planning.looking import SignedPlan
from sigex_runbook.run.result import Result

from .state import FOLDER

FORMAT = "sigex-batch-shown/1"


@dataclass(frozen=True, slots=True)
class Planned(Result):
    """What a worker brings of an order whose settings were only read: no pack, the signed plan."""

    made: SignedPlan = field(kw_only=True)

    @classmethod
    def of(cls, made: SignedPlan) -> Planned:
        """The plan of one order."""
        record = made.record
        verdict, idle = Verdict(VerdictKind.PASSED, ()), not record.changes
        place = record.organisation_bin
        return cls(place, verdict, idle, Path(), record.target, None, made=made)


def remember_shown(outputs: Path, campaign: str, digest: str, names: Iterable[str]) -> None:
    """Somebody has been shown the plans of these orders of that input. Raises OSError."""
    known = shown_orders(outputs, campaign, digest) | set(names)
    said = {"format": FORMAT, "input": digest, "orders": sorted(known)}
    (outputs / FOLDER).mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    write_whole(_file(outputs, campaign), canonical_json(said) + b"\n", mode=PRIVATE_FILE)


def shown_orders(outputs: Path, campaign: str, digest: str) -> frozenset[str]:
    """Whose plans of that input somebody has been shown; nobody's where that cannot be read."""
    try:
        said: Any = json.loads(_file(outputs, campaign).read_bytes())
        if (said["format"], said["input"]) != (FORMAT, digest):
            return frozenset()
        return frozenset(map(str, said["orders"]))
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()


def _file(outputs: Path, campaign: str) -> Path:
    return outputs / FOLDER / f"{campaign}.shown.json"
