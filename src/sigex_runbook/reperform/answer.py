"""Re-performance: what an auditor who read the settings again found, signed with his own key.

The answer is a file of its own, bound to the pack by the digest of its attestation; a sealed pack
takes no further file. It holds the settings as read, people's numbers replaced, so that anybody who
has the pack can compare once more.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from securesystemslib.signer import Signer

from sigex_runbook.core.access import AccessBlock, AccessSettings, Difference, Json, differences
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.organisation import Bin
from sigex_runbook.evidence.attest.envelope import enclose_alone, read_envelope, read_strictly
from sigex_runbook.evidence.attest.findings import Code, Fault, Finding, hear
from sigex_runbook.evidence.attest.signature_and_time import signer as who_signed
from sigex_runbook.evidence.attest.statement import (
    ATTESTATION,
    STATEMENT_TYPE,
    digest,
    instant,
    instant_text,
)
from sigex_runbook.evidence.attest.timestamp import TOLERANCE
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.canonical import canonical_json
from sigex_runbook.evidence.pack.read import SESSION_PATH
from sigex_runbook.evidence.privacy.redaction import Redactor

REPERFORMANCE_PREDICATE = "urn:sigex-runbook:reperformance:1"
SUFFIX = ".reperformance.dsse.json"

_ALIAS = re.compile(r"ИИН-[0-9a-f]{10}")
_SOMEBODY = "ИИН-…"
_LONGEST_VALUE = 300


class Reader(StrEnum):
    """Who read the settings."""

    EMPLOYEE = "employee"
    SYSTEM = "information system"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the reading; `date` is what the service said of its clock."""

    method: str
    path: str
    status: int
    date: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings as they were read. `fingerprint` is an information system's key, SHA-256;
    `clock_offset` is this machine's clock against the service's, in seconds."""

    reader: Reader
    fingerprint: str | None
    target: str
    read_at: datetime
    clock_offset: float | None
    calls: tuple[Call, ...]
    body: Json


@dataclass(frozen=True, slots=True)
class Reperformance:
    """What is signed: which pack, who read what and when, and what differs from the pack."""

    organisation_bin: str
    run_id: str
    attestation: str
    reading: Reading
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether the settings are what they were when the pack was sealed."""
        return not self.differences

    def to_bytes(self) -> bytes:
        """The canonical bytes, which are signed."""
        reading = self.reading
        return canonical_json(
            {
                "_type": STATEMENT_TYPE,
                "predicateType": REPERFORMANCE_PREDICATE,
                "predicate": {
                    "calls": reading.calls,
                    "clock_offset_seconds": reading.clock_offset,
                    "differences": self.differences,
                    "organisation_bin": self.organisation_bin,
                    "read_at": instant_text(reading.read_at),
                    "reader": reading.reader,
                    "run_id": self.run_id,
                    "same": self.same,
                    "settings": reading.body,
                    "system_key_sha256": reading.fingerprint,
                    "target": reading.target,
                },
                "subject": [
                    {
                        "name": f"{self.organisation_bin}/{self.run_id}/{ATTESTATION}",
                        "digest": {"sha256": self.attestation},
                    }
                ],
            }
        )

    @classmethod
    def read(cls, payload: bytes) -> Reperformance:
        """Read the payload of an envelope. Raises Fault."""
        try:
            raw: Any = read_strictly(payload)
            said = raw["predicate"]
            calls = tuple(Call(**one) for one in said["calls"])
            made = cls(
                said["organisation_bin"],
                said["run_id"],
                digest(raw["subject"][0]["digest"]["sha256"]),
                Reading(
                    Reader(said["reader"]),
                    said["system_key_sha256"],
                    said["target"],
                    instant(said["read_at"]),
                    said["clock_offset_seconds"],
                    calls,
                    AccessSettings(said["settings"]).body,
                ),
                tuple(Difference(**one) for one in said["differences"]),
            )
            if made.to_bytes() != payload:
                raise ValueError("other fields")
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise Fault(Code.TYPE, f"это не заявление {REPERFORMANCE_PREDICATE}") from error
        return made


def compare(
    after: Mapping[str, Any], reading: Reading, *, organisation: Bin, run_id: str, attestation: str
) -> Reperformance:
    """Compare a pack's `state/after.json` with what was read; people's numbers are replaced first.

    Raises RunFailed when either is of no known shape.
    """
    redactor = Redactor(organisation)
    try:
        now = AccessSettings(_faceless(redactor.value(reading.body)))
        found = differences(AccessSettings(_faceless(dict(after))), now)
    except (KeyError, TypeError, ValueError) as error:
        raise RunFailed(
            f"Настройки в пакете или у сервиса устроены не так, как знает эта версия ({error})."
        ) from error
    read = Reading(
        reading.reader,
        reading.fingerprint,
        reading.target,
        reading.read_at,
        reading.clock_offset,
        reading.calls,
        now.body,
    )
    return Reperformance(organisation.text, run_id, attestation, read, found)


def sign(made: Reperformance, signer: Signer) -> bytes:
    """The envelope's bytes. Raises RunFailed when something private would get out."""
    return enclose_alone(made.to_bytes(), signer, organisation_bin=made.organisation_bin)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The verified pack that an answer is about."""

    organisation_bin: str
    run_id: str
    attestation: str
    sealed_at: datetime
    signed_by: str | None
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Check:
    """A statement of re-performance as somebody else finds it. `own_key` says that who sealed the
    pack signed this too, so that it is no second opinion."""

    findings: tuple[Finding, ...]
    made: Reperformance | None = None
    signed_by: str | None = None
    own_key: bool = False


def check(
    data: bytes,
    place: str,
    pack: Sealed,
    *,
    trust: Trust,
    at: datetime,
) -> Check:
    """Check the bytes of a statement against the pack that it is about."""
    try:
        envelope = read_envelope(data)
        made = Reperformance.read(envelope.payload)
    except Fault as fault:
        return Check((fault.at(place),))
    found, _, signer = hear(who_signed(envelope, trust, trusted=None, at=at, place=place))
    wrong = (Finding(code, place, what) for code, what in _wrong(made, pack, at))
    own_key = signer is not None and signer == pack.signed_by
    return Check((*found, *wrong), made, signer, own_key)


def _wrong(made: Reperformance, pack: Sealed, at: datetime) -> Iterator[tuple[Code, str]]:
    """What an answer cannot say of that pack, whoever signed it."""
    named = (made.attestation, made.organisation_bin, made.run_id)
    if named != (pack.attestation, pack.organisation_bin, pack.run_id):
        yield Code.SUBJECT_BINDING, "заявление о другом пакете"
    elif not _follows(made, pack.after):
        yield Code.STATE, "названные различия не следуют из пакета и прочитанного"
    if any(call.method != "GET" and call.path != SESSION_PATH for call in made.reading.calls):
        yield Code.STATE, "названы вызовы, которыми не только читали"
    if made.reading.read_at > at + TOLERANCE:
        yield Code.TIME_FUTURE, "прочитано в будущем"
    elif made.reading.read_at < pack.sealed_at - TOLERANCE:
        yield Code.TIME_SKEW, "прочитано раньше, чем заверен пакет"


def _follows(made: Reperformance, after: Mapping[str, Any]) -> bool:
    try:
        found = differences(
            AccessSettings(_faceless(dict(after))), AccessSettings(made.reading.body)
        )
    except (KeyError, TypeError, ValueError):
        return False
    return canonical_json(found) == canonical_json(made.differences)


def _faceless(value: Any) -> Any:
    """The value with people's aliases replaced: their key was thrown away with the run, so one
    person has another alias each time. A list of people keeps how many they are, no more."""
    match value:
        case str():
            return _ALIAS.sub(_SOMEBODY, value)
        case list() if value and all(isinstance(v, str) and _ALIAS.fullmatch(v) for v in value):
            return [f"человек {number + 1}" for number in range(len(set(value)))]
        case list():
            return [_faceless(item) for item in value]
        case dict():
            return {_ALIAS.sub(_SOMEBODY, key): _faceless(item) for key, item in value.items()}
        case _:
            return value


def sentences(made: Reperformance, after: Mapping[str, Any]) -> Iterator[str]:
    """Every difference in Russian: access by information system, the rest by field."""
    then, now = AccessSettings(_faceless(dict(after))), AccessSettings(made.reading.body)
    for difference in made.differences:
        if difference.ticked is not None and then.systems == now.systems:
            yield from _moved(difference.ticked, then, now)
        else:
            yield (
                f"{difference.path}: было {_words(difference.before)}, "
                f"стало {_words(difference.after)}"
            )


def _moved(block: AccessBlock, then: AccessSettings, now: AccessSettings) -> Iterator[str]:
    title = load_guide().section_for(block).title.ru
    for index, system in enumerate(now.systems):
        was, is_now = then.granted(block, index), now.granted(block, index)
        if was != is_now:
            what = "доступа не было, теперь есть" if is_now else "доступ был, теперь нет"
            yield f"{title}: у «{system.description}» {what}"


def _words(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
