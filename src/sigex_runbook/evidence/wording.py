"""A verification in words: for a person's screen, and as JSON for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from .campaign import CampaignVerification
from .findings import Finding, Status
from .statement import CampaignStatement, State
from .verification import Verification

_STATUS = {
    Status.VERIFIED: "VERIFIED — подлинный и целый",
    Status.FAILED: "FAILED — верить нельзя",
    Status.INTEGRITY_ONLY: "INTEGRITY_ONLY — файлы целы, но время или место в ряду запусков ничем "
    "независимым не подтверждено",
}


def pack_json(place: str, verification: Verification) -> dict[str, object]:
    """What was found in one pack, for machines."""
    statement = verification.statement
    return {
        "place": place,
        "status": verification.status,
        "organisation_bin": statement.organisation_bin if statement else None,
        "run_id": statement.run_id if statement else None,
        "verdict": statement.verdict if statement else None,
        "files": len(statement.subjects) if statement else None,
        "attestation_sha256": verification.attestation,
        "signed_by": verification.signed_by,
        "trusted_time": _text(verification.trusted_time),
        "clock_skew_seconds": verification.clock_skew_seconds,
        "ledger_line": verification.ledger_line,
        "findings": _findings(verification.findings),
        "notes": list(verification.notes),
    }


def campaign_json(place: str, campaign: CampaignVerification) -> dict[str, object]:
    """What was found in a campaign, for machines."""
    statement = campaign.statement
    return {
        "place": place,
        "status": campaign.status,
        "ledger_head": campaign.head,
        "organisations": _counts(statement) if statement else None,
        "trusted_time": _text(campaign.trusted_time),
        "findings": _findings(campaign.findings),
        "notes": list(campaign.notes),
        "packs": [pack_json(name, verification) for name, verification in campaign.packs],
    }


def _findings(findings: tuple[Finding, ...]) -> list[dict[str, str]]:
    return [
        {"code": f.code, "place": f.place, "what": f.what, "advice": f.advice} for f in findings
    ]


def pack_lines(place: str, verification: Verification) -> Iterator[str]:
    """What was found in one pack, for people."""
    yield f"{place}: {_STATUS[verification.status]}"
    statement = verification.statement
    if statement is not None:
        yield (
            f"  Организация {statement.organisation_bin}, запуск {statement.run_id}, "
            f"вердикт запуска {statement.verdict}, файлов {len(statement.subjects)}"
        )
    if verification.signed_by:
        yield f"  Подпись: ключ {verification.signed_by}"
    if verification.trusted_time:
        skew = verification.clock_skew_seconds
        yield f"  Время: {_text(verification.trusted_time)}, часы машины расходились на {skew} с"
    yield from _tail(verification.findings, verification.notes)


def campaign_lines(place: str, campaign: CampaignVerification) -> Iterator[str]:
    """What was found in a campaign, for people."""
    yield f"{place}: {_STATUS[campaign.status]}"
    if campaign.statement is not None:
        counts = _counts(campaign.statement)
        yield (
            f"  Организаций {sum(counts.values())}: с пакетом {counts['pack']}, не начато "
            f"{counts['failed']}, исключено {counts['excluded']}"
        )
    if campaign.trusted_time:
        yield f"  Время: {_text(campaign.trusted_time)}"
    yield f"  Голова реестра: {campaign.head}"
    yield from _tail(campaign.findings, campaign.notes)
    counted = Counter(verification.status for _, verification in campaign.packs)
    yield "  Пакеты: " + ", ".join(f"{s} {counted[s]}" for s in Status if counted[s])
    for name, verification in campaign.packs:
        if verification.status is Status.FAILED:
            yield from pack_lines(name, verification)


def _tail(findings: tuple[Finding, ...], notes: tuple[str, ...]) -> Iterator[str]:
    for finding in findings:
        yield f"  {finding}"
    for note in notes:
        yield f"  К сведению: {note}"


def _counts(statement: CampaignStatement) -> dict[str, int]:
    counted = Counter(member.state for member in statement.population)
    return {state.value: counted[state] for state in State}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
