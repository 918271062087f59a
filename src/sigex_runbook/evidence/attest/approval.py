"""The approval: another person's signature over `order.json`, made before the change.

`approval.p7s` is CMS over the exact bytes of `evidence/order.json`, detached or with them inside.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from sigex_runbook.core.messages import say

from .findings import Code, Fault


def check_approval(
    signature: bytes,
    order: bytes,
    approvers: tuple[x509.Certificate, ...],
    *,
    employee: str | None,
    steps: str,
) -> None:
    """Insist that a trusted approver, not the employee, signed the order before the change.

    `employee` is who signed in, as the record says it; `steps` is steps.ndjson: before the first
    of them nothing was changed. Raises Fault with E_APPROVAL.
    """
    try:
        why = _fault(signature, order, approvers, employee, _first_step(steps))
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception as error:
        raise Fault(Code.APPROVAL, f"согласование не читается ({type(error).__name__})") from error
    if why:
        raise Fault(Code.APPROVAL, why)


@dataclass(frozen=True, slots=True)
class Approver:
    """Who signed an approval, and when, by its own words: nothing of it is checked."""

    name: str
    signed_at: datetime | None


def approver_of(signature: bytes) -> Approver | None:
    """Whose approval it says it is; None when it cannot be read."""
    from asn1crypto import cms
    from pyhanko.sign.validation.generic_cms import extract_certs_for_validation

    try:
        signed = cms.ContentInfo.load(signature, strict=True)["content"]  # type: ignore[no-untyped-call]
        [signer] = signed["signer_infos"]
        certificate = extract_certs_for_validation(signed).signer_cert
        name = str(certificate.subject.native.get("common_name", ""))
        return Approver(name, _signing_time(signer["signed_attrs"]))
    except (KeyboardInterrupt, SystemExit):
        raise
    except Exception:  # noqa: BLE001 - whatever the parsers of foreign bytes raise
        return None


def _fault(
    signature: bytes,
    order: bytes,
    approvers: tuple[x509.Certificate, ...],
    employee: str | None,
    changed_at: datetime | None,
) -> str | None:
    import hashlib

    from asn1crypto import cms
    from pyhanko.sign.validation.generic_cms import (
        extract_certs_for_validation,
        validate_sig_integrity,
    )

    content = cms.ContentInfo.load(signature, strict=True)  # type: ignore[no-untyped-call]
    if content["content_type"].native != "signed_data":
        return say("approval_fault.no_signature")
    signed = content["content"]
    [signer] = signed["signer_infos"]
    inside = signed["encap_content_info"]["content"].native
    if inside is not None and inside != order:
        return say("approval_fault.another_order")
    certificate = extract_certs_for_validation(signed).signer_cert
    der: bytes = certificate.dump()  # type: ignore[no-untyped-call]
    if der not in {a.public_bytes(Encoding.DER) for a in approvers}:
        return say("approval_fault.stranger")
    algorithm = signer["digest_algorithm"]["algorithm"].native
    intact, valid = validate_sig_integrity(
        signer,
        certificate,
        expected_content_type=signed["encap_content_info"]["content_type"].native,
        actual_digest=hashlib.new(algorithm, order).digest(),
    )
    if not (intact and valid):
        return say("approval_fault.broken")
    name = str(certificate.subject.native.get("common_name", ""))
    if employee is None or not name or name.casefold() in employee.casefold():
        return say("approval_fault.own")
    signed_at = _signing_time(signer["signed_attrs"])
    if signed_at is None:
        return say("approval_fault.no_time")
    if changed_at is not None and signed_at >= changed_at:
        return say("approval_fault.late")
    return None


def _signing_time(attributes: Any) -> datetime | None:
    for attribute in attributes:
        if attribute["type"].native == "signing_time":
            moment: datetime = attribute["values"][0].native
            return moment
    return None


def employee_of(run: Mapping[str, Any]) -> str | None:
    """Who signed in, as run.json says it."""
    identity = run["session"].get("identity")
    return identity if isinstance(identity, str) and identity else None


def _first_step(steps: str) -> datetime | None:
    started = (json.loads(line)["started_at"] for line in steps.splitlines())
    return min((datetime.fromisoformat(at) for at in started if at), default=None)
