"""A campaign: its population sealed, verified, and time-stamps added later.

The population names every organisation exactly once: its last pack, or why there is none. It is
computed from the ledger, so an organisation that ran cannot be left out.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sigex_runbook.errors import RunFailed, UsageError
from sigex_runbook.reasons import why

from .campaign_findings import Run, pack_findings
from .canonical import sha256_hex
from .envelope import Envelope, enclose, read_envelope
from .findings import EXIT_CODES, Code, Fault, Finding, Status, reach_status
from .ledger import LEDGER, LOCK, EntryKind, Ledger, read_ledger
from .pack import PARTIAL
from .seal_files import TOKEN
from .sealing import (
    CAMPAIGN,
    CAMPAIGN_TOKEN,
    NEW,
    Sealer,
    campaign_ledger,
    faults,
    holds,
    place_campaign,
    require_ledger,
    stamp_now,
    write_whole,
)
from .statement import ATTESTATION, CampaignStatement, Member, PackStatement, State
from .timestamp import TOLERANCE, check_token, covers
from .trust import Trust
from .verification import Question, Verification, campaign_of, examine

_MANY = 32
"""From here on, packs are verified by several processes."""


def is_campaign(folder: Path) -> bool:
    """Whether a folder is a campaign's and not one pack's."""
    if (folder / ATTESTATION).exists() or (folder / "evidence").exists():
        return False
    return any((folder / name).exists() for name in (LEDGER, CAMPAIGN))


# Sealing


@dataclass(frozen=True, slots=True)
class Closed:
    """A campaign whose population was sealed. `head` is what to send to the verifiers."""

    head: str
    unstamped: str | None
    population: tuple[Member, ...]


def close_campaign(folder: Path, sealer: Sealer, others: Iterable[Member] = ()) -> Closed:
    """Seal the population: the last pack of every organisation in the ledger, and `others`, who
    have none and a reason. What an earlier statement said of others stays.

    Raises RunFailed when the ledger is damaged or a pack that it names is gone.
    """
    with campaign_ledger(folder, sealer) as book:
        ledger = read_ledger(folder) or Ledger((), (), ())
        require_ledger(folder, ledger)
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
        return Closed(book.head(), unstamped, population)


def _population(folder: Path, ledger: Ledger, others: Iterable[Member]) -> tuple[Member, ...]:
    known = {member.organisation_bin: member for member in _earlier(folder, ledger)}
    known |= {member.organisation_bin: member for member in others}
    for organisation, (run, attestation) in _last_runs(ledger).items():
        before = known.get(organisation)
        if before is None or before.attestation != attestation:
            verdict = _sealed_verdict(folder / organisation / run, attestation)
            known[organisation] = Member(organisation, State.PACK, run, attestation, verdict)
    return tuple(known[organisation] for organisation in sorted(known))


def _last_runs(ledger: Ledger, length: int | None = None) -> dict[str, Run]:
    """Each organisation's last run and its attestation, within the first `length` lines."""
    return {
        entry.organisation: (entry.run, entry.attestation)
        for entry in ledger.entries[:length]
        if entry.entry is EntryKind.RUN and entry.organisation and entry.run
    }


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


def _sealed_verdict(pack: Path, attestation: str) -> str:
    try:
        data = (pack / ATTESTATION).read_bytes()
        if sha256_hex(data) == attestation:
            return PackStatement.read(read_envelope(data).payload).verdict
    except (OSError, Fault):
        pass
    raise RunFailed(
        f"Пакет {pack}, записанный в реестре, убран или подменён. Верните его и повторите: список "
        "организаций без него не заверить."
    )


# Stamping later


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
    neither, RunFailed for one that does not verify.
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
    with campaign_ledger(place, sealer):
        pass  # what a killed process left undone is done now
    for entry in ledger.entries:
        if entry.entry is EntryKind.RUN and entry.organisation and entry.run:
            yield _stamp_pack(place / entry.organisation / entry.run, sealer)
    if (place / CAMPAIGN).is_file():
        yield _stamp_file(place, place / CAMPAIGN, place / CAMPAIGN_TOKEN, sealer)


def _stamp_pack(pack: Path, sealer: Sealer) -> Stamping:
    folder = campaign_of(pack)
    ledger = require_ledger(folder, read_ledger(folder))
    question = Question(sealer.own_trust(), scanner=sealer.scanner)
    found = [f for f in faults(examine(pack, question, ledger).findings) if f.place != TOKEN]
    if found:
        raise RunFailed(f"{pack} не проходит проверку, метку времени не ставлю: {found[0]}")
    return _stamp_file(folder, pack / ATTESTATION, pack / TOKEN, sealer)


def _stamp_file(folder: Path, sealed: Path, token: Path, sealer: Sealer) -> Stamping:
    data = sealed.read_bytes()
    digest = sha256_hex(data)
    done = partial(Stamping, folder, sealed.parent)
    with campaign_ledger(folder, sealer) as book:
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


# Verifying


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
    organisation, run = question.organisation, question.run
    try:
        ledger = read_ledger(folder)
        runs = sorted(
            (home.name, pack.name)
            for home in folder.iterdir()
            if home.is_dir() and not home.is_symlink() and home.name.isdigit()
            for pack in home.iterdir()
        )
        packs = [one for one in runs if not one[1].endswith(PARTIAL)]
        examined = _Campaign(folder, question, ledger, runs)
        examined.examine()
        asked = [one for one in packs if organisation in (None, one[0]) and run in (None, one[1])]
        if not asked and (organisation or run):
            examined.add(Code.SUBJECT_BINDING, folder.name, "спрошенного запуска в кампании нет")
        verified = _verify_all(folder, asked, question, ledger, processes)
    except OSError as error:
        raise UsageError(
            f"Папка {folder} не читается ({why(error)}). Проверьте путь и права на чтение."
        ) from error
    examined.findings += pack_findings(folder, ledger, examined.statement, verified)
    return CampaignVerification(
        tuple(dict.fromkeys(examined.findings)),
        tuple(examined.notes),
        tuple((f"{b}/{r}", verification) for (b, r), verification in verified),
        examined.trusted_time,
        examined.pinned,
        examined.statement,
        ledger.head if ledger else None,
    )


class _Campaign:
    """A campaign's own files under examination."""

    def __init__(
        self, folder: Path, question: Question, ledger: Ledger | None, runs: list[Run]
    ) -> None:
        self._folder = folder
        self._question = question
        self._ledger = ledger
        self._packs = [run for run in runs if not run[1].endswith(PARTIAL)]
        self._unfinished = [run for run in runs if run[1].endswith(PARTIAL)]
        self.findings: list[Finding] = []
        self.notes: list[str] = []
        self.trusted_time: datetime | None = None
        self.pinned = False
        self.statement: CampaignStatement | None = None
        self._stale = False
        self._place = 0

    def add(self, code: Code, place: str, what: str) -> None:
        self.findings.append(Finding(code, place, what))

    def examine(self) -> None:
        if self._ledger is None:
            self.add(Code.LEDGER, LEDGER, "реестра кампании нет")
        else:
            self.findings += self._ledger.findings
            self._on_disk(self._ledger)
        data = self._file(CAMPAIGN)
        if data is None:
            self.add(Code.MISSING, CAMPAIGN, "список организаций кампании не заверен")
        else:
            self._statement(data)
        self._around()
        self._pin()

    def _file(self, name: str) -> bytes | None:
        path = self._folder / name
        if path.is_symlink() or (path.exists() and not path.is_file()):
            self.add(Code.PATH, name, "вместо файла — ссылка, папка или устройство")
            return None
        return path.read_bytes() if path.exists() else None

    def _on_disk(self, ledger: Ledger) -> None:
        """Packs that the ledger does not know, and lines without a pack."""
        written = Counter(
            (e.organisation or "", e.run or "") for e in ledger.entries if e.entry is EntryKind.RUN
        )
        for (organisation, run), count in written.items():
            if count > 1:
                self.add(Code.LEDGER, LEDGER, f"запуск {organisation}/{run} записан {count} раза")
            if (organisation, run) not in self._packs:
                if self._promised(ledger, organisation, run):
                    self.notes.append(
                        f"Запуск {organisation}/{run} записан, но прерван до завершения: его "
                        "завершит следующий запуск или sigex-runbook stamp."
                    )
                    continue
                self.add(Code.POPULATION, organisation, f"пакета {run} из реестра нет на месте")
        for organisation, run in self._packs:
            if (organisation, run) not in written:
                self.add(Code.POPULATION, organisation, f"пакета {run} нет в реестре")

    def _promised(self, ledger: Ledger, organisation: str, run: str) -> bool:
        """Whether a killed process left this run under its other name: the last line alone can be
        of such a run, since whoever writes the next finishes it first."""
        last = ledger.entries[-1]
        partial = self._folder / organisation / f"{run}{PARTIAL}"
        return (last.organisation, last.run) == (organisation, run) and holds(
            partial / ATTESTATION, last.attestation
        )

    def _around(self) -> None:
        """What lies in the folder without being sealed: no fault, but nobody checked it."""
        ours = {LEDGER, LOCK, CAMPAIGN, CAMPAIGN_TOKEN}
        ours |= {f"{CAMPAIGN}{NEW}", f"{CAMPAIGN_TOKEN}{NEW}"}
        ours |= {organisation for organisation, _ in (*self._packs, *self._unfinished)}
        strange = {child.name for child in self._folder.iterdir()} - ours
        strange |= {"/".join(run) for run in self._unfinished}
        if strange:
            names = ", ".join(sorted(strange))
            self.notes.append(f"Рядом лежит не заверенное, оно не проверялось: {names}.")

    def _statement(self, data: bytes) -> None:
        try:
            envelope = read_envelope(data)
            self.statement = statement = CampaignStatement.read(envelope.payload)
        except Fault as fault:
            self.findings.append(fault.at(CAMPAIGN))
            return
        for member in statement.population:
            reason = (member.reason or "").encode()
            for leak in self._question.scanner.scan(CAMPAIGN, reason, member.organisation_bin):
                what = f"{leak.rule} в причине у {member.organisation_bin}: {leak.where}"
                self.add(Code.LEAK, CAMPAIGN, what)
        if self._ledger is not None:
            self._anchor(data, statement, self._ledger)
            self._members(statement, self._ledger)
        self._time(data, statement)
        self._signature(envelope)

    def _anchor(self, data: bytes, statement: CampaignStatement, ledger: Ledger) -> None:
        written = ledger.campaigns()
        mine = ledger.campaigns(sha256_hex(data))
        if mine and mine[-1] == written[-1]:
            self._place = max(mine[-1], *ledger.stamps(sha256_hex(data)), 0)
            if statement.length != mine[-1]:
                what = "список кончается не на последней строке реестра перед записью о нём"
                self.add(Code.POPULATION, CAMPAIGN, what)
            return
        promised = self._folder / f"{CAMPAIGN}{NEW}"
        # Only the last line can be of a list that a killed process did not put into place.
        last = written and written[-1] + 1 == len(ledger.entries)
        if last and holds(promised, ledger.entries[-1].attestation):
            self.notes.append(
                "Новый список организаций прерван до завершения: его завершит следующий запуск "
                "или sigex-runbook stamp."
            )
            self._stale = True
            return
        self.add(Code.LEDGER, CAMPAIGN, "список организаций не тот, что последним записан в реестр")

    def _members(self, statement: CampaignStatement, ledger: Ledger) -> None:
        named = Counter(member.organisation_bin for member in statement.population)
        for organisation, count in named.items():
            if count > 1:
                self.add(Code.POPULATION, organisation, f"в списке {count} раза")
        if list(named) != sorted(named):
            self.add(Code.POPULATION, CAMPAIGN, "список не по порядку номеров")
        if statement.length == 0:
            place = -1 if statement.head == "0" * 64 else None
        else:
            place = ledger.place_of(statement.head)
        if place is None or place + 1 != statement.length:
            self.add(
                Code.LEDGER_TRUNCATED, LEDGER, "строки, на которой кончался список, в реестре нет"
            )
            return
        ran = _last_runs(ledger, statement.length)
        members = {member.organisation_bin: member for member in statement.population}
        for organisation, (run, attestation) in ran.items():
            member = members.get(organisation)
            if member is None:
                self.add(Code.POPULATION, organisation, "запуск был, а в списке её нет")
            elif (member.state, member.run_id, member.attestation) != (
                State.PACK,
                run,
                attestation,
            ):
                self.add(Code.POPULATION, organisation, "в списке не последний её пакет")
        for organisation, member in members.items():
            if member.state is State.PACK and organisation not in ran:
                self.add(Code.POPULATION, organisation, "в списке пакет, которого нет в реестре")
        if any(e.entry is EntryKind.RUN for e in ledger.entries[statement.length :]):
            self.notes.append("После заверения списка были новые запуски: список неполон.")
            self._stale = True

    def _time(self, data: bytes, statement: CampaignStatement) -> None:
        latest = self._question.at + TOLERANCE
        if statement.sealed_at > latest:
            self.add(Code.TIME_FUTURE, CAMPAIGN, "заверено в будущем")
        token = self._file(CAMPAIGN_TOKEN)
        tsr, late = self._written_token(sha256_hex(data))
        if token is None:
            if tsr is not None:
                self.add(Code.TIMESTAMP, CAMPAIGN_TOKEN, "в реестре метка есть, а файла нет")
            self.notes.append("У списка организаций нет метки времени: sigex-runbook stamp.")
            return
        if tsr is not None and sha256_hex(token) != tsr:
            self.add(Code.TIMESTAMP, CAMPAIGN_TOKEN, "метка не та, что записана в реестре")
            return
        try:
            covers(token, data)
            if not self._question.trust.authorities:
                self.notes.append("В trust.json нет сервера времени: метке верить не на чем.")
                return
            moment = check_token(token, data, self._question.trust.authorities)
        except Fault as fault:
            self.findings.append(fault.at(CAMPAIGN_TOKEN))
            return
        skew = moment - statement.sealed_at
        if moment > latest:
            self.add(Code.TIME_FUTURE, CAMPAIGN_TOKEN, "метка времени из будущего")
        elif skew < -TOLERANCE or (skew > TOLERANCE and not late):
            seconds = round(skew.total_seconds())
            self.add(Code.TIME_SKEW, CAMPAIGN, f"часы расходятся на {seconds} с")
        if tsr is not None and not self._stale:
            self.trusted_time = moment

    def _written_token(self, digest: str) -> tuple[str | None, bool]:
        if self._ledger is None:
            return None, False
        stamps = self._ledger.stamps(digest)
        places = stamps or self._ledger.campaigns(digest)
        return (self._ledger.entries[places[0]].tsr if places else None), bool(stamps)

    def _signature(self, envelope: Envelope) -> None:
        key = self._question.trust.key(envelope.keyid)
        if key is None or not envelope.signed_by(key.key):
            self.add(Code.SIGNATURE, CAMPAIGN, "подпись не сходится или ключа нет в trust.json")
        elif not key.valid_at(self.trusted_time or self._question.at):
            self.add(Code.KEY_EXPIRED, CAMPAIGN, "ключ подписи тогда не действовал")

    def _pin(self) -> None:
        head, ledger = self._question.head, self._ledger
        if head is None:
            self.notes.append(
                "Голова реестра не указана (--head): переписанный целиком реестр не заметен."
            )
        elif ledger is None or ledger.place_of(head) is None:
            self.add(
                Code.LEDGER_TRUNCATED, LEDGER, "строки с указанной головой нет: реестр укорочен"
            )
        elif (ledger.place_of(head) or 0) < self._place:
            self.notes.append("Список организаций новее указанной головы реестра: возьмите новую.")
        else:
            self.pinned = True


def _verify_all(
    folder: Path,
    packs: list[Run],
    question: Question,
    ledger: Ledger | None,
    processes: int | None,
) -> list[tuple[Run, Verification]]:
    """Each pack, by several processes when there are many."""
    known = replace(ledger, findings=()) if ledger else None  # told once, by the campaign
    count = processes or min(os.cpu_count() or 1, 8)
    if count == 1 or len(packs) < _MANY:
        one = partial(_verify_one, folder, question, known)
        return [(pack, one(pack)) for pack in packs]
    with ProcessPoolExecutor(
        count,
        mp_context=get_context("spawn"),
        initializer=_prepare,
        initargs=(folder, question.trust.to_text(), replace(question, trust=Trust()), known),
    ) as pool:
        return list(zip(packs, pool.map(_verify_prepared, packs, chunksize=8), strict=True))


def _verify_one(folder: Path, question: Question, ledger: Ledger | None, pack: Run) -> Verification:
    try:
        return examine(folder.joinpath(*pack), question, ledger)
    except UsageError:
        missing = Finding(Code.MISSING, "/".join(pack), "это не пакет")
        return Verification((missing,), ())


_prepared: list[tuple[Path, Question, Ledger | None]] = []


def _prepare(folder: Path, trust: str, question: Question, ledger: Ledger | None) -> None:
    """In a worker process; trust travels as text, certificates cannot be pickled."""
    _prepared[:] = [(folder, replace(question, trust=Trust.parse(trust)), ledger)]


def _verify_prepared(pack: Run) -> Verification:
    [(folder, question, ledger)] = _prepared
    return _verify_one(folder, question, ledger, pack)
