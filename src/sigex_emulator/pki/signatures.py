"""Checking a sign-in signature: CMS over the nonce, by a person of the emulator's authority.

Sequence and messages: sigex-facts 3.3, 3.6, 4.1. That the signed bytes are the decoded nonce is
I(S20). pyHanko judges the signature, `trust` the certificate; nothing here makes signatures, so a
maker and this checker never share code. XML signatures, GOST and time stamps are not imitated; the
first is said to whoever sends one.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from datetime import datetime
from typing import Any

from asn1crypto import cms
from cryptography import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.general import CMSExtractionError, extract_signer_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import (
    async_validate_detached_cms,
    extract_certs_for_validation,
)
from pyhanko_certvalidator import ValidationContext

from sigex_emulator.messages import ApiError, Message

from . import oids
from .authority import CertificationAuthority
from .identity import Identity, UnfitCertificate, read_identity
from .trust import require_known_issuer, require_trusted

_ARMOUR = re.compile(r"\s*-----BEGIN [A-Z0-9 ]+-----(.*?)-----END [A-Z0-9 ]+-----\s*", re.DOTALL)


def read_signed_data(signature: str) -> Any:
    """Return the SignedData of a CMS given as PEM or as base64 of DER (sigex-facts 3.3, K).

    Raises ApiError when the text holds no such thing, and for XML, which is not imitated.
    """
    if signature.lstrip().startswith("<"):
        raise ApiError(Message.NOT_IMITATED)
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


def digest_of(signed_data: Any) -> str:
    """Return what tells one signature from another, however each is wrapped."""
    signers = signed_data["signer_infos"]
    return hashlib.sha256(b"".join(one["signature"].native for one in signers)).hexdigest()


def claimed_signer(signed_data: Any) -> Identity:
    """Return whose a signature says that it is: nothing of it is checked yet.

    Raises ApiError when it names nobody.
    """
    return _identity(_signer_certificate(signed_data))


async def verify_sign_in(
    signature: str, nonce: bytes, authority: CertificationAuthority, now: datetime
) -> Identity:
    """Return the identity of whoever signed the nonce; raises ApiError when in doubt.

    Of a signature that carries data of its own nobody could say which data was meant: it is
    refused even when they are the nonce (I; a detached one is what is sent, 4.1).
    """
    signed_data = read_signed_data(signature)
    if signed_data["encap_content_info"]["content"].native is not None:
        raise ApiError(Message.INVALID_SIGNATURE)
    certificate = _signer_certificate(signed_data)
    require_known_issuer(certificate, authority, now)
    status = await _validate(signed_data, nonce, now)
    if not status.intact:
        # The signature covers other bytes than the nonce: known to be a nonce error (S17).
        raise ApiError(Message.INVALID_NONCE)
    if not (status.valid and status.trusted):  # an algorithm that is too weak is not trusted
        raise ApiError(Message.INVALID_SIGNATURE)
    await require_trusted(certificate, authority, now)
    return _identity(certificate)


def _identity(certificate: x509.Certificate) -> Identity:
    """Return the person of a certificate that bears the role of one (I from sigex-facts 4.4)."""
    try:
        identity = read_identity(certificate)
    except UnfitCertificate as error:
        raise ApiError(Message.INVALID_SIGNATURE) from error
    role = oids.LEGAL_ENTITY if identity.business_id else oids.PERSON
    if role not in identity.ext_key_usages:
        raise ApiError(Message.INVALID_SIGNATURE)
    return identity


def _signer_certificate(signed_data: Any) -> x509.Certificate:
    """Return the only signer's certificate, which must be inside the CMS."""
    try:
        extract_signer_info(signed_data)
        found: Any = extract_certs_for_validation(signed_data).signer_cert
        return x509.load_der_x509_certificate(found.dump())
    except (SignatureValidationError, CMSExtractionError, ValueError) as error:
        raise ApiError(Message.INVALID_SIGNATURE) from error


async def _validate(signed_data: Any, nonce: bytes, now: datetime) -> Any:
    """Judge the signature alone: here the signer's certificate is taken for its own root.

    pyHanko would log a failed path with all names and numbers of the person.
    """
    signer = extract_certs_for_validation(signed_data).signer_cert
    context = ValidationContext(trust_roots=[signer], moment=now, allow_fetching=False)
    try:
        return await async_validate_detached_cms(
            nonce, signed_data, signer_validation_context=context
        )
    except (SignatureValidationError, CMSExtractionError, PdfError, ValueError) as error:
        raise ApiError(Message.INVALID_SIGNATURE) from error
