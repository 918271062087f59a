"""A key file that does not open: the password is blamed only when it is to blame."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import asn1crypto.algos
import asn1crypto.cms
import asn1crypto.core
import asn1crypto.keys
import asn1crypto.pkcs12
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from sigex_runbook.core.errors import UsageError
from sigex_runbook.signing import Pkcs12Signer
from tests.builders import SYSTEM, known_pair

PASSWORD = "Qazaq2026"
PAIR = known_pair(SYSTEM)
asn1: Any = asn1crypto


def refusal(folder: Path, data: bytes, password: str = PASSWORD) -> str:
    (path := folder / "employee.p12").write_bytes(data)
    with pytest.raises(UsageError) as refused:
        Pkcs12Signer.load(path, password)
    said = str(refused.value)
    assert "employee.p12" in said
    assert len(password) < 3 or password.strip() not in said
    return said


def shrouded(data: bytes) -> Any:
    """Bytes under the password, as PBES2 with AES has them."""
    salt, vector = os.urandom(16), os.urandom(16)
    key = PBKDF2HMAC(hashes.SHA256(), 32, salt, 1000).derive(PASSWORD.encode())
    pad = 16 - len(data) % 16
    cipher = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
    derived = {
        "salt": asn1.algos.Pbkdf2Salt("specified", asn1.core.OctetString(salt)),
        "iteration_count": 1000,
        "prf": {"algorithm": "sha256"},
    }
    scheme = {
        "key_derivation_func": {"algorithm": "pbkdf2", "parameters": derived},
        "encryption_scheme": {"algorithm": "aes256_cbc", "parameters": vector},
    }
    return {
        "encryption_algorithm": {"algorithm": "pbes2", "parameters": scheme},
        "encrypted_data": cipher.update(data + bytes([pad]) * pad) + cipher.finalize(),
    }


def key_file(algorithm: str, *, sealed: bool = True) -> bytes:
    """A PKCS#12 with a key of an algorithm that no library here knows."""
    known = bytes.fromhex("06072a8648ce3d0201")
    unknown = asn1.core.ObjectIdentifier(algorithm).dump()
    der = PAIR.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    info = asn1.keys.PrivateKeyInfo.load(der)
    inner = known + info["private_key_algorithm"].contents[len(known) :]
    inner = unknown + inner[len(known) :]
    body = b"\x02\x01\x00\x30" + bytes([len(inner)]) + inner + b"\x04\x04\x04\x02\x01\x01"
    key = b"\x30" + bytes([len(body)]) + body
    bag = (
        {"bag_id": "pkcs8_shrouded_key_bag", "bag_value": shrouded(key)}
        if sealed
        else {"bag_id": "key_bag", "bag_value": asn1.keys.PrivateKeyInfo.load(key)}
    )
    safe = asn1.pkcs12.SafeContents([bag]).dump()
    parts = asn1.pkcs12.AuthenticatedSafe([{"content_type": "data", "content": safe}]).dump()
    whole = {"version": "v3", "auth_safe": {"content_type": "data", "content": parts}}
    made: bytes = asn1.pkcs12.Pfx(whole).dump()
    return made


@pytest.mark.parametrize("algorithm", ["1.2.398.3.10.1.1.1.1", "1.2.398.3.10.1.1.2.2"])
@pytest.mark.parametrize("sealed", [True, False])
def test_a_gost_key_is_told_as_gost_with_what_to_do(
    tmp_path: Path, algorithm: str, *, sealed: bool
) -> None:
    """sigex-facts 4.4: the national authority's keys; most employees have one."""
    said = refusal(tmp_path, key_file(algorithm, sealed=sealed))
    assert "ГОСТ" in said
    assert "NCALayer" in said
    assert "QR" in said
    assert "Пароль не подходит" not in said


def test_a_wrong_password_to_a_gost_key_is_a_wrong_password(tmp_path: Path) -> None:
    """The next attempt will tell what key it is; this one would tell a lie."""
    said = refusal(tmp_path, key_file("1.2.398.3.10.1.1.2.2"), "другой")
    assert "Пароль не подходит" in said
    assert "ГОСТ" not in said


def test_another_kind_of_key_is_named_by_its_number(tmp_path: Path) -> None:
    said = refusal(tmp_path, key_file("1.2.156.10197.1.999"))
    assert "1.2.156.10197.1.999" in said
    assert "ГОСТ" not in said


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("", "он пуст"),
        ("x ", "пробел"),
        ("x\ny", "несколько строк"),
        ('"x"', "кавычки"),
        ("x", "employee.p12»."),
    ],
)
def test_what_is_odd_about_a_password_is_said(tmp_path: Path, password: str, told: str) -> None:
    lock = BestAvailableEncryption(PASSWORD.encode())
    data = pkcs12.serialize_key_and_certificates(None, PAIR.key, PAIR.certificate, None, lock)
    said = refusal(tmp_path, data, password)
    assert "Пароль не подходит" in said
    assert told in said


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "пустой файл"),
        (b"\xfe\xed\xfe\xed\0\0\0\2", "keytool"),
        (b"PK\x03\x04", "Распакуйте"),
        (PAIR.pem.encode(), "это сертификат"),
        (PAIR.key_pem.encode(), "закрытый ключ в PEM. Соберите .p12"),
        (b"-----BEGIN PKCS12-----\nAAAA\n-----END PKCS12-----\n", "Раскодируйте"),
        (b"QUFB" * 30, "Раскодируйте"),
        (key_file("1.2.398.3.10.1.1.2.2")[:-9], "оборванный"),
        (b"words", "неизвестного вида"),
    ],
)
def test_what_is_no_key_file_is_told_for_what_it_is(tmp_path: Path, data: bytes, told: str) -> None:
    said = refusal(tmp_path, data)
    assert "не похож на ключ PKCS#12" in said
    assert told in said


def test_a_check_sum_that_is_none_is_told_as_a_broken_file(tmp_path: Path) -> None:
    whole = pkcs12.serialize_key_and_certificates(
        b"x", PAIR.key, PAIR.certificate, None, NoEncryption()
    )
    digest = bytes.fromhex("0609608648016503040201")
    place = whole.rindex(digest)
    broken = whole[:place] + b"\x46" + whole[place + 1 :]
    assert "испорчен" in refusal(tmp_path, broken)
