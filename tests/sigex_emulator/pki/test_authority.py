"""What the invented people's certificates say, read by OpenSSL (sigex-facts 4.4)."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization

from sigex_emulator import Emulator
from sigex_emulator.pki.authority import PersonalKey
from tests.sigex_emulator.drivers import ALFA, openssl


def _shown(key: PersonalKey, *options: str) -> str:
    pem = key.certificate.public_bytes(serialization.Encoding.PEM)
    return openssl("x509", "-noout", *options, stdin=pem).decode()


def _subject(key: PersonalKey) -> dict[str, str]:
    text = _shown(key, "-subject", "-nameopt", "multiline,utf8,-esc_msb,-align,sname,-sname,lname")
    pairs = (line.strip().partition(" = ") for line in text.splitlines()[1:])
    return {name: value for name, _, value in pairs}


@pytest.mark.fact("4.4-employee-subject")
def test_an_employees_subject(emulator: Emulator) -> None:
    key = emulator.world.organisations[ALFA].key_of("settings_employee")
    person = key.person
    assert _subject(key) == {
        "commonName": "АХМЕТОВА ДИНАРА",
        "surname": "АХМЕТОВА",
        "givenName": person.patronymic.upper(),
        "serialNumber": f"IIN{person.iin}",
        "countryName": "KZ",
        "localityName": "АСТАНА",
        "stateOrProvinceName": "АСТАНА",
        "organizationName": "ТОО «Пример Альфа»",
        "organizationalUnitName": f"BIN{ALFA}",
        "emailAddress": person.email,
    }


@pytest.mark.fact("4.4-person-subject", "4.4-oid-person")
def test_a_private_person_belongs_to_no_organisation(emulator: Emulator) -> None:
    [key] = emulator.world.private_persons
    assert not {"organizationName", "organizationalUnitName"} & set(_subject(key))
    uses = _shown(key, "-ext", "extendedKeyUsage")
    assert "1.2.398.3.3.4.1.1," in f"{uses.strip()},"
    assert "1.2.398.3.3.4.1.2" not in uses


@pytest.mark.fact("4.4-email-alt-name", "4.4-usage-signing", "4.4-oid-legal-entity")
def test_a_signing_certificates_extensions(emulator: Emulator) -> None:
    key = emulator.world.organisations[ALFA].key_of("employee")
    assert f"email:{key.person.email}" in _shown(key, "-ext", "subjectAltName")
    usage = _shown(key, "-ext", "keyUsage").splitlines()[-1].strip()
    assert usage == "Digital Signature, Non Repudiation"
    uses = _shown(key, "-ext", "extendedKeyUsage").splitlines()[-1].strip().split(", ")
    assert {"1.2.398.3.3.4.1.2", "1.2.398.3.3.4.1.2.5"} <= set(uses)


@pytest.mark.fact("4.4-policies-signing")
def test_policies_tell_organisations_from_people(emulator: Emulator) -> None:
    employee = emulator.world.organisations[ALFA].key_of("employee")
    [person] = emulator.world.private_persons
    policies = [
        _shown(key, "-ext", "certificatePolicies").split("Policy: ")[1].split()
        for key in (employee, person)
    ]
    assert policies == [["1.2.398.3.3.2.1"], ["1.2.398.3.3.2.3"]]
