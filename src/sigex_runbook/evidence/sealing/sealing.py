"""Sealing: how a draft becomes a pack that somebody else can check.

Order: capture, redact, leak scan (a hit stops it), report PDF, statement, sign, time-stamp, append
to the ledger, verify own work, rename into place. Killed anywhere there is no half pack under a
final name: after the append, whoever next opens the ledger finishes the renaming (`resume`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.evidence.attest.envelope import enclose
from sigex_runbook.evidence.attest.findings import Code, Finding
from sigex_runbook.evidence.attest.ledger import (
    EntryKind,
    Ledger,
    LedgerBook,
    LedgerEntry,
    locked_ledger,
)
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN, CAMPAIGN_TOKEN, TOKEN, holds
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement
from sigex_runbook.evidence.attest.timestamp import (
    TOLERANCE,
    AuthorityDown,
    request_token,
)
from sigex_runbook.evidence.attest.token import check_token
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.disk import NEW, sync_folder, write_whole
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.files import gather, made_by_system
from sigex_runbook.evidence.pack.layout import EVIDENCE, PARTIAL, REDACTION, SCREENS
from sigex_runbook.evidence.privacy.leak import LeakScanner
from sigex_runbook.evidence.verify.redaction_record import masks_of, redaction_record
from sigex_runbook.evidence.verify.verification import Question, examine

from .sealer import Sealer, SealStep

_CLOCK = frozenset({Code.TIME_SKEW, Code.TIME_FUTURE})
"""Findings about the machine's clock: facts for the reader, no fault of the seal."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A pack in its place. `head` is the ledger's; `unstamped` says why there is no time-stamp."""

    pack: Path
    head: str
    unstamped: str | None


def seal_pack(draft: PackDraft, sealer: Sealer, *, verdict: str) -> Sealed:
    """Seal a draft whose evidence is complete, and move it into place.

    Raises UsageError when the place is taken, RunFailed when the scan or the own check finds
    something; the draft then stays where it is.
    """
    sealer.reached(SealStep.CAPTURED)
    draft.refuse_taken_place()
    sealer.redact(draft)
    sealer.reached(SealStep.REDACTED)
    scanned = _scan(draft, sealer.scanner, set())
    sealer.reached(SealStep.SCANNED)
    sealer.report(draft, sealer)
    scanned |= _scan(draft, sealer.scanner, scanned)
    _record_redaction(draft, sealer.scanner, scanned)
    sealer.reached(SealStep.REPORTED)
    subjects = gather(draft.folder)
    draft.sync()
    statement = PackStatement(
        draft.home.campaign.name,
        draft.home.organisation_bin,
        draft.run_id,
        verdict,
        datetime.now(UTC).replace(microsecond=0),
        subjects,
    )
    sealer.reached(SealStep.STATED)
    attestation = enclose(statement.to_bytes(), sealer.signer)
    write_whole(draft.folder / ATTESTATION, attestation)
    sealer.reached(SealStep.SIGNED)
    token, unstamped = stamp_now(attestation, sealer, statement.sealed_at)
    (draft.folder / TOKEN).unlink(missing_ok=True)
    if token is not None:
        write_whole(draft.folder / TOKEN, token)
    sync_folder(draft.folder)
    sealer.reached(SealStep.STAMPED)
    with campaign_ledger(draft.home.campaign, sealer) as book:
        entry = book.append(
            EntryKind.RUN,
            sha256_hex(attestation),
            None if token is None else sha256_hex(token),
            organisation=statement.organisation_bin,
            run=statement.run_id,
        )
        sealer.reached(SealStep.APPENDED)
        check_own_work(draft.folder, sealer, entry)
        sealer.reached(SealStep.VERIFIED)
        pack = draft.place()
        sealer.reached(SealStep.PLACED)
        return Sealed(pack, book.head(), unstamped)


@contextmanager
def campaign_ledger(campaign: Path, sealer: Sealer) -> Iterator[LedgerBook]:
    """The campaign's ledger, locked; what a killed process left undone is finished first."""
    with locked_ledger(campaign) as book:
        resume(book, sealer)
        yield book


def resume(book: LedgerBook, sealer: Sealer) -> None:
    """Put into place what the ledger's last line promises and a killed process did not."""
    last = book.last()
    if last is None:
        return
    if last.entry is EntryKind.CAMPAIGN:
        place_campaign(book.folder, last)
    if last.entry is EntryKind.RUN and last.organisation and last.run:
        home = book.folder / last.organisation
        partial, final = home / f"{last.run}{PARTIAL}", home / last.run
        if not os.path.lexists(final) and holds(partial / ATTESTATION, last.attestation):
            check_own_work(partial, sealer, last)
            partial.rename(final)
            sync_folder(home)


def place_campaign(folder: Path, entry: LedgerEntry) -> None:
    """Give a campaign's statement, and its token, their final names when they are the promised."""
    if not holds(folder / f"{CAMPAIGN}{NEW}", entry.attestation):
        return
    if entry.tsr is None:
        (folder / CAMPAIGN_TOKEN).unlink(missing_ok=True)
    elif holds(folder / f"{CAMPAIGN_TOKEN}{NEW}", entry.tsr):
        (folder / f"{CAMPAIGN_TOKEN}{NEW}").replace(folder / CAMPAIGN_TOKEN)
    (folder / f"{CAMPAIGN}{NEW}").replace(folder / CAMPAIGN)
    sync_folder(folder)


def check_own_work(pack: Path, sealer: Sealer, entry: LedgerEntry) -> None:
    """Verify what was just made, as a stranger would. Raises RunFailed."""
    alone = Ledger((entry,), (sha256_hex(entry.to_bytes()),), ())
    question = Question(sealer.own_trust())
    found = faults(examine(pack, question, alone).findings)
    if found:
        raise RunFailed(
            f"Пакет {pack} не прошёл собственную проверку и остался незавершённым: {found[0]} "
            "Повторите запуск; если повторится, сообщите разработчикам."
        )


def faults(findings: tuple[Finding, ...]) -> list[Finding]:
    """Findings that are faults of a seal, not facts about a clock."""
    return [finding for finding in findings if finding.code not in _CLOCK]


def stamp_now(
    data: bytes, sealer: Sealer, sealed_at: datetime | None
) -> tuple[bytes | None, str | None]:
    """A token over these bytes, or why there is none; nothing stops for the want of one.

    With `sealed_at`, a token whose time is too far from it is not taken: kept, it would make the
    pack fail, without it `stamp` can still add one when the clock is right.
    """
    if not sealer.trust.authorities:
        return None, "сервер времени не настроен"
    authority, *others = sealer.trust.authorities
    known = tuple(one for one in others if one.url == authority.url)
    try:
        token = request_token(authority, data, known=known, post=sealer.post, pause=sealer.pause)
    except AuthorityDown as down:
        return None, f"сервер времени {authority.url} {down}"
    moment = check_token(token, data, (authority, *known))
    if sealed_at is not None and abs(moment - sealed_at) > TOLERANCE:
        seconds = round((moment - sealed_at).total_seconds())
        return None, f"часы этой машины расходятся с сервером времени на {seconds} с"
    return token, None


def _scan(draft: PackDraft, scanner: LeakScanner, done: set[str]) -> set[str]:
    """Scan every file but those that are done; the names of the scanned. Raises RunFailed."""
    scanned = set()
    for path in sorted(draft.evidence.rglob("*")):
        name = path.relative_to(draft.evidence).as_posix()
        ours = name not in (*done, REDACTION) and not made_by_system(name)
        if path.is_file() and not path.is_symlink() and ours:
            data = path.read_bytes()
            for leak in scanner.scan(f"{EVIDENCE}/{name}", data, draft.home.organisation_bin):
                raise RunFailed(
                    "В собранном нашлось то, чего в пакете быть не должно "
                    f"({leak.rule}, {EVIDENCE}/{name}, {leak.where}). Собранное "
                    f"осталось в {draft.folder}: никому его не передавайте и сообщите "
                    "разработчикам."
                )
            scanned.add(name)
    return scanned


def _record_redaction(draft: PackDraft, scanner: LeakScanner, scanned: set[str]) -> None:
    screens = {
        name: draft.read_json(name)
        for name in scanned
        if name.startswith(f"{SCREENS}/") and name.endswith(".json")
    }
    record = redaction_record(
        scanner, scanned=scanned, removed=draft.removed, masks=masks_of(screens)
    )
    draft.write_json(REDACTION, record, overwrite=True)


def require_ledger(folder: Path, ledger: Ledger | None) -> Ledger:
    """The ledger, sound. Raises UsageError or RunFailed."""
    if ledger is None:
        raise UsageError(
            f"В {folder} нет реестра ledger.jsonl. Укажите папку внутри кампании, как её создал "
            "запуск."
        )
    if ledger.findings:
        raise RunFailed(f"Реестр в {folder} повреждён: {ledger.findings[0]}")
    return ledger
