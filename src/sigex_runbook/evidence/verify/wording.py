"""A verification in words: for a person's screen, and as JSON for machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime

from sigex_runbook.core.environment import Environment
from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.attest.findings import Finding, Status
from sigex_runbook.evidence.attest.statement import CampaignStatement, State

from .campaign import CampaignVerification
from .files import Redrawn
from .verification import Verification

_STATUS = {
    Status.VERIFIED: "VERIFIED — подлинный и целый",
    Status.FAILED: "FAILED — верить нельзя",
    Status.INTEGRITY_ONLY: "INTEGRITY_ONLY — файлы целы, но время или место в ряду запусков ничем "
    "независимым не подтверждено",
}


def pack_json(place: str, verification: Verification) -> dict[str, object]:
    """What was found in one pack, for machines."""
    statement, redrawn = verification.statement, verification.redrawn
    return {
        "place": place,
        "status": verification.status,
        "organisation_bin": statement.organisation_bin if statement else None,
        "run_id": statement.run_id if statement else None,
        "verdict": statement.verdict if statement else None,
        "reasons": list(verification.reasons),
        **_where(verification.environment),
        "files": len(statement.subjects) if statement else None,
        "attestation_sha256": verification.attestation,
        "signed_by": verification.signed_by,
        "trusted_time": _text(verification.trusted_time),
        "clock_skew_seconds": verification.clock_skew_seconds,
        "ledger_line": verification.ledger_line,
        "pictures_redrawn": redrawn.pictures if redrawn else None,
        "report_redrawn": redrawn.report if redrawn else None,
        "locators": asdict(verification.overridden) if verification.overridden else None,
        "findings": _findings(verification.findings),
        "system_files": list(verification.system_files),
        "notes": list(verification.notes),
    }


def campaign_json(place: str, campaign: CampaignVerification) -> dict[str, object]:
    """What was found in a campaign, for machines."""
    statement, redrawn = campaign.statement, _redrawn(campaign)
    return {
        "place": place,
        "status": campaign.status,
        "ledger_head": campaign.head,
        "organisations": _counts(statement) if statement else None,
        "verdicts": _verdicts(statement) if statement else None,
        "trusted_time": _text(campaign.trusted_time),
        "pictures_redrawn": sum(one.pictures for one in redrawn) if redrawn else None,
        "reports_redrawn": sum(one.report for one in redrawn) if redrawn else None,
        "findings": _findings(campaign.findings),
        "notes": list(campaign.notes),
        "packs": [pack_json(name, verification) for name, verification in campaign.packs],
    }


def _where(environment: Environment | None) -> dict[str, object]:
    return {
        "environment": environment.kind if environment else None,
        "target": environment.address if environment else None,
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
        where = verification.environment
        yield (
            f"  Организация {statement.organisation_bin}, запуск {statement.run_id}, "
            f"вердикт запуска {statement.verdict}{f' ({where.where})' if where else ''}, "
            f"файлов {len(statement.subjects)}"
        )
    if verification.signed_by:
        yield f"  Подпись: ключ {verification.signed_by}"
    if verification.trusted_time:
        skew = verification.clock_skew_seconds
        clock = (
            "метка добавлена позже, чем заверено: верны ли были часы машины, неизвестно"
            if skew is None
            else f"часы машины расходились на {skew} с"
        )
        yield f"  Время: {_text(verification.trusted_time)}, {clock}"
    if verification.redrawn is not None:
        yield f"  Снимков нарисовано заново и совпало: {verification.redrawn.pictures}"
        yield f"  Отчёт сделан заново и совпал: {'да' if verification.redrawn.report else 'нет'}"
    yield from _tail(verification.findings, verification.notes)


def campaign_lines(place: str, campaign: CampaignVerification) -> Iterator[str]:
    """What was found in a campaign, for people."""
    yield f"{place}: {_STATUS[campaign.status]}"
    if campaign.statement is not None:
        yield from _population(campaign.statement, dict(campaign.packs))
    if campaign.trusted_time:
        yield f"  Время: {_text(campaign.trusted_time)}"
    yield f"  Голова реестра: {campaign.head}"
    yield from _tail(campaign.findings, campaign.notes)
    counted = Counter(verification.status for _, verification in campaign.packs)
    yield "  Пакеты: " + ", ".join(f"{s} {counted[s]}" for s in Status if counted[s])
    told = [name for name, one in campaign.packs if one.overridden is not None]
    if told:
        yield f"  Где элементы страницы, указал оператор, пакетов {len(told)}: {', '.join(told)}"
    system = sum(len(one.system_files) for _, one in campaign.packs)
    if system:
        yield f"  Файлов системы (Finder, Проводник), не заверенных, в пакетах: {system}"
    redrawn = _redrawn(campaign)
    if redrawn:
        pictures, reports = (
            sum(one.pictures for one in redrawn),
            sum(one.report for one in redrawn),
        )
        yield f"  Снимков нарисовано заново и совпало: {pictures}, в пакетах: {len(redrawn)}"
        yield f"  Отчётов сделано заново и совпало: {reports}"
    for name, verification in campaign.packs:
        if verification.status is Status.FAILED:
            yield from pack_lines(name, verification)


def _population(statement: CampaignStatement, packs: Mapping[str, Verification]) -> Iterator[str]:
    """How many organisations there are and how their last runs ended; who did not pass and why, and
    why the others have none."""
    counts = _counts(statement)
    yield (
        f"  Организаций {sum(counts.values())}: с пакетом {counts['pack']}, не начато "
        f"{counts['failed']}, исключено {counts['excluded']}"
    )
    ended = _verdicts(statement)
    if ended:
        told = ", ".join(f"{verdict} {count}" for verdict, count in ended.items())
        yield f"  Вердикты последних запусков: {told}"
    for member in statement.population:
        if member.reason is not None:
            how = "исключена" if member.state is State.EXCLUDED else "не начато"
            yield f"  {member.organisation_bin} — {how}: {member.reason}"
            continue
        pack = packs.get(f"{member.organisation_bin}/{member.run_id}")
        doubted = pack is not None and pack.status is Status.FAILED
        if doubted or member.verdict != VerdictKind.PASSED:
            yield f"  {member.organisation_bin} — {member.verdict}{_account(pack)}"


def _account(pack: Verification | None) -> str:
    """Where a run was and why it did not pass, as far as its pack can be believed; None was not
    asked for."""
    if pack is None:
        return ""
    if pack.status is Status.FAILED:
        return f": пакету верить нельзя, {pack.findings[0].code} (ниже)"
    where = f" ({pack.environment.where})" if pack.environment else ""
    return f"{where}: {'; '.join(pack.reasons)}"


def _redrawn(campaign: CampaignVerification) -> list[Redrawn]:
    """What came out the same of each pack; empty when that was not asked."""
    return [one.redrawn for _, one in campaign.packs if one.redrawn is not None]


def _tail(findings: tuple[Finding, ...], notes: tuple[str, ...]) -> Iterator[str]:
    for finding in findings:
        yield f"  {finding}"
    for note in notes:
        yield f"  К сведению: {note}"


def _counts(statement: CampaignStatement) -> dict[str, int]:
    counted = Counter(member.state for member in statement.population)
    return {state.value: counted[state] for state in State}


def _verdicts(statement: CampaignStatement) -> dict[str, int]:
    """How many organisations' last runs ended in each way."""
    found = Counter(m.verdict for m in statement.population if m.verdict is not None)
    return dict(sorted(found.items()))


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
