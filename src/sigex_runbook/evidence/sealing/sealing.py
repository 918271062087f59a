"""Sealing: how a draft becomes a pack that somebody else can check.

Order: capture, redact, leak scan (a hit stops it), report PDF, statement, sign, time-stamp, verify
own work, append to the ledger, rename into place. Killed anywhere there is no half pack under a
final name: after the append, whoever next opens the ledger finishes the renaming (`resume`).

Sealing records and does not veto: the ledger promises only what was checked, and what could not be
sealed is written down as set aside (`set_aside`). Neither ever keeps another run from its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.evidence.attest.envelope import enclose
from sigex_runbook.evidence.attest.findings import Code, Finding
from sigex_runbook.evidence.attest.key_elsewhere import KeyElsewhere
from sigex_runbook.evidence.attest.ledger import (
    BEGINNING,
    EntryKind,
    Ledger,
    LedgerBook,
    LedgerEntry,
    locked_ledger,
)
from sigex_runbook.evidence.attest.seal_files import (
    CAMPAIGN,
    CAMPAIGN_TOKEN,
    SET_ASIDE,
    TOKEN,
    holds,
)
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement
from sigex_runbook.evidence.attest.timestamp import (
    TOLERANCE,
    AuthorityDown,
    request_token,
)
from sigex_runbook.evidence.attest.token import check_token
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.disk import NEW, PRIVATE_FILE, sync_folder, write_whole
from sigex_runbook.evidence.pack.draft import PackDraft, put_into_place
from sigex_runbook.evidence.pack.files import gather, made_by_system
from sigex_runbook.evidence.pack.layout import EVIDENCE, PARTIAL, REDACTION, SCREENS
from sigex_runbook.evidence.privacy.leak import LeakScanner
from sigex_runbook.evidence.verify.redaction_record import masks_of, redaction_record
from sigex_runbook.evidence.verify.verification import Question, examine

from .sealer import Sealer, SealStep

_CLOCK = frozenset({Code.TIME_SKEW, Code.TIME_FUTURE})
"""Findings about the machine's clock: facts for the reader, no fault of the seal."""

_NO_VERDICT = "FAILED"
"""What is said of a run that was set aside: nobody shall take it for a success."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A pack in its place. `head` is the ledger's; `unstamped` says why there is no time-stamp."""

    pack: Path
    head: str
    unstamped: str | None


class Leaked(RunFailed):
    """The evidence holds what no pack may: nothing of it is signed."""


class Unsound(RunFailed):
    """A pack did not pass its own check; `finding` is the first thing that was found."""

    def __init__(self, pack: Path, finding: Finding) -> None:
        super().__init__(
            f"Пакет {pack} не прошёл собственную проверку: {finding} Повторите запуск; если "
            "повторится, сообщите разработчикам."
        )
        self.finding = finding


def seal_pack(draft: PackDraft, sealer: Sealer, *, verdict: str) -> Sealed:
    """Seal a draft whose evidence is complete, and move it into place. Where the key is elsewhere
    it stays a draft, to which nothing but the seal is wanting (`seal_ready`).

    Raises UsageError when the place is taken, Leaked when the scan finds something, Unsound when
    the own check does; the draft then stays where it is, and nothing was promised.
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
    if isinstance(sealer.signer, KeyElsewhere):
        return Sealed(draft.folder, BEGINNING, "ещё не заверен")
    return seal_ready(draft, sealer, verdict=verdict)


def seal_ready(draft: PackDraft, sealer: Sealer, *, verdict: str) -> Sealed:
    """Seal a draft that was scanned and has its report, and move it into place. Raises as
    `seal_pack` does."""
    statement = _state(draft, verdict)
    sealer.reached(SealStep.STATED)
    attestation = enclose(statement.to_bytes(), sealer.signer)
    write_whole(draft.folder / ATTESTATION, attestation, mode=PRIVATE_FILE)
    sealer.reached(SealStep.SIGNED)
    token, unstamped = stamp_now(attestation, sealer, statement.sealed_at)
    (draft.folder / TOKEN).unlink(missing_ok=True)
    if token is not None:
        write_whole(draft.folder / TOKEN, token, mode=PRIVATE_FILE)
    sync_folder(draft.folder)
    sealer.reached(SealStep.STAMPED)
    with campaign_ledger(draft.home.campaign) as book:
        entry = book.next(
            EntryKind.RUN,
            sha256_hex(attestation),
            None if token is None else sha256_hex(token),
            organisation=statement.organisation_bin,
            run=statement.run_id,
        )
        check_own_work(draft.folder, sealer, entry)
        sealer.reached(SealStep.VERIFIED)
        book.add(entry)
        sealer.reached(SealStep.APPENDED)
        pack = draft.place()
        sealer.reached(SealStep.PLACED)
        return Sealed(pack, book.head(), unstamped)


def set_aside(draft: PackDraft, sealer: Sealer) -> None:
    """Write down that a run ended whose pack could not be sealed: what is there of it is signed as
    it is, and stays under its other name without an attestation that one could take for a pack's.

    Raises RunFailed or OSError when not even that can be written.
    """
    for name in (ATTESTATION, TOKEN):
        (draft.folder / name).unlink(missing_ok=True)
    statement = _state(draft, _NO_VERDICT)
    signed = enclose(statement.to_bytes(), sealer.signer)
    write_whole(draft.folder / SET_ASIDE, signed, mode=PRIVATE_FILE)
    with campaign_ledger(draft.home.campaign) as book:
        book.add(
            book.next(
                EntryKind.ASIDE,
                sha256_hex(signed),
                None,
                organisation=statement.organisation_bin,
                run=statement.run_id,
            )
        )


def _state(draft: PackDraft, verdict: str) -> PackStatement:
    """The statement about all that the draft holds, which is on the disk then."""
    subjects = gather(draft.folder)
    draft.sync()
    return PackStatement(
        draft.home.campaign.name,
        draft.home.organisation_bin,
        draft.run_id,
        verdict,
        datetime.now(UTC).replace(microsecond=0),
        subjects,
    )


@contextmanager
def campaign_ledger(campaign: Path) -> Iterator[LedgerBook]:
    """The campaign's ledger, locked; what a killed process left undone is finished first."""
    with locked_ledger(campaign) as book:
        last = book.last()
        resume(campaign, () if last is None else (last,))
        yield book


def resume(campaign: Path, promised: Iterable[LedgerEntry]) -> None:
    """Put into place what lines of the ledger promise and a killed process did not; a pack that
    cannot be moved now keeps nobody waiting: the end of the campaign tries again."""
    for line in promised:
        with suppress(OSError):
            if line.entry is EntryKind.CAMPAIGN:
                place_campaign(campaign, line)
            if line.entry is EntryKind.RUN and line.organisation and line.run:
                home = campaign / line.organisation
                partial, final = home / f"{line.run}{PARTIAL}", home / line.run
                if not os.path.lexists(final) and holds(partial / ATTESTATION, line.attestation):
                    put_into_place(partial, final)


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
    """Verify what was just made, as a stranger would; the bytes that `sealer` has found clean are
    known to its scanner. Raises Unsound."""
    alone = Ledger((entry,), (sha256_hex(entry.to_bytes()),), ())
    question = Question(sealer.own_trust(), scanner=sealer.scanner)
    found = faults(examine(pack, question, alone).findings)
    if found:
        raise Unsound(pack, found[0])


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
                raise Leaked(
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
