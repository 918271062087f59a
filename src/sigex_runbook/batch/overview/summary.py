"""`summary.json`: what a batch came to, for programs.

    {"format":"sigex-batch-summary/1","campaign":…,"target":…,"environment":…,"made_at":…,
     "ledger_head":…,"counts":{"orders":…,"PASSED":…,…,"NOT_BEGUN":…,"excluded":…},
     "orders":[{"order":…,"organisation_bin":…,"name":…,"verdict":…,"section":…,"reason":…,
                "run":…,"pack":…,"digest":…,"began_at":…,"ended_at":…,"seconds":…,
                "sections":[{"section":1,"outcome":"passed","seconds":…,"idle":false},…]},…],
     "excluded":[{"organisation_bin":…,"reason":…},…]}

`verdict` is that of the pack, `NOT_ENDED` or `NOT_BEGUN`; `pack` is a folder beside the file.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sigex_runbook.core.environment import Environment
from sigex_runbook.evidence.attest.statement import instant_text
from sigex_runbook.evidence.pack.canonical import canonical_json

from .accounts import Account, Accounts, Ending

SUMMARY = "summary.json"
FORMAT = "sigex-batch-summary/1"


def summary(known: Accounts) -> bytes:
    """The file's bytes."""
    counts = {ending.value: known.count(ending) for ending in Ending}
    told = {
        "format": FORMAT,
        "campaign": known.campaign,
        "target": known.target,
        "environment": Environment(known.target).kind.value,
        "made_at": instant_text(known.made_at),
        "ledger_head": known.head,
        "counts": {"orders": len(known.orders), **counts, "excluded": len(known.excluded)},
        "orders": [_order(one) for one in known.orders],
        "excluded": [
            {"organisation_bin": one.bin.text, "reason": one.reason} for one in known.excluded
        ],
    }
    return canonical_json(told) + b"\n"


def _order(one: Account) -> dict[str, Any]:
    return {
        "order": one.order,
        "organisation_bin": one.organisation_bin,
        "name": one.name,
        "verdict": one.ending.value,
        "section": one.section,
        "reason": one.reason,
        "run": one.run,
        "pack": one.pack,
        "digest": one.digest,
        "began_at": _moment(one.began),
        "ended_at": _moment(one.ended),
        "seconds": one.seconds,
        "sections": [
            {
                "section": part.section,
                "outcome": part.outcome.value,
                "seconds": part.seconds,
                "idle": part.idle,
            }
            for part in one.passages
        ],
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
