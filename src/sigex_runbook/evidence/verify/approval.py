"""Whether somebody else approved the order of a pack, as its files tell it."""

from __future__ import annotations

from cryptography.x509 import Certificate

from sigex_runbook.evidence.attest.approval import check_approval, employee_of
from sigex_runbook.evidence.attest.findings import Fault
from sigex_runbook.evidence.pack.layout import APPROVAL, ORDER, RUN
from sigex_runbook.evidence.pack.read import Record


def approval_fault(record: Record, approvers: tuple[Certificate, ...]) -> Fault | None:
    """What is wrong with the approval when only these may approve; None without one, too."""
    if APPROVAL not in record.files:
        return None
    try:
        check_approval(
            record.files[APPROVAL],
            record.files.get(ORDER, b""),
            approvers,
            employee=employee_of(record.values.get(RUN) or {}),
            steps=record.steps_text,
        )
    except Fault as fault:
        return fault
    return None
