"""The records of a pack, read back from their JSON into the values that were written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sigex_runbook.core.access import AccessBlock, AccessSettings
from sigex_runbook.core.audit import Audit, AuditEvent, Unread
from sigex_runbook.core.order import Order, OrderedSystem, Wish
from sigex_runbook.core.organisation import Bin
from sigex_runbook.core.record import (
    Act,
    Box,
    Candidate,
    CaptureFacts,
    Drift,
    DriftKind,
    FailureFacts,
    Outcome,
    PlannedStep,
    StepRecord,
)
from sigex_runbook.core.verdict import Answer, Channel, Check, CheckResult, Probe


@dataclass(frozen=True, slots=True)
class RecordedOrganisation:
    """The ordered organisation as order.json holds it."""

    bin: Bin


@dataclass(frozen=True, slots=True)
class RecordedSystem:
    """An ordered information system as order.json holds it."""

    description: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RecordedOrder:
    """order.json: the wish, the document to try it on, and the way to sign in."""

    organisation: RecordedOrganisation
    information_system: RecordedSystem
    control_system: RecordedSystem | None
    access: Mapping[AccessBlock, Wish]
    probe_document: str | None
    sign_in: str

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> RecordedOrder:
        """From order.json's value."""
        control = raw["control_system"]
        return cls(
            RecordedOrganisation(Bin(raw["organisation_bin"])),
            system_of(raw["information_system"]),
            system_of(control) if control else None,
            {AccessBlock(block): Wish(wish) for block, wish in raw["access"].items()},
            raw["probe_document"],
            raw["sign_in"],
        )


def order_record(order: Order) -> dict[str, Any]:
    """What was asked for, without paths and secrets, as order.json holds it."""
    return {
        "format": order.format,
        "organisation_bin": str(order.organisation.bin),
        "information_system": system_record(order.information_system),
        "control_system": system_record(order.control_system) if order.control_system else None,
        "access": {block: order.access[block] for block in AccessBlock},
        "probe_document": order.probe_document,
        "sign_in": order.sign_in.method,
    }


def system_record(system: OrderedSystem) -> dict[str, str]:
    """An information system as order.json and run.json hold it."""
    return {"description": system.description, "key_sha256": system.fingerprint}


@dataclass(frozen=True, slots=True)
class Overridden:
    """What run.json says of the operator's file of locators: its digest, the keys of what it points
    at, and how many questions of the page it answers."""

    sha256: str
    pointed: tuple[str, ...]
    answers: int

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Overridden:
        """From run.json's value. Raises KeyError, TypeError or ValueError."""
        told = cls(raw["sha256"], tuple(raw["pointed"]), raw["answers"])
        texts = (told.sha256, *told.pointed)
        if type(told.answers) is not int or not all(isinstance(one, str) for one in texts):
            raise ValueError("a value of another kind")
        return told


def step_record(raw: Mapping[str, Any]) -> StepRecord:
    """A line of steps.ndjson as a record. Raises KeyError, TypeError or ValueError."""
    rest = {key: value for key, value in raw.items() if key not in ("step", "outcome")}
    act = raw["step"].get("act")
    step = PlannedStep(**{**raw["step"], "act": None if act is None else Act(act)})
    return StepRecord(step, Outcome(raw["outcome"]), **rest)


def system_of(raw: Mapping[str, Any]) -> RecordedSystem:
    """An information system of order.json or run.json. Raises KeyError."""
    return RecordedSystem(raw["description"], raw["key_sha256"])


def check_of(raw: Mapping[str, Any]) -> Check:
    """A check of verification.json. Raises KeyError or ValueError."""
    return Check(Channel(raw["channel"]), CheckResult(raw["result"]), raw["detail"])


def audit_record(audit: Audit) -> dict[str, Any]:
    """What was new in the service's journal, as state/audit.json holds it."""
    return {
        "events": [
            {
                "event_id": event.event_id,
                "by_employee": event.by_employee,
                "original": event.original.body,
                "modified": event.modified.body,
            }
            for event in audit.events
        ],
        "unread": audit.unread,
        "reason": audit.reason,
    }


def audit_of(raw: Mapping[str, Any]) -> Audit:
    """state/audit.json's value as what was new. Raises KeyError, TypeError or ValueError."""
    events = tuple(
        AuditEvent(
            one["event_id"],
            one["by_employee"],
            AccessSettings(one["original"]),
            AccessSettings(one["modified"]),
        )
        for one in raw["events"]
    )
    unread = None if raw["unread"] is None else Unread(raw["unread"])
    return Audit(events, unread, raw["reason"])


def probe_of(raw: Mapping[str, Any]) -> Probe:
    """A probe of verification.json. Raises KeyError or ValueError."""
    return Probe(
        raw["moment"],
        raw["system"],
        raw["control"],
        AccessBlock(raw["block"]),
        Answer(raw["expected"]),
        Answer(raw["answer"]),
        raw["detail"],
    )


def capture_facts(raw: Mapping[str, Any]) -> CaptureFacts:
    """The facts of one picture as NNN.json holds them. Raises KeyError, TypeError or
    ValueError."""
    rest = {key: value for key, value in raw.items() if key not in ("box", "masks")}
    return CaptureFacts(box=Box(**raw["box"]), masks=_boxes(raw["masks"]), **rest)


def failure_facts(raw: Mapping[str, Any]) -> FailureFacts:
    """The facts of a failure's picture as failure.json holds them. Raises as `capture_facts`."""
    rest = {key: value for key, value in raw.items() if key not in ("drift", "masks")}
    drift = _drift(raw["drift"]) if raw["drift"] is not None else None
    return FailureFacts(masks=_boxes(raw["masks"]), drift=drift, **rest)


def _drift(raw: Mapping[str, Any]) -> Drift:
    candidates = tuple(
        Candidate(**{**one, "box": Box(**one["box"]) if one["box"] else None})
        for one in raw["candidates"]
    )
    return Drift(
        **{
            **raw,
            "kind": DriftKind(raw["kind"]),
            "roles": tuple(raw["roles"]),
            "candidates": candidates,
        }
    )


def _boxes(raw: list[dict[str, float]]) -> tuple[Box, ...]:
    return tuple(Box(**box) for box in raw)
