"""A plan as it is signed: who read what, where and when, for which order, and what follows.

It lies in a file of its own. Its subject is the order as a pack holds it, so that whoever has both
sees by the digest that a run was made for the order that was planned. It holds the settings that
were read, people's numbers replaced, so that anybody can compute the plan once more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from securesystemslib.signer import Signer

from sigex_runbook.core.access import AccessSettings, Difference, Json
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.plan import Plan, make_plan
from sigex_runbook.evidence.attest.envelope import enclose_alone, read_envelope, read_strictly
from sigex_runbook.evidence.attest.findings import MISSHAPEN, Code, Fault, Finding, hear
from sigex_runbook.evidence.attest.signature_and_time import signer as who_signed
from sigex_runbook.evidence.attest.statement import STATEMENT_TYPE, instant, instant_text
from sigex_runbook.evidence.attest.timestamp import TOLERANCE
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.canonical import canonical_json, sha256_hex
from sigex_runbook.evidence.pack.layout import ORDER
from sigex_runbook.evidence.pack.records import RecordedOrder
from sigex_runbook.evidence.privacy.leak import Canaries

PLAN_PREDICATE = "urn:sigex-runbook:plan:1"
SUFFIX = ".plan.dsse.json"


@dataclass(frozen=True)
class PlanRecord:
    """What is signed. `order` and `settings` are as a pack holds them; `clock_offset` is this
    machine's clock against the service's, in seconds."""

    order: Json
    target: str
    identity: str
    read_at: datetime
    clock_offset: float | None
    settings: Json
    changes: tuple[Difference, ...]

    @cached_property
    def plan(self) -> Plan:
        """The plan that follows from order and settings. Raises RunFailed, or one of MISSHAPEN."""
        return make_plan(AccessSettings(self.settings), RecordedOrder.read(self.order))

    @property
    def organisation_bin(self) -> str:
        """Whose settings were read."""
        return str(self.order["organisation_bin"])

    def to_bytes(self) -> bytes:
        """The canonical bytes, which are signed."""
        return canonical_json(
            {
                "_type": STATEMENT_TYPE,
                "predicateType": PLAN_PREDICATE,
                "predicate": {
                    "changes": self.changes,
                    "clock_offset_seconds": self.clock_offset,
                    "identity": self.identity,
                    "order": self.order,
                    "read_at": instant_text(self.read_at),
                    "settings": self.settings,
                    "target": self.target,
                },
                "subject": [
                    {
                        "name": ORDER,
                        "digest": {"sha256": sha256_hex(canonical_json(self.order))},
                    }
                ],
            }
        )

    @classmethod
    def read(cls, payload: bytes) -> PlanRecord:
        """Read the payload of an envelope. Raises Fault."""
        try:
            raw: Any = read_strictly(payload)
            said = raw["predicate"]
            record = cls(
                said["order"],
                str(said["target"]),
                str(said["identity"]),
                instant(said["read_at"]),
                said["clock_offset_seconds"],
                said["settings"],
                tuple(Difference(**one) for one in said["changes"]),
            )
            if record.to_bytes() != payload:
                raise ValueError("other fields")
        except MISSHAPEN as error:
            raise Fault(Code.TYPE, f"это не заявление {PLAN_PREDICATE}") from error
        return record


def sign(record: PlanRecord, signer: Signer, known: Canaries) -> bytes:
    """The envelope's bytes. Raises RunFailed when something private would get out."""
    return enclose_alone(
        record.to_bytes(), signer, organisation_bin=record.organisation_bin, known=known
    )


@dataclass(frozen=True, slots=True)
class Check:
    """A signed plan as somebody else finds it."""

    findings: tuple[Finding, ...]
    record: PlanRecord | None = None
    signed_by: str | None = None


def check(data: bytes, place: str, *, trust: Trust, at: datetime) -> Check:
    """Check the bytes of a signed plan: whose it is, and that it follows from what it holds."""
    try:
        envelope = read_envelope(data)
        record = PlanRecord.read(envelope.payload)
    except Fault as fault:
        return Check((fault.at(place),))
    found, _, signed_by = hear(who_signed(envelope, trust, trusted=None, at=at, place=place))
    wrong = []
    if not _follows(record):
        what = "названные изменения не следуют из заказа и прочитанных настроек"
        wrong.append(Finding(Code.STATE, place, what))
    if record.read_at > at + TOLERANCE:
        wrong.append(Finding(Code.TIME_FUTURE, place, "прочитано в будущем"))
    return Check((*found, *wrong), record, signed_by)


def _follows(record: PlanRecord) -> bool:
    try:
        return canonical_json(record.plan.changes) == canonical_json(record.changes)
    except (RunFailed, *MISSHAPEN):
        return False
