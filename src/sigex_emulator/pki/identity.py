"""What the service says about a person from his certificate (sigex-facts 3.3, K(S2))."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from sigex_emulator.clock import milliseconds

from . import extensions
from .names import text_of
from .signers import signer_fields, subject_fields

_USER = re.compile(r"IIN(\d{12})", re.ASCII)
_BUSINESS = re.compile(r"BIN(\d{12})", re.ASCII)


class UnfitCertificate(Exception):
    """The certificate names no person: its SERIALNUMBER is not `IIN` and twelve digits."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as his certificate describes him."""

    user_id: str
    business_id: str | None
    ext_key_usages: frozenset[str]
    serial_number: str
    issuer: str
    body: dict[str, Any]
    """The answer of `/api/auth`."""

    signer: dict[str, Any]
    """What a signature that the person makes says of him."""

    @property
    def organisation_bin(self) -> str | None:
        """Twelve digits of the organisation's BIN, None for a private person."""
        return self.business_id.removeprefix("BIN") if self.business_id else None


@lru_cache(maxsize=1024)
def read_identity(certificate: x509.Certificate) -> Identity:
    """Read a person's identity; raises UnfitCertificate when there is none."""
    user_id = _matching(certificate, NameOID.SERIAL_NUMBER, _USER)
    if user_id is None:
        raise UnfitCertificate
    business_id = _matching(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME, _BUSINESS)
    uses = extensions.ext_key_usages(certificate)
    names = extensions.alternative_names(certificate)
    emails = [one["value"] for one in names if one["type"] == extensions.EMAIL]
    body: dict[str, Any] = {"userId": user_id}
    if business_id:
        body["businessId"] = business_id
    if emails:
        body["email"] = emails[0]
    body.update(subject_fields(certificate))
    body["signAlgorithm"] = certificate.signature_algorithm_oid.dotted_string
    key_storage = extensions.key_storage(certificate)
    if key_storage:
        body["keyStorage"] = key_storage
    body["policyIds"] = extensions.policies(certificate)
    body["extKeyUsages"] = uses
    body["certificateValidFrom"] = milliseconds(certificate.not_valid_before_utc)
    body["certificateValidUntil"] = milliseconds(certificate.not_valid_after_utc)
    return Identity(
        user_id=user_id,
        business_id=business_id,
        ext_key_usages=frozenset(uses),
        serial_number=f"{certificate.serial_number:x}",
        issuer=text_of(certificate.issuer),
        body=body,
        signer=signer_fields(certificate),
    )


def _matching(
    certificate: x509.Certificate, oid: x509.ObjectIdentifier, pattern: re.Pattern[str]
) -> str | None:
    for attribute in certificate.subject.get_attributes_for_oid(oid):
        value = str(attribute.value)
        if pattern.fullmatch(value):
            return value
    return None
