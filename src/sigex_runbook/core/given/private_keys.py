"""The private key of an information system: read from a file, or told for what it is."""

from __future__ import annotations

import base64
import re

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
)

from .contents import is_der, kind_of, told
from .text import NotText, text_of

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----(.*?)-----END \1-----", re.DOTALL)
_IDENTIFIER = re.compile(r"\d+(\.\d+){3,}")
_LOCKED = "он зашифрован паролем; сохраните для проверки ключ без пароля"


class NotKey(ValueError):
    """Why a file gives no key that can be used, in a few words; never a byte of it."""


def der_of(data: bytes) -> bytes:
    """The DER of the first private key in PEM, however it was saved, or the file as it is. Raises
    NotKey."""
    if is_der(data):
        return data
    try:
        block = _BLOCK.search(text_of(data))
    except NotText:  # notes in another encoding around the block
        block = _BLOCK.search(data.decode("latin-1"))
    if block is None:
        raise NotKey(f"это {told(data)}")
    if "ENCRYPTED" in block[1] or "ENCRYPTED" in block[2]:
        raise NotKey(_LOCKED)
    if "OPENSSH" in block[1]:
        raise NotKey("он в виде OpenSSH; переведите его в PEM: ssh-keygen -p -m PKCS8 -f КЛЮЧ")
    try:
        return base64.b64decode("".join(block[2].split()), validate=True)
    except ValueError:  # also of a letter that is not ASCII
        raise NotKey("он испорчен") from None


def private_key_in(data: bytes) -> PrivateKey:
    """An RSA or EC key without a password, in PEM or DER. Raises NotKey."""
    key = any_private_key_in(data)
    if not isinstance(key, PrivateKey):
        raise NotKey(f"он не RSA и не EC: {name_of(key)}")
    return key


def any_private_key_in(data: bytes) -> PrivateKeyTypes:
    """A key of any kind that is known here, without a password. Raises NotKey."""
    der = der_of(data)
    try:
        return load_der_private_key(der, None)
    except TypeError:
        raise NotKey(_LOCKED) from None
    except UnsupportedAlgorithm as error:
        raise NotKey(f"он не RSA и не EC: {unknown_kind(error)}") from None
    except ValueError:
        raise NotKey(f"это {told(data)}" if der is data else "он испорчен") from None


def public_half(key: PrivateKey) -> bytes:
    """The SubjectPublicKeyInfo in DER, as a certificate holds it."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def unknown_kind(error: UnsupportedAlgorithm) -> str:
    """Which kind of key the library does not know."""
    found = _IDENTIFIER.search(str(error))
    return kind_of(found[0]) if found else "другой алгоритм"


def name_of(key: object) -> str:
    """A kind of key as people call it."""
    return type(key).__name__.removesuffix("PrivateKey").lstrip("_")
