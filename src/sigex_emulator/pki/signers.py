"""What the service tells about whoever signed a document (sigex-facts 8, K(S2))."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509

from sigex_emulator.clock import milliseconds

from . import extensions, oids
from .authority import CertificationAuthority
from .names import structure_of, text_of


def subject_fields(certificate: x509.Certificate) -> dict[str, Any]:
    """Return the owner's name and, if there are any, the other ones."""
    fields: dict[str, Any] = {
        "subject": text_of(certificate.subject),
        "subjectStructure": structure_of(certificate.subject),
    }
    names = extensions.alternative_names(certificate)
    if names:
        # How the service writes alternative names as text is U; this form is I.
        fields["subjectAltName"] = ",".join(f"{one['type']}={one['value']}" for one in names)
        fields["subjectAltNameStructure"] = names
    return fields


def signer_fields(certificate: x509.Certificate) -> dict[str, Any]:
    """Return what a signature of a document says of its signer's certificate.

    That the algorithm is named with its digest is I.
    """
    storage = extensions.key_storage(certificate)
    return {
        **_certificate_fields(certificate),
        **subject_fields(certificate),
        **({"keyStorage": storage} if storage else {}),
        "signAlgorithm": oids.RSA_SHA256,
    }


def status_fields(authority: CertificationAuthority, now: datetime) -> dict[str, Any]:
    """Return what a signature says of the OCSP answer that it was registered with."""
    return {
        "producedAt": milliseconds(now),
        "thisUpdate": milliseconds(now),
        "certStatus": "good",
        "signAlgorithm": oids.RSA_SHA256,
        **_certificate_fields(authority.issuing_certificate),
    }


@lru_cache(maxsize=1024)
def _certificate_fields(certificate: x509.Certificate) -> dict[str, Any]:
    return {
        "subject": text_of(certificate.subject),
        "subjectStructure": structure_of(certificate.subject),
        "certSignAlgorithm": certificate.signature_algorithm_oid.dotted_string,
        "serialNumber": f"{certificate.serial_number:x}",
        "from": milliseconds(certificate.not_valid_before_utc),
        "until": milliseconds(certificate.not_valid_after_utc),
        "issuer": text_of(certificate.issuer),
        "issuerStructure": structure_of(certificate.issuer),
        "policyIds": extensions.policies(certificate),
        "keyUsages": extensions.key_usages(certificate),
        "extKeyUsages": extensions.ext_key_usages(certificate),
    }
