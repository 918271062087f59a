"""The end of a campaign: its population is sealed.

The population names every organisation exactly once: its last pack, or why there is none. It is
computed from the ledger, so an organisation that ran cannot be left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.attest.envelope import enclose, read_envelope
from sigex_runbook.evidence.attest.findings import Fault
from sigex_runbook.evidence.attest.ledger import EntryKind, Ledger, read_ledger
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN, CAMPAIGN_TOKEN
from sigex_runbook.evidence.attest.statement import (
    ATTESTATION,
    CampaignStatement,
    Member,
    PackStatement,
    State,
)
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.disk import NEW, write_whole
from sigex_runbook.evidence.pack.layout import PARTIAL
from sigex_runbook.evidence.verify.population import last_runs

from .sealer import Sealer
from .sealing import campaign_ledger, place_campaign, require_ledger, resume, stamp_now


@dataclass(frozen=True, slots=True)
class Closed:
    """A campaign whose population was sealed. `head` is what to send to the verifiers; `unstamped`
    says why the time authority gave no time-stamp, None when it did or none is known."""

    head: str
    unstamped: str | None
    population: tuple[Member, ...]


def close_campaign(folder: Path, sealer: Sealer, others: Iterable[Member] = ()) -> Closed:
    """Seal the population: the last pack of every organisation in the ledger, and `others`, who
    have none and a reason. What an earlier statement said of others stays.

    Raises RunFailed when the ledger is damaged.
    """
    with campaign_ledger(folder) as book:
        ledger = read_ledger(folder) or Ledger((), (), ())
        require_ledger(folder, ledger)
        resume(folder, ledger.entries)
        population = _population(folder, ledger, others)
        statement = CampaignStatement(
            folder.name,
            datetime.now(UTC).replace(microsecond=0),
            ledger.head,
            len(ledger.entries),
            population,
        )
        attestation = enclose(statement.to_bytes(), sealer.signer)
        token, unstamped = stamp_now(attestation, sealer, statement.sealed_at)
        # Under their other names until the ledger vouches for them: see `resume`.
        write_whole(folder / f"{CAMPAIGN}{NEW}", attestation)
        if token is not None:
            write_whole(folder / f"{CAMPAIGN_TOKEN}{NEW}", token)
        entry = book.append(
            EntryKind.CAMPAIGN,
            sha256_hex(attestation),
            None if token is None else sha256_hex(token),
        )
        place_campaign(folder, entry)
        return Closed(book.head(), unstamped if sealer.trust.authorities else None, population)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whom a campaign has run already, and whom it excluded, with the reason."""

    ran: frozenset[str]
    excluded: Mapping[str, str]


def standing(folder: Path) -> Standing:
    """How a campaign stands before another command; nobody when there is no such campaign.

    Raises RunFailed when it cannot be read, or its list is not the one that its ledger knows.
    """
    try:
        ledger = read_ledger(folder) or Ledger((), (), ())
        earlier = _earlier(folder, ledger)
    except OSError as error:
        raise RunFailed(
            f"Папка кампании {folder} не читается ({why(error)}). Исправьте права и повторите."
        ) from error
    ran = frozenset({*last_runs(ledger), *(line.organisation or "" for line in ledger.asides())})
    return Standing(
        ran,
        {
            one.organisation_bin: one.reason or ""
            for one in earlier
            if one.state is State.EXCLUDED and one.organisation_bin not in ran
        },
    )


def _population(folder: Path, ledger: Ledger, others: Iterable[Member]) -> tuple[Member, ...]:
    known = {member.organisation_bin: member for member in _earlier(folder, ledger)}
    known |= {member.organisation_bin: member for member in others}
    for line in ledger.asides():
        organisation = line.organisation or ""
        if organisation not in known:
            reason = f"Пакет запуска {line.run} не заверен и отложен."
            known[organisation] = Member(organisation, State.FAILED, reason=reason)
    for organisation, (run, attestation) in last_runs(ledger).items():
        before = known.get(organisation)
        if before is None or before.attestation != attestation:
            known[organisation] = _packed(folder, organisation, run, attestation)
    return tuple(known[organisation] for organisation in sorted(known))


def _earlier(folder: Path, ledger: Ledger) -> tuple[Member, ...]:
    """The population as the last statement has it, if the ledger vouches for that statement."""
    path = folder / CAMPAIGN
    if not path.is_file():
        return ()
    data = path.read_bytes()
    if not ledger.campaigns(sha256_hex(data)):
        raise RunFailed(
            f"{path} — не то заявление, что записано в реестре. Верните подлинный файл и повторите."
        )
    try:
        return CampaignStatement.read(read_envelope(data).payload).population
    except Fault as fault:
        raise RunFailed(f"{path} не читается: {fault.what}. Верните подлинный файл.") from fault


def _packed(folder: Path, organisation: str, run: str, attestation: str) -> Member:
    """An organisation by its last pack, also by one that waits to be moved into its place; one that
    is gone is told of, and keeps nobody waiting."""
    for name in (run, f"{run}{PARTIAL}"):
        with suppress(OSError, Fault):
            data = (folder / organisation / name / ATTESTATION).read_bytes()
            if sha256_hex(data) == attestation:
                verdict = PackStatement.read(read_envelope(data).payload).verdict
                return Member(organisation, State.PACK, run, attestation, verdict)
    reason = f"Пакет запуска {run}, записанный в реестре, убран или подменён."
    return Member(organisation, State.FAILED, reason=reason)
