"""A certificate is found however its file was saved, and told from its issuers."""

from __future__ import annotations

import base64
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from sigex_runbook.core.access import UNREADABLE, AccessSettings, key_fingerprint
from sigex_runbook.core.given.certificates import (
    NotCertificate,
    certificates_in,
    own_certificate,
    public_key_of,
)
from sigex_runbook.core.given.private_keys import public_half
from tests.builders import CONTROL, SYSTEM, known_pair, make_pair, settings_body
from tests.programs import program

PEM = known_pair(SYSTEM).pem
DER = known_pair(SYSTEM).certificate.public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    "saved",
    [
        DER,
        PEM.encode(),
        PEM.replace("\n", "\r").encode(),
        PEM.replace("\n", "\r\n").encode(),
        PEM.encode("utf-8-sig"),
        PEM.encode("utf-16"),
        PEM.replace("\n", "").encode(),
        "".join(f"    {line}\n" for line in PEM.splitlines()).encode(),
        f"Bag Attributes\n  friendlyName: Учёт\nsubject=CN=x\n{PEM}".encode(),
        "Учёт договоров\n".encode("cp1251") + PEM.encode(),
        f"0 s:CN=x\n  i:CN=y\n{PEM}".encode(),
        (known_pair(SYSTEM).key_pem + PEM).encode(),
        (PEM + known_pair(SYSTEM).key_pem).encode(),
        PEM.replace(" CERTIFICATE", " X509 CERTIFICATE").encode(),
    ],
)
def test_however_it_was_saved(saved: bytes) -> None:
    assert certificates_in(saved) == (DER,)


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        (b"", "пустой файл"),
        (b"words", "неизвестного вида"),
        (b"\x30\x80", "испорчен"),
        (DER[:200], "оборван"),
        (PEM[:300].encode(), "оборван"),
        (PEM.replace("M", "!", 1).encode(), "испорчен"),
        (PEM.replace("M", "М", 1).encode(), "испорчен"),  # a Russian letter
        (b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "испорчен"),
        (b"\x30\x02\x30\x00", "неизвестного вида"),
        (b"\x30\x0b\x30\x02\x02\x7f\x30\x00\x03\x03\x00\x00\x00", "испорчен"),
        (known_pair(SYSTEM).key_pem.encode(), "закрытый ключ"),
        (b"<!DOCTYPE html><html>", "веб-страница"),
        (b"PK\x03\x04", "ZIP"),
    ],
)
def test_what_is_no_certificate_is_told_for_what_it_is(saved: bytes, told: str) -> None:
    with pytest.raises(NotCertificate, match=told):
        certificates_in(saved)


@pytest.mark.parametrize("order", ["012", "021", "102", "120", "201", "210"])
def test_in_a_chain_the_one_that_issued_no_other_is_meant(order: str) -> None:
    root = make_pair("root")
    middle = make_pair("middle", issuer=root)
    system = make_pair("system", issuer=middle)
    chain = [(root, middle, system)[int(place)].pem for place in order]
    assert key_fingerprint("".join(chain)) == system.fingerprint


def test_with_a_key_that_of_the_key_is_meant() -> None:
    """The authority need not be the issuer: the service compares keys alone."""
    bundle = certificates_in((known_pair(CONTROL).pem + PEM).encode())
    mine = public_half(known_pair(SYSTEM).key)
    assert own_certificate(bundle, mine) == DER
    with pytest.raises(NotCertificate, match="сертификатов: 2"):
        own_certificate(bundle)


def gost(der: bytes) -> bytes:
    """The certificate with a public key of Kazakhstan's GOST: of an algorithm nobody knows here."""
    spki = public_key_of(der)
    known, unknown = bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06072a830e030a0101")
    return der.replace(spki, spki.replace(known, unknown))


def armoured(der: bytes) -> str:
    return ssl.DER_cert_to_PEM_cert(der)


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (armoured(gost(DER)), True),
        (armoured(DER[:-40]), False),
        ("garbage", False),
        ("", False),
        (None, False),
        (base64.b64encode(DER).decode(), False),
    ],
    ids=["GOST", "broken", "no certificate", "empty", "null", "without its lines"],
)
def test_a_certificate_of_somebody_else_does_not_matter(body: str | None, *, read: bool) -> None:
    listed = settings_body()["tlsCertificatesList"]
    strangers: dict[str, Any] = {
        "description": "Чужая",
        "body": body,
        "disabled": False,
        "settings": {},
    }
    held = AccessSettings(settings_body(tlsCertificatesList=[*listed, strangers]))
    assert held.indices_of(known_pair(SYSTEM).fingerprint) == (0,)
    assert (held.systems[-1].fingerprint != UNREADABLE) is read


@pytest.mark.parametrize("kind", [["rsa:1024"], ["ed25519"], ["ed448"], ["ec", "secp112r1"]])
def test_a_public_key_of_any_kind_has_a_fingerprint(tmp_path: Path, kind: list[str]) -> None:
    curve = ["-pkeyopt", f"ec_paramgen_curve:{kind[1]}"] if kind[1:] else []
    made = subprocess.run(
        [
            program("openssl"),
            "req",
            "-x509",
            "-nodes",
            "-subj",
            "/CN=x",
            "-newkey",
            kind[0],
            *curve,
            "-keyout",
            tmp_path / "key",
            "-out",
            tmp_path / "certificate",
        ],
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    assert len(key_fingerprint((tmp_path / "certificate").read_bytes())) == 64
