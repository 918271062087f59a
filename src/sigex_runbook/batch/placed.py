"""What became of a run whose worker is gone: its pack may be in its place all the same."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

from sigex_runbook.core.verdict import Saved, Verdict, VerdictKind
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.pack.layout import EVIDENCE, RUN
from sigex_runbook.evidence.sealing.sealing import campaign_ledger
from sigex_runbook.run.result import Result

from .pool import Task


def placed(campaign: Path, task: Task, target: str) -> Result | None:
    """The result of a run whose pack the ledger knows; None when there is no such pack.

    A pack that the ledger promises and a killed process left unmoved is moved first.
    """
    number = task.order.organisation.bin.text
    pack = campaign / number / task.run_id
    if not pack.is_dir() and campaign.is_dir():
        with suppress(OSError), campaign_ledger(campaign):
            pass
    if not (pack / ATTESTATION).is_file():
        return None
    told = json.loads((pack / EVIDENCE / RUN).read_bytes())
    said = told["verdict"]
    verdict = Verdict(
        VerdictKind(said["kind"]), tuple(said["reasons"]), said["section"], said["callout"]
    )
    idle = bool(told["session"].get("nothing_to_do"))
    return Result(number, verdict, idle, pack, target, None, Saved(told["saved"]))
