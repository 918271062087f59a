"""The pack that was performed, verified before anything is compared with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.organisation import Bin
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.ledger import LEDGER
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.layout import AFTER, EVIDENCE, RUN
from sigex_runbook.evidence.pack.place import PackPlace
from sigex_runbook.evidence.pack.read import json_of
from sigex_runbook.evidence.verify.verification import Question, verify_pack

from .answer import SUFFIX, Reader, Reperformance, Sealed, sentences


@dataclass(frozen=True)
class VerifiedPack:
    """A pack that was verified: what its statement and its files say."""

    folder: Path
    status: Status
    statement: PackStatement
    attestation: str
    signed_by: str | None

    @property
    def organisation(self) -> Bin:
        """Whose settings it is about."""
        return Bin(self.statement.organisation_bin)

    @cached_property
    def run(self) -> Mapping[str, Any]:
        """run.json."""
        run: Mapping[str, Any] = json_of(self.folder, RUN)
        return run

    @cached_property
    def sealed(self) -> Sealed:
        """What an answer is compared with. Raises UsageError when the run did not come to it."""
        if not (self.folder / EVIDENCE / AFTER).is_file():
            raise UsageError(
                f"В пакете {self.folder.name} нет настроек после изменения: запуск до них не "
                "дошёл. Возьмите пакет завершённого запуска."
            )
        return Sealed(
            self.statement.organisation_bin,
            self.statement.run_id,
            self.attestation,
            self.statement.sealed_at,
            self.signed_by,
            json_of(self.folder, AFTER),
        )


def verified(folder: Path, trust: Trust, head: str | None) -> VerifiedPack:
    """Verify a pack, with its ledger's head if it is known. Raises UsageError when it fails."""
    found = verify_pack(folder, Question(trust, head=head.lower() if head else None))
    if found.status is Status.FAILED or found.statement is None or found.attestation is None:
        first = found.findings[0] if found.findings else ""
        raise UsageError(f"Пакет не проходит проверку, сравнивать не с чем: {first}")
    return VerifiedPack(folder, found.status, found.statement, found.attestation, found.signed_by)


def answer_place(pack: VerifiedPack, wanted: Path | None) -> Path:
    """Where the answer goes: never into a sealed pack, and never over another answer. Raises
    UsageError."""
    folder = pack.folder.absolute()
    campaign = PackPlace.of(folder).campaign
    beside = (campaign if (campaign / LEDGER).exists() else folder.parent) / "reperformance"
    now = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    out = wanted or beside / f"{pack.organisation}-{pack.statement.run_id}-{now}{SUFFIX}"
    if any((parent / ATTESTATION).exists() for parent in out.resolve().parents):
        raise UsageError(
            f"{out} лежит внутри заверенного пакета: лишний файл сделает его недействительным. "
            "Укажите другое место: --out."
        )
    if out.exists():
        raise UsageError(f"{out} уже есть и не переписывается. Укажите другое место: --out.")
    return out


def lines(made: Reperformance, pack: VerifiedPack) -> Iterator[str]:
    """What was found, for people."""
    reading, after = made.reading, pack.sealed.after
    who = "сотрудник" if reading.reader is Reader.EMPLOYEE else "информационная система"
    yield f"Прочитано {reading.read_at:%Y-%m-%d %H:%M:%S} UTC с {reading.target} ({who})."
    if made.same:
        yield f"Настройки организации {made.organisation_bin} те же, что в пакете."
    else:
        yield f"Настройки организации {made.organisation_bin} не те, что в пакете:"
        yield from (f"  {sentence}" for sentence in sentences(made, after))
    recorded = pack.run.get("target" if reading.reader is Reader.EMPLOYEE else "mtls_target")
    if reading.target != recorded:
        yield f"К сведению: в пакете записан другой адрес сервиса, {recorded or 'никакого'}."
    if made.same and reading.body.get("modifiedAt") != after.get("modifiedAt"):
        yield "К сведению: после запуска настройки сохраняли ещё раз, содержание осталось прежним."
    yield "К сведению: люди сличены только по числу, их номеров в пакете нет."
