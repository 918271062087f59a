"""Verification of a campaign: its ledger, its sealed population, and every pack in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.attest.findings import (
    EXIT_CODES,
    Code,
    Finding,
    Status,
    Telling,
    hear,
    reach_status,
)
from sigex_runbook.evidence.attest.ledger import LEDGER, read_ledger
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN
from sigex_runbook.evidence.attest.statement import ATTESTATION, CampaignStatement
from sigex_runbook.evidence.pack.layout import EVIDENCE

from .campaign_findings import pack_findings
from .campaign_seal import pinned_by, read_seal
from .many_packs import packs_of, verify_packs
from .population import beside, on_disk
from .verification import Question, Verification


def is_campaign(folder: Path) -> bool:
    """Whether a folder is a campaign's and not one pack's."""
    if (folder / ATTESTATION).exists() or (folder / EVIDENCE).exists():
        return False
    return any((folder / name).exists() for name in (LEDGER, CAMPAIGN))


@dataclass(frozen=True, slots=True)
class CampaignVerification:
    """What was found in a campaign itself, and in each of its packs by `<BIN>/<run>`."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    packs: tuple[tuple[str, Verification], ...]
    trusted_time: datetime | None
    pinned: bool
    statement: CampaignStatement | None
    head: str | None

    @property
    def status(self) -> Status:
        """The worst of the campaign's own and its packs'."""
        own = reach_status(
            self.findings, trusted_time=self.trusted_time is not None, pinned=self.pinned
        )
        found = {own, *(verification.status for _, verification in self.packs)}
        order = (Status.FAILED, Status.INTEGRITY_ONLY, Status.VERIFIED)
        return next(status for status in order if status in found)

    @property
    def exit_code(self) -> int:
        """0 verified, 1 failed, 3 integrity only."""
        return EXIT_CODES[self.status]


def verify_campaign(
    folder: Path, question: Question, *, processes: int | None = None
) -> CampaignVerification:
    """Verify a campaign and its packs; when the question names an organisation or a run, only the
    packs of these.

    Raises UsageError when it cannot be read.
    """
    try:
        findings, notes, established = hear(_examination(folder, question, processes))
    except OSError as error:
        raise UsageError(
            f"Папка {folder} не читается ({why(error)}). Проверьте путь и права на чтение."
        ) from error
    return replace(established, findings=findings, notes=notes)


def _examination(
    folder: Path, question: Question, processes: int | None
) -> Telling[CampaignVerification]:
    """A campaign under examination; what it returns has yet to be given what it told."""
    ledger = read_ledger(folder)
    packs = packs_of(folder)
    if ledger is None:
        yield Finding(Code.LEDGER, LEDGER, "реестра кампании нет")
    else:
        yield from ledger.findings
        yield from on_disk(folder, ledger, packs)
    yield from beside(folder, packs)
    seal = yield from read_seal(folder, question, ledger)
    pinned = yield from pinned_by(seal, ledger, question.head)
    organisation, run = question.organisation, question.run
    asked = [one for one in packs if organisation in (None, one[0]) and run in (None, one[1])]
    if not asked and (organisation or run):
        yield Finding(Code.SUBJECT_BINDING, folder.name, "спрошенного запуска в кампании нет")
    verified = verify_packs(folder, asked, question, ledger, processes)
    yield from pack_findings(folder, ledger, seal.statement, verified)
    return CampaignVerification(
        (),
        (),
        tuple(("/".join(pack), verification) for pack, verification in verified),
        trusted_time=seal.trusted_time,
        pinned=pinned,
        statement=seal.statement,
        head=ledger.head if ledger else None,
    )
