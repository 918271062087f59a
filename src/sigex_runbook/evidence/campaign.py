"""Verification of a campaign: its ledger, its sealed population, and every pack in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sigex_runbook.errors import UsageError
from sigex_runbook.reasons import why

from .campaign_findings import pack_findings
from .canonical import sha256_hex
from .disk import NEW
from .envelope import read_envelope
from .findings import (
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
from .ledger import LEDGER, Ledger, read_ledger
from .packs import packs_of, verify_packs
from .population import beside, members, on_disk
from .seal_files import CAMPAIGN, CAMPAIGN_TOKEN, holds, seal_file
from .statement import ATTESTATION, CampaignStatement
from .timestamp import TOLERANCE, check_token, covers
from .verification import Question, Verification


def is_campaign(folder: Path) -> bool:
    """Whether a folder is a campaign's and not one pack's."""
    if (folder / ATTESTATION).exists() or (folder / "evidence").exists():
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
    seal = yield from _seal(folder, question, ledger)
    pinned = yield from _pinned(seal, ledger, question.head)
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


@dataclass(frozen=True, slots=True)
class _Seal:
    """What was established of the sealed population; `place` is its last line in the ledger."""

    statement: CampaignStatement | None = None
    trusted_time: datetime | None = None
    place: int = 0


def _seal(folder: Path, question: Question, ledger: Ledger | None) -> Telling[_Seal]:
    data = yield from seal_file(folder, CAMPAIGN)
    if data is None:
        yield Finding(Code.MISSING, CAMPAIGN, "список организаций кампании не заверен")
        return _Seal()
    try:
        envelope = read_envelope(data)
        statement = CampaignStatement.read(envelope.payload)
    except Fault as fault:
        yield fault.at(CAMPAIGN)
        return _Seal()
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
    return _Seal(statement, trusted, place)


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


def _pinned(seal: _Seal, ledger: Ledger | None, head: str | None) -> Telling[bool]:
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
