"""Numbers of people and secrets never come through; what an auditor needs does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigex_runbook.evidence.privacy.redaction import REMOVED, Redactor
from tests.sigex_runbook.evidence.material import (
    ANOTHER_PERSON,
    KEY,
    ORGANISATION,
    OTHER_ORGANISATION,
    PERSON,
)


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(ORGANISATION, KEY)


@pytest.mark.parametrize(
    "text",
    [
        PERSON,
        f"IIN{PERSON}",
        f"iin{PERSON}",
        f"ИИН {PERSON}",
        f"ИИН: {PERSON}",
        f"ЖСН {PERSON}",
        f"Иванов И. ({PERSON}), руководитель",
        f"x{PERSON}y",
        f"/people/{PERSON}/grants?iin={PERSON}",
        f"iin%3D{PERSON}%20",
        f"name%20{PERSON}",
        f"\\u0020{PERSON}",
        f"serialNumber=IIN{PERSON},CN=ИВАНОВ",
        f"BIN{PERSON}",
        f"{PERSON},{ANOTHER_PERSON}",
        f"{PERSON}.{ANOTHER_PERSON}",
        f'{{"iins":["{PERSON}"]}}',
    ],
)
def test_a_persons_number_never_comes_through(redactor: Redactor, text: str) -> None:
    clean = redactor.text(text)
    assert PERSON not in clean
    assert ANOTHER_PERSON not in clean
    assert "ИИН-" in clean
    assert redactor.hits["iin"] >= 1


def test_aliases_keep_people_apart(redactor: Redactor) -> None:
    first, again, other = (redactor.text(t) for t in (PERSON, f"ИИН {PERSON}", ANOTHER_PERSON))
    assert first == again != other


def test_aliases_depend_on_the_key() -> None:
    assert Redactor(ORGANISATION, KEY).text(PERSON) == Redactor(ORGANISATION, KEY).text(PERSON)
    assert Redactor(ORGANISATION).text(PERSON) != Redactor(ORGANISATION).text(PERSON)


@pytest.mark.parametrize(
    "text",
    [
        ORGANISATION.text,
        f"BIN{ORGANISATION}",
        "1234567890123",
        "12345678901",
        f"0{PERSON}",
        "20261123T230102Z-7f3a",
        "a" * 20 + "123456789012" + "b" * 32,  # a SHA-256 with twelve digits in a row
        "0a1b2c3d-0000-4000-8000-123456789012",
        "https://127.0.0.1:8443/settings?lang=ru#top",
    ],
)
def test_the_rest_stays_as_it_is(redactor: Redactor, text: str) -> None:
    assert redactor.text(text) == text
    assert redactor.hits == {}


def test_another_organisation_stays_readable_only_when_it_is_called_and_built_like_a_bin(
    redactor: Redactor,
) -> None:
    legal_entity = "050440004321"
    assert redactor.text(f"BIN{legal_entity}") == f"BIN{legal_entity}"
    assert redactor.text(f"БИН {legal_entity}") == f"БИН {legal_entity}"
    assert legal_entity not in redactor.text(legal_entity)
    assert legal_entity not in redactor.text(f"IIN{legal_entity}")
    assert OTHER_ORGANISATION not in redactor.text(OTHER_ORGANISATION)


@pytest.mark.parametrize(
    ("text", "canary", "kept"),
    [
        ("jwt=CANARY; Path=/", "CANARY", "Path=/"),
        ('{"Set-Cookie": "other=CANARY; Secure", "a": 1}', "CANARY", '"a": 1'),
        ("Cookie: a=CANARY; b=CANARY2\r\nHost: x", "CANARY", "Host: x"),
        ("Authorization: Bearer CANARY.x-y_z", "CANARY", "Bearer"),
        ("see eyJhbGciOi.CANARY.sig here", "CANARY", "here"),
        ("https://user:CANARY@host/path", "CANARY", "host/path"),
        ("https://h/p?a=1&access_token=CANARY&b=2", "CANARY", "&b=2"),
        ("https://h/p?accessToken=CANARY", "CANARY", "https://h/p?"),
        ("https://h/p?nonce=CANARY#x", "CANARY", "#x"),
        ("https://h/p?password=CANARY", "CANARY", "https://h/p?"),
        ("https://h/p?a=1&amp;signature=CANARY", "CANARY", "a=1"),
        ("-----BEGIN PRIVATE KEY-----\nCANARY\n-----END PRIVATE KEY-----\nz", "CANARY", "z"),
        ("-----BEGIN RSA PRIVATE KEY-----\nCANARY", "CANARY", REMOVED),
    ],
)
def test_secrets_are_removed(redactor: Redactor, text: str, canary: str, kept: str) -> None:
    clean = redactor.text(text)
    assert canary not in clean
    assert kept in clean
    assert sum(redactor.hits.values()) >= 1


def test_redacting_twice_changes_nothing(redactor: Redactor) -> None:
    text = f"ИИН {PERSON}, jwt=abc, https://a:b@c/?token=d, Cookie: e=f"
    once = redactor.text(text)
    hits = dict(redactor.hits)
    assert redactor.text(once) == once
    assert redactor.hits["iin"] == hits["iin"]


def test_values_are_cleaned_deep_with_their_keys(redactor: Redactor) -> None:
    value: dict[str, Any] = {
        f"IIN{PERSON}": [{"who": f"IIN{PERSON}"}, int(PERSON), 1.5, None, True],
        "password": "CANARY",
        "signature": {"body": "CANARY"},
        "accessToken": "CANARY",
        "requireSignature": True,
        "organisation": ORGANISATION.text,
    }
    text = json.dumps(redactor.value(value), ensure_ascii=False)
    assert PERSON not in text
    assert "CANARY" not in text
    assert ORGANISATION.text in text
    assert json.loads(text)["requireSignature"] is True


def test_two_spellings_of_one_person_do_not_swallow_an_entry(redactor: Redactor) -> None:
    clean = redactor.value({PERSON: 1, f"IIN{PERSON}": 2})
    assert sorted(clean.values()) == [1, 2]


def test_no_alias_looks_like_a_number_of_twelve_digits() -> None:
    redactor = Redactor(ORGANISATION, KEY)
    for number in range(900101300000, 900101300500):
        alias = redactor.text(str(number))
        assert redactor.text(alias) == alias
