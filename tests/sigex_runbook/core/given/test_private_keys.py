"""A private key is read however it was saved, or told for what it is."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from sigex_runbook.core.given.private_keys import NotKey, private_key_in, public_half
from tests.builders import SYSTEM, known_pair

KEY, PEM = known_pair(SYSTEM).key, known_pair(SYSTEM).key_pem
LOCK = BestAvailableEncryption(b"x")
GOST = bytes.fromhex("06092a830e030a01010202")


def saved(encoding: Encoding, form: PrivateFormat, lock: BestAvailableEncryption | None) -> bytes:
    return KEY.private_bytes(encoding, form, lock or NoEncryption())


@pytest.mark.parametrize(
    "data",
    [
        saved(Encoding.DER, PrivateFormat.PKCS8, None),
        saved(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, None),
        PEM.encode(),
        PEM.replace("\n", "\r").encode(),
        PEM.replace("\n", "\r\n").encode(),
        PEM.encode("utf-8-sig"),
        PEM.encode("utf-16"),
        "".join(f"\t{line}\n" for line in PEM.splitlines()).encode(),
        ("Bag Attributes: Учёт\n" + known_pair(SYSTEM).pem + PEM).encode("cp1251"),
        f"0 of 1\n{PEM}".encode(),
    ],
    ids=[
        *("DER", "SEC1", "PEM", "CR", "CRLF", "BOM", "UTF-16", "indented"),
        *("with a certificate", "after a zero"),
    ],
)
def test_however_it_was_saved(data: bytes) -> None:
    assert public_half(private_key_in(data)) == public_half(KEY)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "пустой файл"),
        (PEM[:100].encode(), "оборванный файл PEM"),
        (PEM.replace("M", "М", 1).encode(), "испорчен"),  # a Russian letter
        (known_pair(SYSTEM).pem.encode(), "это сертификат"),
        (known_pair(SYSTEM).certificate.public_bytes(Encoding.DER), "это сертификат"),
        (public_half(KEY), "открытый ключ"),
        (saved(Encoding.PEM, PrivateFormat.PKCS8, LOCK), "зашифрован паролем"),
        (saved(Encoding.DER, PrivateFormat.PKCS8, LOCK), "зашифрован паролем"),
        (saved(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, LOCK), "зашифрован паролем"),
        (saved(Encoding.PEM, PrivateFormat.OpenSSH, None), "OpenSSH"),
        (PEM.replace("M", "!", 1).encode(), "испорчен"),
    ],
    ids=[
        *("empty", "torn", "a Russian letter", "certificate", "certificate in DER", "public"),
        *("locked", "locked in DER", "locked the old way", "OpenSSH", "broken"),
    ],
)
def test_what_is_no_key_to_use_is_told_for_what_it_is(data: bytes, told: str) -> None:
    with pytest.raises(NotKey, match=told):
        private_key_in(data)


def test_a_kind_of_key_that_the_service_does_not_take_is_named() -> None:
    other = ed25519.Ed25519PrivateKey.generate()
    with pytest.raises(NotKey, match="не RSA и не EC: Ed25519"):
        private_key_in(other.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def test_a_gost_key_is_told_as_one() -> None:
    """PKCS#8 with Kazakhstan's algorithm (sigex-facts 4.4)."""
    algorithm = b"\x30" + bytes([len(GOST)]) + GOST
    body = b"\x02\x01\x00" + algorithm + b"\x04\x02\x04\x00"
    with pytest.raises(NotKey, match="ГОСТ"):
        private_key_in(b"\x30" + bytes([len(body)]) + body)
