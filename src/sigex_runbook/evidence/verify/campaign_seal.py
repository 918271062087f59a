"""The sealed list of a campaign's organisations: whose it is, from when, and who vouches for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sigex_runbook.evidence.attest.envelope import read_envelope
from sigex_runbook.evidence.attest.findings import Code, Fault, Finding, Note, Telling
from sigex_runbook.evidence.attest.ledger import LEDGER, Ledger
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN, CAMPAIGN_TOKEN, holds, seal_file
from sigex_runbook.evidence.attest.statement import CampaignStatement
from sigex_runbook.evidence.attest.timestamp import TOLERANCE
from sigex_runbook.evidence.attest.token import check_token, covers
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.disk import NEW

from .population import members
from .verification import Question


@dataclass(frozen=True, slots=True)
class CampaignSeal:
    """What was established of the sealed population; `place` is its last line in the ledger."""

    statement: CampaignStatement | None = None
    trusted_time: datetime | None = None
    place: int = 0


def read_seal(folder: Path, question: Question, ledger: Ledger | None) -> Telling[CampaignSeal]:
    """The sealed population against its ledger, its time-stamp and the trusted keys."""
    data = yield from seal_file(folder, CAMPAIGN)
    if data is None:
        yield Finding(Code.MISSING, CAMPAIGN, "список организаций кампании не заверен")
        return CampaignSeal()
    try:
        envelope = read_envelope(data)
        statement = CampaignStatement.read(envelope.payload)
    except Fault as fault:
        yield fault.at(CAMPAIGN)
        return CampaignSeal()
    yield from _private(statement, question)
    if folder.absolute().name != statement.campaign:
        yield Note(f"Список заверен для кампании «{statement.campaign}».")
    place, whole = 0, True
    if ledger is not None:
        place, newest = yield from _line(folder, data, statement, ledger)
        whole = (yield from members(statement, ledger)) and newest
    moment = yield from _token_time(folder, data, statement, question, ledger)
    trusted = moment if whole else None
    key = question.trust.key(envelope.keyid)
    if key is None or not envelope.signed_by(key.key):
        what = "подпись не сходится или ключа нет в trust.json"
        yield Finding(Code.SIGNATURE, CAMPAIGN, what)
    elif not key.valid_at(trusted or question.at):
        yield Finding(Code.KEY_EXPIRED, CAMPAIGN, "ключ подписи тогда не действовал")
    return CampaignSeal(statement, trusted, place)


def _private(statement: CampaignStatement, question: Question) -> Iterator[Finding]:
    """What a reason must not hold."""
    for member in statement.population:
        reason = (member.reason or "").encode()
        for leak in question.scanner.scan(CAMPAIGN, reason, member.organisation_bin):
            what = f"{leak.rule} в причине у {member.organisation_bin}: {leak.where}"
            yield Finding(Code.LEAK, CAMPAIGN, what)


def _line(
    folder: Path, data: bytes, statement: CampaignStatement, ledger: Ledger
) -> Telling[tuple[int, bool]]:
    """The last line of the ledger that speaks of this statement, and whether it is the newest, as
    it must be but for a newer one that a killed process did not put into place."""
    digest = sha256_hex(data)
    written, mine = ledger.campaigns(), ledger.campaigns(digest)
    if mine and mine[-1] == written[-1]:
        if statement.length != mine[-1]:
            what = "список кончается не на последней строке реестра перед записью о нём"
            yield Finding(Code.POPULATION, CAMPAIGN, what)
        return max(mine[-1], *ledger.stamps(digest), 0), True
    promised = written and written[-1] + 1 == len(ledger.entries)
    if promised and holds(folder / f"{CAMPAIGN}{NEW}", ledger.entries[-1].attestation):
        yield Note(
            "Новый список организаций прерван до завершения: его завершит следующий "
            "запуск или sigex-runbook stamp."
        )
    else:
        what = "список организаций не тот, что последним записан в реестр"
        yield Finding(Code.LEDGER, CAMPAIGN, what)
    return 0, False


def _token_time(
    folder: Path,
    data: bytes,
    statement: CampaignStatement,
    question: Question,
    ledger: Ledger | None,
) -> Telling[datetime | None]:
    """The token's time, when a trusted authority and the ledger vouch for it."""
    latest = question.at + TOLERANCE
    if statement.sealed_at > latest:
        yield Finding(Code.TIME_FUTURE, CAMPAIGN, "заверено в будущем")
    token = yield from seal_file(folder, CAMPAIGN_TOKEN)
    tsr, late = _written_token(ledger, sha256_hex(data))
    if token is None:
        if tsr is not None:
            yield Finding(Code.TIMESTAMP, CAMPAIGN_TOKEN, "в реестре метка есть, а файла нет")
        yield Note("У списка организаций нет метки времени: sigex-runbook stamp.")
        return None
    if tsr is not None and sha256_hex(token) != tsr:
        yield Finding(Code.TIMESTAMP, CAMPAIGN_TOKEN, "метка не та, что записана в реестре")
        return None
    try:
        covers(token, data)
        if not question.trust.authorities:
            yield Note("В trust.json нет сервера времени: метке верить не на чем.")
            return None
        moment = check_token(token, data, question.trust.authorities)
    except Fault as fault:
        yield fault.at(CAMPAIGN_TOKEN)
        return None
    skew = moment - statement.sealed_at
    if moment > latest:
        yield Finding(Code.TIME_FUTURE, CAMPAIGN_TOKEN, "метка времени из будущего")
    elif skew < -TOLERANCE or (skew > TOLERANCE and not late):
        seconds = round(skew.total_seconds())
        yield Finding(Code.TIME_SKEW, CAMPAIGN, f"часы расходятся на {seconds} с")
    return None if tsr is None else moment


def _written_token(ledger: Ledger | None, digest: str) -> tuple[str | None, bool]:
    """The token's digest in the ledger, and whether the token came later."""
    if ledger is None:
        return None, False
    stamps = ledger.stamps(digest)
    places = stamps or ledger.campaigns(digest)
    return (ledger.entries[places[0]].tsr if places else None), bool(stamps)


def pinned_by(seal: CampaignSeal, ledger: Ledger | None, head: str | None) -> Telling[bool]:
    """Whether the head known elsewhere covers the population's line."""
    if head is None:
        yield Note("Голова реестра не указана (--head): переписанный целиком реестр не заметен.")
        return False
    place = ledger.place_of(head) if ledger else None
    if place is None:
        what = "строки с указанной головой нет: реестр укорочен"
        yield Finding(Code.LEDGER_TRUNCATED, LEDGER, what)
        return False
    if place < seal.place:
        yield Note("Список организаций новее указанной головы реестра: возьмите новую.")
        return False
    return True
