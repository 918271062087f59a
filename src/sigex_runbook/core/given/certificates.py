"""Certificates of a file, of which no more is read than what they are told apart by."""

from __future__ import annotations

import base64
import re
import warnings
from collections.abc import Sequence
from contextlib import suppress

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from .contents import CERTIFICATE, Element, first_part, is_der, parts_content, parts_of, told
from .text import NotText, text_of

_BLOCK = re.compile(
    r"-----BEGIN ((?:TRUSTED |X509 )?CERTIFICATE)-----(.*?)-----END \1-----", re.DOTALL
)
_VERSION = 0
"""The tag of what may stand before a certificate's number."""

_ISSUER, _SUBJECT, _KEY = 2, 4, 5


class NotCertificate(ValueError):
    """Why a file gives no certificate, in a few words."""


def certificates_in(data: bytes) -> tuple[bytes, ...]:
    """The DER of each certificate in PEM, whatever stands around it and however its lines end, or
    of the one that the file is. Raises NotCertificate."""
    found = [data] if is_der(data) else _armoured(data)
    try:
        wholes = [first_part(der) for der in found]
        certificates = tuple(b"".join(whole[3:]) for whole in wholes)
        for certificate in certificates:
            _part(certificate, _KEY)
    except (ValueError, LookupError):
        certificates = ()
    if not certificates:
        raise NotCertificate(f"это {told(data)}" if told(data) != CERTIFICATE else "он испорчен")
    return certificates


def _armoured(data: bytes) -> list[bytes]:
    try:
        blocks = _BLOCK.findall(text_of(data))
    except NotText:  # notes in another encoding around the blocks
        blocks = _BLOCK.findall(data.decode("latin-1"))
    try:
        return [base64.b64decode("".join(body.split()), validate=True) for _, body in blocks]
    except ValueError:  # also of a letter that is not ASCII
        raise NotCertificate("он испорчен") from None


def public_key_of(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate in DER; in one form where its algorithm is known.
    Raises ValueError or LookupError when it is no certificate."""
    part = _part(certificate, _KEY)
    with suppress(ValueError, UnsupportedAlgorithm), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of kinds of keys that are no longer used
        known = load_der_public_key(part)
        return known.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return part


def own_certificate(certificates: Sequence[bytes], public_key: bytes | None = None) -> bytes:
    """The one that holds this public key, or else the one that issued no other of them.

    Raises NotCertificate when that does not tell which.
    """
    for certificate in certificates:
        if public_key is not None and public_key_of(certificate) == public_key:
            return certificate
    issuers = [
        _part(one, _ISSUER) for one in certificates if _part(one, _ISSUER) != _part(one, _SUBJECT)
    ]
    leaves = {
        public_key_of(one): one for one in certificates if _part(one, _SUBJECT) not in issuers
    }
    if len(leaves) != 1:
        raise NotCertificate(
            f"в нём сертификатов: {len(certificates)}, и не видно, какой из них — системы; "
            "оставьте один"
        )
    return next(iter(leaves.values()))


def _part(certificate: bytes, place: int) -> bytes:
    """A part of a certificate by its place after the version, in DER (RFC 5280, 4.1)."""
    signed = parts_content(parts_content(certificate))
    parts: list[Element] = list(parts_of(signed))
    if parts[0][0] == 2 and parts[0][2] == _VERSION:
        parts = parts[1:]
    return b"".join(parts[place][3:])
