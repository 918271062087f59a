"""Time-stamps that are added later, when the authority did not answer at the sealing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.attest.findings import Fault
from sigex_runbook.evidence.attest.ledger import EntryKind, Ledger, read_ledger
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN, CAMPAIGN_TOKEN, TOKEN
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.attest.token import check_token
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.disk import write_whole
from sigex_runbook.evidence.pack.place import PackPlace
from sigex_runbook.evidence.verify.campaign import is_campaign
from sigex_runbook.evidence.verify.verification import Question, examine

from .sealer import Sealer
from .sealing import campaign_ledger, faults, require_ledger, resume, stamp_now


@dataclass(frozen=True, slots=True)
class Stamping:
    """What became of one request for a later time-stamp; `why` is None when it was added."""

    campaign: Path
    place: Path
    stamped: bool
    why: str | None = None


def stamp(place: Path, sealer: Sealer) -> Iterator[Stamping]:
    """Add missing time-stamps to a pack, or to all packs of a campaign and its statement.

    The evidence and the attestation stay as they are. Raises UsageError for a place that is
    neither, RunFailed for a damaged ledger. A pack that does not verify is told of and not stamped.
    """
    if not sealer.trust.authorities:
        raise UsageError(
            "Сервер времени не настроен. Укажите его: sigex-runbook key authority --url АДРЕС "
            "--certificate ФАЙЛ."
        )
    if not is_campaign(place):
        yield _stamp_pack(place, sealer)
        return
    ledger = require_ledger(place, read_ledger(place))
    with campaign_ledger(place):
        resume(place, ledger.entries)
    for entry in ledger.entries:
        if entry.entry is EntryKind.RUN and entry.organisation and entry.run:
            pack = place / entry.organisation / entry.run
            if pack.is_dir():
                yield _stamp_pack(pack, sealer)
            else:
                yield Stamping(place, pack, False, "пакета из реестра нет на месте")
    if (place / CAMPAIGN).is_file():
        yield _stamp_file(place, place / CAMPAIGN, place / CAMPAIGN_TOKEN, sealer)


def _stamp_pack(pack: Path, sealer: Sealer) -> Stamping:
    folder = PackPlace.of(pack).campaign
    ledger = require_ledger(folder, read_ledger(folder))
    question = Question(sealer.own_trust(), scanner=sealer.scanner)
    found = [f for f in faults(examine(pack, question, ledger).findings) if f.place != TOKEN]
    if found:
        why = f"пакет не проходит проверку, метку времени не ставлю: {found[0]}"
        return Stamping(folder, pack, False, why)
    return _stamp_file(folder, pack / ATTESTATION, pack / TOKEN, sealer)


def _stamp_file(folder: Path, sealed: Path, token: Path, sealer: Sealer) -> Stamping:
    data = sealed.read_bytes()
    digest = sha256_hex(data)
    done = partial(Stamping, folder, sealed.parent)
    with campaign_ledger(folder) as book:
        ledger = require_ledger(folder, read_ledger(folder))
        if _stamped(ledger, digest):
            return done(True, "метка времени уже есть")
        if token.is_file() and _good(token.read_bytes(), data, sealer.trust):
            made = token.read_bytes()  # a killed `stamp` got it and did not write it down
        else:
            found, why = stamp_now(data, sealer, None)
            if found is None:
                return done(False, why)
            write_whole(token, made := found)
        book.append(EntryKind.STAMP, digest, sha256_hex(made))
        return done(True)


def _stamped(ledger: Ledger, digest: str) -> bool:
    return any(e.attestation == digest and e.tsr is not None for e in ledger.entries)


def _good(token: bytes, data: bytes, trust: Trust) -> bool:
    try:
        check_token(token, data, trust.authorities)
    except Fault:
        return False
    return True
