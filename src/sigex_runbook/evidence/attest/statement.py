"""The in-toto Statements that are signed: about one pack, and about a campaign.

Both are written and read by this module alone. What is read must give the same bytes when it is
written again, so that a field that nobody reads cannot ride along.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from sigex_runbook.core.organisation import Bin
from sigex_runbook.evidence.pack.canonical import canonical_json
from sigex_runbook.evidence.pack.files import Subject

from .envelope import read_strictly
from .findings import Code, Fault

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PACK_PREDICATE = "urn:sigex-runbook:pack:1"
CAMPAIGN_PREDICATE = "urn:sigex-runbook:campaign:1"
ATTESTATION = "attestation.dsse.json"

_S = TypeVar("_S", "PackStatement", "CampaignStatement")
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class PackStatement:
    """What is said of one run: whose it is, how it ended, and every file of its evidence."""

    campaign: str
    organisation_bin: str
    run_id: str
    verdict: str
    sealed_at: datetime
    subjects: tuple[Subject, ...]

    def to_bytes(self) -> bytes:
        """The canonical bytes, which are signed."""
        return canonical_json(
            {
                "_type": STATEMENT_TYPE,
                "predicateType": PACK_PREDICATE,
                "predicate": {
                    "campaign": self.campaign,
                    "organisation_bin": self.organisation_bin,
                    "run_id": self.run_id,
                    "sealed_at": instant_text(self.sealed_at),
                    "verdict": self.verdict,
                },
                "subject": [
                    {
                        "name": subject.name,
                        "digest": {"sha256": subject.sha256},
                        "annotations": {"size": subject.size},
                    }
                    for subject in self.subjects
                ],
            }
        )

    @classmethod
    def read(cls, payload: bytes) -> PackStatement:
        """Read the payload of a pack's envelope. Raises Fault."""
        with _Shape():
            raw = _statement(payload, PACK_PREDICATE)
            predicate = raw["predicate"]
            statement = cls(
                campaign=_text(predicate["campaign"]),
                organisation_bin=_text(predicate["organisation_bin"]),
                run_id=_text(predicate["run_id"]),
                verdict=_text(predicate["verdict"]),
                sealed_at=instant(predicate["sealed_at"]),
                subjects=tuple(
                    Subject(
                        _text(one["name"]),
                        digest(one["digest"]["sha256"]),
                        _whole(one["annotations"]["size"]),
                    )
                    for one in raw["subject"]
                ),
            )
            return _same(statement, payload)


class State(StrEnum):
    """What became of one organisation of a campaign."""

    PACK = "pack"
    FAILED = "failed"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Member:
    """One organisation of the population: its last pack, or why there is none."""

    organisation_bin: str
    state: State
    run_id: str | None = None
    attestation: str | None = None
    verdict: str | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        packed = (self.run_id, self.attestation, self.verdict)
        Bin(self.organisation_bin)  # no other spelling, by which one could be named twice
        if self.state is State.PACK:
            whole = all(isinstance(one, str) and one for one in packed) and self.reason is None
        else:
            reason = self.reason.strip() if isinstance(self.reason, str) else ""
            whole = packed == (None, None, None) and bool(reason)
        if not whole:
            raise ValueError(f"{self.organisation_bin}: a pack or a reason, exactly one of the two")


@dataclass(frozen=True, slots=True)
class CampaignStatement:
    """The population of a campaign: every organisation exactly once; `head` is the digest of the
    ledger line up to which it holds, `length` the number of lines."""

    campaign: str
    sealed_at: datetime
    head: str
    length: int
    population: tuple[Member, ...]

    def to_bytes(self) -> bytes:
        """The canonical bytes, which are signed."""
        return canonical_json(
            {
                "_type": STATEMENT_TYPE,
                "predicateType": CAMPAIGN_PREDICATE,
                "predicate": {
                    "campaign": self.campaign,
                    "ledger": {"head": self.head, "length": self.length},
                    "population": self.population,
                    "sealed_at": instant_text(self.sealed_at),
                },
                "subject": [
                    {
                        "name": f"{member.organisation_bin}/{member.run_id}/{ATTESTATION}",
                        "digest": {"sha256": member.attestation},
                    }
                    for member in self.population
                    if member.state is State.PACK
                ],
            }
        )

    @classmethod
    def read(cls, payload: bytes) -> CampaignStatement:
        """Read the payload of a campaign's envelope. Raises Fault."""
        with _Shape():
            raw = _statement(payload, CAMPAIGN_PREDICATE)
            predicate = raw["predicate"]
            statement = cls(
                campaign=_text(predicate["campaign"]),
                sealed_at=instant(predicate["sealed_at"]),
                head=digest(predicate["ledger"]["head"]),
                length=_whole(predicate["ledger"]["length"]),
                population=tuple(
                    Member(**{**one, "state": State(_text(one["state"]))})
                    for one in predicate["population"]
                ),
            )
            return _same(statement, payload)


def instant_text(moment: datetime) -> str:
    """A moment as our formats write it: UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: Any) -> datetime:
    """The moment of that text; raises ValueError for any other way to write it."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise ValueError("время записано не как 2026-01-31T09:30:00Z") from error


def digest(text: Any) -> str:
    """The text when it is a SHA-256 as we write it; raises ValueError."""
    if not isinstance(text, str) or not _HEX.fullmatch(text):
        raise ValueError("no SHA-256")
    return text


class _Shape:
    """Turns whatever a wrong shape raises into one Fault."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, KeyError | TypeError | ValueError | AttributeError):
            raise Fault(Code.TYPE, "заявление устроено не так, как у этой версии") from error


def _statement(payload: bytes, predicate_type: str) -> Mapping[str, Any]:
    raw = read_strictly(payload)
    if (
        not isinstance(raw, dict)
        or raw.get("_type") != STATEMENT_TYPE
        or raw.get("predicateType") != predicate_type
    ):
        raise Fault(Code.TYPE, f"это не заявление {predicate_type}")
    return raw


def _same(statement: _S, payload: bytes) -> _S:
    if statement.to_bytes() != payload:
        raise Fault(Code.TYPE, "в заявлении есть поля, которых эта версия не знает")
    return statement


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _whole(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise TypeError("no whole number")
    return value
