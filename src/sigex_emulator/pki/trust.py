"""Whether a certificate may sign in at this moment: path, time, status and use.

certvalidator judges: the path up to the root, the issuer's state by the root's revocation list, the
person's by OCSP, both required. Messages: sigex-facts 3.6; which of them ends which case is I, and
for a key of another kind (4.2, 4.4: a signing key is asked for) no message is known at all.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    PathValidationError,
    RevokedError,
)
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from sigex_emulator.messages import ApiError, Message

from .authority import CertificationAuthority
from .revocation import ResponderDown

_REVOCATION = CertRevTrustPolicy(
    RevocationCheckingPolicy(
        ee_certificate_rule=RevocationCheckingRule.OCSP_REQUIRED,
        intermediate_ca_cert_rule=RevocationCheckingRule.CRL_REQUIRED,
    )
)
_SIGNING = {"digital_signature", "non_repudiation"}
_SIGNING_EXTENDED = {"email_protection"}  # what asn1crypto calls 1.3.6.1.5.5.7.3.4


def require_known_issuer(
    certificate: x509.Certificate, authority: CertificationAuthority, now: datetime
) -> None:
    """Raise ApiError when the issuer has another name than ours, or the time is not the right one.

    Both can be read off the certificate; whether its words are true is `require_trusted`.
    """
    if certificate.issuer not in {one.subject for one in authority.chain}:
        raise ApiError(Message.UNKNOWN_ISSUER)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise ApiError(Message.CERTIFICATE_NOT_IN_FORCE)


async def require_trusted(
    certificate: x509.Certificate, authority: CertificationAuthority, now: datetime
) -> None:
    """Raise ApiError unless the certificate is ours, in force, not revoked and a signing one."""
    context = ValidationContext(
        trust_roots=[_asn1_certificate(authority.certificate)],
        other_certs=[_asn1_certificate(authority.issuing_certificate)],
        moment=now,
        allow_fetching=False,
        crls=[authority.revocation_list(now)],
        ocsps=_status(certificate, authority, now),
        revinfo_policy=_REVOCATION,
    )
    validator = CertificateValidator(_asn1_certificate(certificate), validation_context=context)
    try:
        await validator.async_validate_usage(  # type: ignore[no-untyped-call]
            _SIGNING, _SIGNING_EXTENDED
        )
    except InvalidCertificateError as error:
        raise ApiError(Message.INVALID_SIGNATURE) from error
    except RevokedError as error:
        raise ApiError(Message.INVALID_CERTIFICATE_STATUS) from error
    except InsufficientRevinfoError as error:
        raise ApiError(Message.OCSP_PROBLEM) from error
    except (ExpiredError, NotYetValidError) as error:
        raise ApiError(Message.CERTIFICATE_NOT_IN_FORCE) from error
    except (PathBuildingError, PathValidationError) as error:
        raise ApiError(Message.NO_CHAIN) from error


def _status(
    certificate: x509.Certificate, authority: CertificationAuthority, now: datetime
) -> list[bytes]:
    """Return the responder's answer about the certificate, nothing when it is silent."""
    request = (
        ocsp.OCSPRequestBuilder()
        .add_certificate(certificate, authority.issuing_certificate, hashes.SHA256())
        .build()
        .public_bytes(serialization.Encoding.DER)
    )
    try:
        return [authority.responder.answer(request, now)]
    except ResponderDown:
        return []


@lru_cache(maxsize=8)
def _asn1_certificate(certificate: x509.Certificate) -> Any:
    der = certificate.public_bytes(serialization.Encoding.DER)
    return asn1_x509.Certificate.load(der)  # type: ignore[no-untyped-call]
