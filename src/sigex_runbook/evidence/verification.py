"""Verification of a sealed pack: offline, read-only, believing nothing that lies in the pack.

Every finding is reported, not only the first. Keys and authorities come from the verifier's trust;
the ledger's head comes from the verifier too, who got it from elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sigex_runbook.errors import UsageError
from sigex_runbook.reasons import why

from .approval import APPROVAL, check_approval, employee_of
from .canonical import DuplicateKey, NotCanonical, NotJson, read_canonical, sha256_hex
from .contradictions import contradictions
from .envelope import Envelope, read_envelope
from .findings import EXIT_CODES, Code, Fault, Finding, Status, reach_status
from .leak import DecodingScanner, LeakScanner
from .ledger import LEDGER, Ledger, read_ledger
from .pdf_coverage import check_pdf
from .reckoning import disagreements
from .redaction_record import redaction_faults
from .statement import ATTESTATION, PackStatement
from .subjects import EVIDENCE, compare
from .timestamp import check_token, covers
from .trust import Trust

TOKEN = "attestation.tsr"  # noqa: S105 - a file's name
REPORT_PDF = "evidence/report.pdf"
RUN_FORMAT = "sigex-run/1"
ORDER_FORMAT = "sigex-access-order/1"
CAPTURE_FORMAT = "sigex-capture/1"
FAILURE_FORMAT = "sigex-failure/1"

TOLERANCE = timedelta(minutes=10)
"""How far two clocks may be apart before times are no longer believed."""

_LARGEST_SEAL = 32 << 20
_BIN_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found, and the facts that were established on the way."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    trusted_time: datetime | None = None
    pinned: bool = False
    statement: PackStatement | None = None
    attestation: str | None = None
    signed_by: str | None = None
    clock_skew_seconds: int | None = None
    ledger_line: int | None = None

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
    moment for which the answer shall hold. With `pictures` every picture is drawn again."""

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
        return examine(pack, question, read_ledger(campaign_of(pack)))
    except OSError as error:
        raise UsageError(
            f"Папка {pack} не читается ({why(error)}). Проверьте путь и права на чтение."
        ) from error


def campaign_of(pack: Path) -> Path:
    """The campaign's folder of a pack in its place."""
    return pack.absolute().parent.parent


def examine(pack: Path, question: Question, ledger: Ledger | None) -> Verification:
    """Verify one pack against a ledger that was read already. Raises UsageError or OSError."""
    if not pack.is_dir() or not any((pack / n).exists() for n in (EVIDENCE, ATTESTATION)):
        raise UsageError(
            f"{pack} — не пакет доказательств: нет ни evidence, ни {ATTESTATION}. Укажите папку "
            "запуска или кампании; архив сначала распакуйте."
        )
    return _Examination(pack, question, ledger).verification()


class _Examination:
    """One pack under examination; gathers findings as it goes."""

    def __init__(self, pack: Path, question: Question, ledger: Ledger | None) -> None:
        self._pack = pack
        self._question = question
        self._ledger = ledger
        self._findings: list[Finding] = []
        self._notes: list[str] = []
        self._statement: PackStatement | None = None
        self._signed_by: str | None = None
        self._skew: int | None = None

    def verification(self) -> Verification:
        self._surroundings()
        data = self._seal_file(ATTESTATION)
        token = self._seal_file(TOKEN)
        if data is None:
            self._add(Code.MISSING, ATTESTATION, "нет заверения")
            self._add_evidence_without_statement()
            return self._done(None, None, pinned=False, place=None)
        envelope = self._open(data)
        if envelope is not None and self._statement is not None:
            self._evidence(self._statement, envelope)
            self._binding(self._statement)
        digest = sha256_hex(data)
        anchor = self._anchor(digest)
        moment = self._token(token, data, anchor)
        trusted = moment if moment is not None and anchor.holds(token) else None
        self._times(moment, late=anchor.late)
        if envelope is not None:
            self._signature(envelope, trusted)
        return self._done(digest, trusted, pinned=self._pinned(anchor), place=anchor.place)

    def _done(
        self, digest: str | None, trusted: datetime | None, *, pinned: bool, place: int | None
    ) -> Verification:
        return Verification(
            tuple(dict.fromkeys(self._findings)),
            tuple(self._notes),
            trusted,
            pinned,
            self._statement,
            digest,
            self._signed_by,
            self._skew,
            None if place is None else place + 1,
        )

    def _add(self, code: Code, place: str, what: str) -> None:
        self._findings.append(Finding(code, place, what))

    # -- files

    def _surroundings(self) -> None:
        for child in sorted(self._pack.iterdir()):
            if child.name not in (EVIDENCE, ATTESTATION, TOKEN):
                code = Code.PATH if child.is_symlink() else Code.EXTRA
                self._add(code, child.name, "этому в пакете не место")

    def _seal_file(self, name: str) -> bytes | None:
        path = self._pack / name
        if path.is_symlink() or (path.exists() and not path.is_file()):
            self._add(Code.PATH, name, "вместо файла — ссылка, папка или устройство")
            return None
        if not path.exists():
            return None
        if path.stat().st_size > _LARGEST_SEAL:
            self._add(Code.ENVELOPE, name, "файл неправдоподобно велик")
            return None
        return path.read_bytes()

    def _open(self, data: bytes) -> Envelope | None:
        try:
            envelope = read_envelope(data)
            self._statement = PackStatement.read(envelope.payload)
        except Fault as fault:
            self._findings.append(fault.at(ATTESTATION))
            if self._statement is None:
                self._add_evidence_without_statement()
            return None
        return envelope

    def _add_evidence_without_statement(self) -> None:
        self._notes.append("Файлы в evidence сверить не с чем: заверение не прочитано.")

    def _evidence(self, statement: PackStatement, envelope: Envelope) -> None:
        findings, sealed = compare(self._pack, statement.subjects)
        self._findings += findings
        for name, data in sealed.items():
            for leak in self._question.scanner.scan(name, data, statement.organisation_bin):
                self._add(Code.LEAK, name, f"{leak.rule}: {leak.where}")
        if REPORT_PDF in sealed:
            sealer = self._question.trust.key(envelope.keyid)
            try:
                check_pdf(sealed[REPORT_PDF], sealer.key if sealer else None)
            except Fault as fault:
                self._findings.append(fault.at(REPORT_PDF))
        try:
            self._record(statement, sealed)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            what = f"записи устроены не так, как у этой версии ({type(error).__name__})"
            self._add(Code.TYPE, EVIDENCE, what)

    def _record(self, statement: PackStatement, sealed: dict[str, bytes]) -> None:
        """What the files say, taken together. Asked only of files that are as sealed."""
        values: dict[str, Any] = {}
        whole = {s.name for s in statement.subjects} == sealed.keys()
        for name, data in sealed.items():
            if name.endswith((".json", ".ndjson")):
                values[name.removeprefix(f"{EVIDENCE}/")] = self._value(name, data)
        run = values.get("run.json")
        if isinstance(run, dict):
            self._bound_run(statement, run)
        self._bound_screens(statement, values, sealed)
        if self._question.pictures:
            self._redrawn(values, sealed)
        if whole:
            names = (name.removeprefix(f"{EVIDENCE}/") for name in sealed)
            self._findings += redaction_faults(values, names)
            for file, what in disagreements(values.get):
                self._add(Code.STATE, f"{EVIDENCE}/{file}", what)
            self._findings += contradictions(values, sealed, statement.sealed_at)
            if APPROVAL in sealed:
                self._approved(values, sealed)

    def _value(self, name: str, data: bytes) -> Any:
        try:
            if name.endswith(".ndjson"):
                for line in data.splitlines():
                    read_canonical(line)
                return data.decode("utf-8")
            return read_canonical(data)
        except DuplicateKey as error:
            self._add(Code.JSON_DUP, name, str(error))
        except NotJson as error:
            self._add(Code.TYPE, name, str(error))
        except NotCanonical as error:
            self._add(Code.NONCANONICAL, name, str(error))
        return None

    def _approved(self, values: dict[str, Any], sealed: dict[str, bytes]) -> None:
        try:
            check_approval(
                sealed[APPROVAL],
                sealed.get(f"{EVIDENCE}/order.json", b""),
                self._question.trust.approvers,
                employee=employee_of(values.get("run.json") or {}),
                steps=values.get("steps.ndjson") or "",
            )
        except Fault as fault:
            self._findings.append(fault.at(APPROVAL))

    # -- whose pack this is

    def _binding(self, statement: PackStatement) -> None:
        asked = self._question
        if asked.organisation is not None and asked.organisation != statement.organisation_bin:
            self._bind(f"заверен пакет организации {statement.organisation_bin}, а не спрошенной")
        if asked.run is not None and asked.run != statement.run_id:
            self._bind(f"заверен запуск {statement.run_id}, а не спрошенный")
        place = self._pack.absolute()
        in_place = self._ledger is not None or _looks_like_bin(place.parent.name)
        partial = f"{statement.run_id}.partial"  # while it is being sealed
        if in_place and (
            place.parent.name != statement.organisation_bin
            or place.name not in (statement.run_id, partial)
        ):
            self._bind(
                f"папка названа {place.parent.name}/{place.name}, а заверен запуск "
                f"{statement.organisation_bin}/{statement.run_id}"
            )
        if self._ledger is not None and place.parent.parent.name != statement.campaign:
            self._notes.append(f"Кампания в заверении называется «{statement.campaign}».")

    def _bind(self, what: str) -> None:
        self._add(Code.SUBJECT_BINDING, ATTESTATION, what)

    def _bound_run(self, statement: PackStatement, run: dict[str, Any]) -> None:
        name = f"{EVIDENCE}/run.json"
        if run.get("format") != RUN_FORMAT:
            self._add(Code.TYPE, name, f"это не {RUN_FORMAT}")
            return
        for name_in_run, sealed in (
            ("organisation_bin", statement.organisation_bin),
            ("run_id", statement.run_id),
        ):
            if run.get(name_in_run) != sealed:
                self._add(Code.SUBJECT_BINDING, name, f"{name_in_run} не тот, что в заверении")
        verdict = run.get("verdict")
        if not isinstance(verdict, dict) or verdict.get("kind") != statement.verdict:
            self._add(Code.STATE, name, "вердикт не тот, что в заверении")
        offset = ((run.get("session") or {}).get("clock") or {}).get("offset_from_server_seconds")
        if isinstance(offset, int | float) and abs(offset) > TOLERANCE.total_seconds():
            self._add(
                Code.TIME_SKEW, name, f"часы запуска расходились с часами сервиса на {offset:.0f} с"
            )

    def _bound_screens(
        self, statement: PackStatement, values: dict[str, Any], sealed: dict[str, bytes]
    ) -> None:
        order = values.get("order.json")
        if isinstance(order, dict):
            name = f"{EVIDENCE}/order.json"
            if order.get("format") != ORDER_FORMAT:
                self._add(Code.TYPE, name, f"это не {ORDER_FORMAT}")
            if order.get("organisation_bin") != statement.organisation_bin:
                self._add(Code.SUBJECT_BINDING, name, "заказ другой организации")
        for name, record in values.items():
            if name.startswith("screens/") and isinstance(record, dict):
                self._screen(f"{EVIDENCE}/{name}", record, statement, sealed)

    def _screen(
        self,
        name: str,
        record: dict[str, Any],
        statement: PackStatement,
        sealed: dict[str, bytes],
    ) -> None:
        if record.get("format") not in (CAPTURE_FORMAT, FAILURE_FORMAT):
            self._add(Code.TYPE, name, f"это не {CAPTURE_FORMAT} и не {FAILURE_FORMAT}")
            return
        try:
            if record["facts"]["run_id"] != statement.run_id:
                self._add(Code.SUBJECT_BINDING, name, "снимок сделан в другом запуске")
            raw, annotated = record["raw"], record["annotated"]
            pictures = [raw] if annotated is None else [raw, annotated]
            parent = raw["sha256"] if annotated is None else annotated["parent"]
            for picture in pictures:
                path = f"{EVIDENCE}/{picture['path']}"
                if path in sealed and sha256_hex(sealed[path]) != picture["sha256"]:
                    self._add(Code.SUBJECT_BINDING, path, f"это не снимок из {name}")
            if parent != raw["sha256"]:
                self._add(Code.SUBJECT_BINDING, name, "размеченный снимок сделан с другого")
        except (KeyError, TypeError):
            self._add(Code.TYPE, name, "описание снимка устроено иначе")

    def _redrawn(self, values: dict[str, Any], sealed: dict[str, bytes]) -> None:
        from .redrawing import redraw_all  # slow, and asked for seldom

        drawn, findings = redraw_all(values, sealed)
        self._findings += findings
        self._notes.append(f"Снимков нарисовано заново и совпало: {drawn}.")

    # -- who vouches, and when

    def _signature(self, envelope: Envelope, trusted: datetime | None) -> None:
        key = self._question.trust.key(envelope.keyid)
        if key is None:
            self._add(Code.SIGNATURE, ATTESTATION, "подписано ключом, которого нет в trust.json")
            return
        if not envelope.signed_by(key.key):
            self._add(Code.SIGNATURE, ATTESTATION, "подпись не сходится")
            return
        self._signed_by = key.keyid
        if not key.valid_at(trusted or self._question.at):
            when = "в миг метки времени" if trusted else "сейчас, а доверенного времени нет"
            self._add(Code.KEY_EXPIRED, ATTESTATION, f"ключ подписи не действует {when}")

    def _anchor(self, digest: str) -> _Anchor:
        """What the ledger says of this attestation."""
        ledger, statement = self._ledger, self._statement
        if ledger is None:
            if self._question.head is not None:
                self._add(Code.LEDGER_TRUNCATED, LEDGER, "реестра рядом с пакетом нет")
            else:
                self._notes.append("Реестра кампании рядом нет: ряд запусков не проверен.")
            return _Anchor()
        self._findings += ledger.findings
        owner = (statement.organisation_bin, statement.run_id) if statement else ("", "")
        places = ledger.runs(*owner, digest)
        if not places:
            self._notes.append(
                "В реестре нет записи об этом пакете: конец реестра отрезан или пакет не отсюда."
            )
            return _Anchor()
        entry = ledger.entries[places[0]]
        if len(places) > 1:
            self._add(Code.LEDGER, LEDGER, "запусков с этим именем или заверением несколько")
        if (entry.organisation, entry.run, entry.attestation) != (*owner, digest):
            self._add(Code.LEDGER, LEDGER, "запись реестра говорит о другом заверении")
        stamps = ledger.stamps(digest)
        if len(stamps) + (entry.tsr is not None) > 1 or any(s < places[0] for s in stamps):
            self._add(Code.LEDGER, LEDGER, "метка времени записана дважды или раньше запуска")
        late = bool(stamps)
        tsr = ledger.entries[stamps[0]].tsr if late else entry.tsr
        return _Anchor(places[0], stamps[0] if late else places[0], tsr, late)

    def _token(self, token: bytes | None, data: bytes, anchor: _Anchor) -> datetime | None:
        """The token's time, when one of the trusted authorities vouches for it."""
        if token is None:
            if anchor.tsr is not None:
                self._add(Code.TIMESTAMP, TOKEN, "в реестре метка времени есть, а файла нет")
            else:
                self._notes.append(
                    "Метки времени нет: когда это заверено, известно только со слов машины. "
                    "Добавить: sigex-runbook stamp."
                )
            return None
        if anchor.tsr is not None and sha256_hex(token) != anchor.tsr:
            self._add(Code.TIMESTAMP, TOKEN, "метка времени не та, что записана в реестре")
            return None
        if anchor.place is not None and anchor.tsr is None:
            self._notes.append(
                "Метка времени ещё не записана в реестр: завершите командой sigex-runbook stamp."
            )
        try:
            covers(token, data)
            if self._question.trust.authorities:
                return check_token(token, data, self._question.trust.authorities)
        except Fault as fault:
            self._findings.append(fault.at(TOKEN))
        else:
            self._notes.append("В trust.json нет сервера времени: метке верить не на чем.")
        return None

    def _times(self, moment: datetime | None, *, late: bool) -> None:
        latest = self._question.at + TOLERANCE
        if moment is not None and moment > latest:
            self._add(Code.TIME_FUTURE, TOKEN, "метка времени из будущего")
        if self._statement is None:
            return
        sealed_at = self._statement.sealed_at
        if sealed_at > latest:
            self._add(Code.TIME_FUTURE, ATTESTATION, "заверено в будущем")
        if moment is None:
            return
        skew = moment - sealed_at
        self._skew = round(skew.total_seconds())
        if skew < -TOLERANCE or (skew > TOLERANCE and not late):
            self._add(
                Code.TIME_SKEW,
                ATTESTATION,
                f"часы машины и сервера времени расходятся на {self._skew} с",
            )

    def _pinned(self, anchor: _Anchor) -> bool:
        """Whether the pinned head covers this pack's line and its stamp's."""
        head = self._question.head
        if head is None:
            self._notes.append(
                "Голова реестра не указана (--head): переписанный целиком реестр не заметен."
            )
            return False
        if self._ledger is None:
            return False
        place = self._ledger.place_of(head)
        if place is None:
            self._add(
                Code.LEDGER_TRUNCATED, LEDGER, "строки с указанной головой нет: реестр укорочен"
            )
            return False
        if anchor.place is None:
            return False
        if max(anchor.place, anchor.stamp_place or 0) > place:
            self._notes.append("Запись о пакете новее указанной головы реестра: возьмите новую.")
            return False
        return True


@dataclass(frozen=True, slots=True)
class _Anchor:
    """This pack's line in the ledger, the line of its stamp, and the token's digest there."""

    place: int | None = None
    stamp_place: int | None = None
    tsr: str | None = None
    late: bool = False

    def holds(self, token: bytes | None) -> bool:
        """Whether the ledger vouches for these very bytes: a token alone may be altered."""
        return token is not None and self.tsr is not None and sha256_hex(token) == self.tsr


def _looks_like_bin(name: str) -> bool:
    return len(name) == _BIN_LENGTH and name.isascii() and name.isdigit()
