"""Checking a sign-in signature: CMS over the nonce, made under the emulator's root.

Sequence and messages: sigex-facts 3.3, 3.6, 4.1. That the signed bytes are the decoded nonce is
I(S20). pyHanko does the cryptography and the path; nothing here makes signatures, so a maker and
this checker never share code. XML signatures, GOST, time stamps and revocation are not imitated.
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import cms
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import CMSExtractionError, extract_signer_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import (
    async_validate_detached_cms,
    extract_certs_for_validation,
)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext

from sigex_runbook.emulator.identity import Identity, UnfitCertificate, read_identity
from sigex_runbook.emulator.messages import ApiError, Message

_ARMOUR = re.compile(r"\s*-----BEGIN [A-Z0-9 ]+-----(.*?)-----END [A-Z0-9 ]+-----\s*", re.DOTALL)


def read_signed_data(signature: str) -> Any:
    """Return the SignedData of a CMS given as PEM or as base64 of DER (sigex-facts 3.3, K).

    Raises ApiError when the text holds no such thing.
    """
    armoured = _ARMOUR.fullmatch(signature)
    text = armoured.group(1) if armoured else signature
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
        content: Any = cms.ContentInfo.load(der, strict=True)  # type: ignore[no-untyped-call]
        if content["content_type"].native != "signed_data":
            raise ApiError(Message.UNREADABLE_SIGNATURE)
        signed_data = content["content"]
        signed_data.native  # noqa: B018 - the parser is lazy: read all of it here
    except (ValueError, TypeError, KeyError, binascii.Error) as error:
        raise ApiError(Message.UNREADABLE_SIGNATURE) from error
    return signed_data


async def verify_sign_in(
    signature: str, nonce: bytes, authority: x509.Certificate, now: datetime
) -> Identity:
    """Return the identity of whoever signed the nonce; raises ApiError when in doubt."""
    signed_data = read_signed_data(signature)
    certificate = _signer_certificate(signed_data)
    if certificate.issuer != authority.subject:
        raise ApiError(Message.UNKNOWN_ISSUER)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise ApiError(Message.CERTIFICATE_NOT_IN_FORCE)
    status = await _validate(signed_data, nonce, authority, now)
    if not status.intact:
        # The signature covers other bytes than the nonce: known to be a nonce error (S17).
        raise ApiError(Message.INVALID_NONCE)
    if not status.valid:
        raise ApiError(Message.INVALID_SIGNATURE)
    if not status.trusted:
        raise ApiError(Message.NO_CHAIN)
    try:
        return read_identity(certificate)
    except UnfitCertificate as error:
        raise ApiError(Message.INVALID_SIGNATURE) from error


def _signer_certificate(signed_data: Any) -> x509.Certificate:
    """Return the only signer's certificate, which must be inside the CMS."""
    try:
        extract_signer_info(signed_data)
        found: Any = extract_certs_for_validation(signed_data).signer_cert
        return x509.load_der_x509_certificate(found.dump())
    except (SignatureValidationError, CMSExtractionError, ValueError) as error:
        raise ApiError(Message.INVALID_SIGNATURE) from error


async def _validate(
    signed_data: Any, nonce: bytes, authority: x509.Certificate, now: datetime
) -> Any:
    context = ValidationContext(
        trust_roots=[_asn1_certificate(authority)], moment=now, allow_fetching=False
    )
    try:
        return await async_validate_detached_cms(
            nonce,
            signed_data,
            signer_validation_context=context,
            key_usage_settings=KeyUsageConstraints(key_usage={"digital_signature"}),
        )
    except (SignatureValidationError, CMSExtractionError, PdfError, ValueError) as error:
        raise ApiError(Message.INVALID_SIGNATURE) from error


@lru_cache(maxsize=8)
def _asn1_certificate(certificate: x509.Certificate) -> Any:
    der = certificate.public_bytes(serialization.Encoding.DER)
    return asn1_x509.Certificate.load(der)  # type: ignore[no-untyped-call]
