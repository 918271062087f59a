"""What the service says about a person from his certificate (sigex-facts 3.3, K(S2))."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID

from sigex_emulator.clock import milliseconds

from . import oids

_NAMES = {x509.ObjectIdentifier(oid): name for oid, (name, _) in oids.SUBJECT_ATTRIBUTES.items()}
_EMAIL = "rfc822Name"
_ALTERNATIVE_NAMES: dict[
    type[x509.RFC822Name] | type[x509.DNSName] | type[x509.UniformResourceIdentifier], str
] = {
    x509.RFC822Name: _EMAIL,
    x509.DNSName: "dNSName",
    x509.UniformResourceIdentifier: "uniformResourceIdentifier",
}
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
    uses = _ext_key_usages(certificate)
    names = _alternative_names(certificate)
    emails = [one["value"] for one in names if one["type"] == _EMAIL]
    body: dict[str, Any] = {"userId": user_id}
    if business_id:
        body["businessId"] = business_id
    if emails:
        body["email"] = emails[0]
    body["subject"] = certificate.subject.rfc4514_string(_NAMES)
    body["subjectStructure"] = [
        [
            {
                "oid": attribute.oid.dotted_string,
                "name": _NAMES.get(attribute.oid, attribute.oid.dotted_string),
                **_value(attribute.value),
            }
            for attribute in rdn
        ]
        for rdn in certificate.subject.rdns
    ]
    if names:
        # How the service writes alternative names as text is U; this form is I.
        body["subjectAltName"] = ",".join(f"{one['type']}={one['value']}" for one in names)
        body["subjectAltNameStructure"] = names
    body["signAlgorithm"] = certificate.signature_algorithm_oid.dotted_string
    key_storage = _key_storage(certificate)
    if key_storage:
        body["keyStorage"] = key_storage
    body["policyIds"] = _policies(certificate)
    body["extKeyUsages"] = uses
    body["certificateValidFrom"] = milliseconds(certificate.not_valid_before_utc)
    body["certificateValidUntil"] = milliseconds(certificate.not_valid_after_utc)
    return Identity(
        user_id=user_id,
        business_id=business_id,
        ext_key_usages=frozenset(uses),
        serial_number=f"{certificate.serial_number:x}",
        issuer=certificate.issuer.rfc4514_string(_NAMES),
        body=body,
    )


def _matching(
    certificate: x509.Certificate, oid: x509.ObjectIdentifier, pattern: re.Pattern[str]
) -> str | None:
    for attribute in certificate.subject.get_attributes_for_oid(oid):
        value = str(attribute.value)
        if pattern.fullmatch(value):
            return value
    return None


def _ext_key_usages(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    except x509.ExtensionNotFound:
        return []
    return [use.dotted_string for use in extension.value]


def _policies(certificate: x509.Certificate) -> list[str]:
    try:
        extension = certificate.extensions.get_extension_for_class(x509.CertificatePolicies)
    except x509.ExtensionNotFound:
        return []
    return [policy.policy_identifier.dotted_string for policy in extension.value]


def _value(value: str | bytes) -> dict[str, Any]:
    """Return an attribute's value; one that is no text goes as base64 (sigex-facts 3.3, K)."""
    if isinstance(value, bytes):
        return {"valueInB64": True, "value": base64.b64encode(value).decode()}
    return {"valueInB64": False, "value": value}


def _alternative_names(certificate: x509.Certificate) -> list[dict[str, str]]:
    """Return the alternative names that are texts; how the API names their types is I."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return []
    return [
        {"type": kind, "value": name.value}
        for name in extension.value
        for wanted, kind in _ALTERNATIVE_NAMES.items()
        if isinstance(name, wanted)
    ]


def _key_storage(certificate: x509.Certificate) -> str | None:
    """Return the storage that the test authority wrote down; where the real one does is U."""
    try:
        extension = certificate.extensions.get_extension_for_oid(
            x509.ObjectIdentifier(oids.KEY_STORAGE)
        )
    except x509.ExtensionNotFound:
        return None
    written = extension.value
    return (
        written.value.decode("ascii") if isinstance(written, x509.UnrecognizedExtension) else None
    )
