"""The body of `/api/auth`: all fields of sigex-facts 3.3, whatever the certificate holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID

from sigex_emulator import Emulator
from sigex_emulator.pki.authority import ec_key
from sigex_emulator.pki.identity import UnfitCertificate, read_identity
from tests.sigex_emulator.drivers import ALFA


def _certificate(
    *attributes: x509.NameAttribute[Any], names: list[x509.GeneralName] | None = None
) -> x509.Certificate:
    key, now = ec_key(), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(attributes))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")]))
        .public_key(key.public_key())
        .serial_number(0xABC)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(key, hashes.SHA256())


IIN = x509.NameAttribute(NameOID.SERIAL_NUMBER, "IIN760314300123")


@pytest.mark.fact("3.3-key-storage")
def test_an_employee_has_every_field(emulator: Emulator) -> None:
    key = emulator.world.organisations[ALFA].key_of("head")
    body = read_identity(key.certificate).body
    assert set(body) == {
        "userId", "businessId", "email", "subject", "subjectStructure", "subjectAltName",
        "subjectAltNameStructure", "signAlgorithm", "keyStorage", "policyIds", "extKeyUsages",
        "certificateValidFrom", "certificateValidUntil",
    }  # fmt: skip
    names = [part["name"] for rdn in body["subjectStructure"] for part in rdn]
    assert names == ["CN", "SURNAME", "GIVENNAME", "SERIALNUMBER", "C", "L", "ST", "O", "OU", "E"]
    assert body["businessId"] == f"BIN{ALFA}"


def test_what_a_certificate_lacks_is_left_out() -> None:
    body = read_identity(_certificate(IIN)).body
    optional = {"businessId", "email", "subjectAltName", "subjectAltNameStructure", "keyStorage"}
    assert not optional & set(body)
    assert body["policyIds"] == body["extKeyUsages"] == []


def test_a_value_that_is_no_text_goes_as_base64() -> None:
    odd = x509.NameAttribute(NameOID.X500_UNIQUE_IDENTIFIER, b"\x00\xff", _ASN1Type.BitString)
    structure = read_identity(_certificate(IIN, odd)).body["subjectStructure"]
    assert structure[1][0]["valueInB64"] is True
    assert structure[1][0]["value"] == "AP8="
    assert structure[0][0]["valueInB64"] is False


def test_alternative_names_of_several_kinds() -> None:
    names = [x509.DNSName("a.example"), x509.RFC822Name("one@a.example")]
    body = read_identity(_certificate(IIN, names=list(names))).body
    assert body["email"] == "one@a.example"
    assert body["subjectAltNameStructure"] == [
        {"type": "dNSName", "value": "a.example"},
        {"type": "rfc822Name", "value": "one@a.example"},
    ]


@pytest.mark.parametrize("number", ["BIN200240002381", "760314300123", "IIN7603143001"])
def test_a_certificate_without_an_iin_is_nobodys(number: str) -> None:
    with pytest.raises(UnfitCertificate):
        read_identity(_certificate(x509.NameAttribute(NameOID.SERIAL_NUMBER, number)))
