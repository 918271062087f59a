"""The service's own journal of changes: what of it is new after a run, and whether that fits. Pure.

The journal is known (sigex-facts 3.2, 3.4); who may read it, whether it holds whole settings and
how it pages are not. So one that cannot be read fails no run.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from .access import AccessSettings, common_differences
from .messages import say


class Unread(StrEnum):
    """Why nothing is known of the journal."""

    REFUSED = "refused"
    SILENT = "silent"
    UNKNOWN = "unknown"
    INCOMPLETE = "incomplete"


_UNREAD_CODES = {
    Unread.REFUSED: "api.audit_refused",
    Unread.SILENT: "api.audit_silent",
    Unread.UNKNOWN: "api.audit_unknown",
    Unread.INCOMPLETE: "api.audit_incomplete",
}


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One change that the journal tells of: not who made it, but whether the signed-in employee
    did."""

    event_id: int
    by_employee: bool
    original: AccessSettings
    modified: AccessSettings


@dataclass(frozen=True, slots=True)
class Audit:
    """The events that were not there before the run; or why they are not known, with the service's
    `reason` where it refused."""

    events: tuple[AuditEvent, ...] = ()
    unread: Unread | None = None
    reason: str = ""


def agreement(audit: Audit, *, saved: bool) -> str:
    """What the reader is told when settings and journal agree; `saved` if there was anything to be
    saved."""
    if audit.unread is not None:
        return say(_UNREAD_CODES[audit.unread], reason=audit.reason)
    return say("api.agrees" if saved else "api.agrees_idle")


def disagreement(
    audit: Audit, before: AccessSettings, after: AccessSettings, *, saved: bool
) -> str:
    """What in the journal does not fit, as one sentence; empty when all does, or it is not known.

    A run that saved is one new event, the employee's, from the settings before to those after; a
    run that had nothing to save is none.
    """
    if audit.unread is not None:
        return ""
    if len(audit.events) != saved:
        return say("api.audit_count", found=len(audit.events), wanted=int(saved))
    for event in audit.events:
        if not event.by_employee:
            return say("api.audit_author")
        for code, shown, noted in (
            ("api.audit_original", before, event.original),
            ("api.audit_modified", after, event.modified),
        ):
            if wrong := common_differences(shown, noted):
                return say(code, path=wrong[0].path)
    return ""
