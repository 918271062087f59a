"""Verification of a sealed pack: offline, read-only, believing nothing that lies in the pack.

Every finding is reported, not only the first. Keys and authorities come from the verifier's trust;
the ledger's head comes from the verifier too, who got it from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from sigex_runbook.core.environment import Environment
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.attest.envelope import Envelope, read_envelope
from sigex_runbook.evidence.attest.findings import (
    EXIT_CODES,
    Code,
    Fault,
    Finding,
    Note,
    Status,
    Telling,
    hear,
    reach_status,
)
from sigex_runbook.evidence.attest.ledger import Ledger, read_ledger
from sigex_runbook.evidence.attest.ledger_anchor import find_anchor, pinned
from sigex_runbook.evidence.attest.seal_files import TOKEN, seal_file, strangers
from sigex_runbook.evidence.attest.signature_and_time import clocks, signer, token_time
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement
from sigex_runbook.evidence.attest.subjects import left_by_system
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.pack.place import PackPlace
from sigex_runbook.evidence.pack.records import Overridden
from sigex_runbook.evidence.privacy.leak import DecodingScanner, LeakScanner

from .files import Held, Redrawn, contents
from .subject_binding import asked_for, in_its_place

_LARGEST_SEAL = 32 << 20
_UNREAD = Note("Файлы в evidence сверить не с чем: заверение не прочитано.")


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found, and the facts that were established on the way. `redrawn` is what
    came out the same when it was made again, None when that was not asked or could not be done;
    `overridden` is what the run says of the operator's locators, None without any, `environment`
    where it says it was, `reasons` why it ended as it did; `system_files` are those that Finder and
    Explorer left in the folder, which nobody sealed."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    trusted_time: datetime | None = None
    pinned: bool = False
    statement: PackStatement | None = None
    attestation: str | None = None
    signed_by: str | None = None
    clock_skew_seconds: int | None = None
    ledger_line: int | None = None
    redrawn: Redrawn | None = None
    overridden: Overridden | None = None
    environment: Environment | None = None
    reasons: tuple[str, ...] = ()
    system_files: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """Computed from the findings and from what time and ledger rest on."""
        return reach_status(
            self.findings, trusted_time=self.trusted_time is not None, pinned=self.pinned
        )

    @property
    def exit_code(self) -> int:
        """0 verified, 1 failed, 3 integrity only."""
        return EXIT_CODES[self.status]


@dataclass(frozen=True, slots=True)
class Question:
    """What the verifier asks and believes. `head` is the ledger's, got from elsewhere; `at` is the
    moment for which the answer shall hold. With `pictures` every picture is drawn and the
    report made again."""

    trust: Trust
    organisation: str | None = None
    run: str | None = None
    head: str | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    scanner: LeakScanner = field(default_factory=DecodingScanner)
    pictures: bool = False


def verify_pack(pack: Path, question: Question) -> Verification:
    """Verify one pack. Its ledger is looked for where a campaign keeps it, two folders above.

    Raises UsageError when there is no pack to read there.
    """
    try:
        return examine(pack, question, read_ledger(PackPlace.of(pack).campaign))
    except OSError as error:
        raise UsageError(
            f"Папка {pack} не читается ({why(error)}). Проверьте путь и права на чтение."
        ) from error


def examine(pack: Path, question: Question, ledger: Ledger | None) -> Verification:
    """Verify one pack against a ledger that was read already. Raises UsageError or OSError."""
    if not pack.is_dir() or not any((pack / n).exists() for n in (EVIDENCE, ATTESTATION)):
        raise UsageError(
            f"{pack} — не пакет доказательств: нет ни evidence, ни {ATTESTATION}. Укажите папку "
            "запуска или кампании; архив сначала распакуйте."
        )
    findings, notes, established = hear(_examination(pack, question, ledger))
    return replace(established, findings=findings, notes=notes)


def _examination(pack: Path, asked: Question, ledger: Ledger | None) -> Telling[Verification]:
    """One pack under examination; what it returns has yet to be given what it told."""
    data = yield from seal_file(pack, ATTESTATION, largest=_LARGEST_SEAL)
    token = yield from seal_file(pack, TOKEN, largest=_LARGEST_SEAL)
    if data is None:
        yield from strangers(pack, left_by_system(pack, ()))
        yield Finding(Code.MISSING, ATTESTATION, "нет заверения")
        yield _UNREAD
        return Verification((), ())
    envelope, statement = yield from _opened(data)
    system = left_by_system(pack, statement.subjects if statement is not None else ())
    yield from strangers(pack, system)
    if system:
        yield Note(
            f"Файлов, которые сделала система (Finder, Проводник), а не запуск: {len(system)} — "
            f"{', '.join(system)}. Они не заверены и ничего не доказывают; остальное они не меняют."
        )
    held = Held()
    if envelope is not None and statement is not None:
        keyid, trust = envelope.keyid, asked.trust
        held = yield from contents(
            pack, statement, keyid, trust, asked.scanner, system, pictures=asked.pictures
        )
        yield from asked_for(statement, organisation=asked.organisation, run=asked.run)
        yield from in_its_place(pack, statement, beside_ledger=ledger is not None)
    digest = sha256_hex(data)
    anchor = yield from find_anchor(ledger, statement, digest, head=asked.head)
    moment = yield from token_time(token, data, anchor, asked.trust.authorities)
    trusted = moment if moment is not None and anchor.holds(token) else None
    skew = yield from clocks(moment, statement, at=asked.at, late=anchor.late, ahead=held.ahead)
    signed_by = None
    if envelope is not None:
        signed_by = yield from signer(envelope, asked.trust, trusted=trusted, at=asked.at)
    fixed = yield from pinned(anchor, ledger, head=asked.head)
    return Verification(
        (),
        (),
        trusted_time=trusted,
        pinned=fixed,
        statement=statement,
        attestation=digest,
        signed_by=signed_by,
        clock_skew_seconds=skew,
        ledger_line=None if anchor.place is None else anchor.place + 1,
        redrawn=held.redrawn,
        overridden=held.overridden,
        environment=held.environment,
        reasons=held.reasons,
        system_files=system,
    )


def _opened(data: bytes) -> Telling[tuple[Envelope, PackStatement] | tuple[None, None]]:
    try:
        envelope = read_envelope(data)
        return envelope, PackStatement.read(envelope.payload)
    except Fault as fault:
        yield fault.at(ATTESTATION)
        yield _UNREAD
        return None, None
