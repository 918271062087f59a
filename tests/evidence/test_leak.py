"""The text scanner finds what must not be there, and stays quiet about what may."""

from __future__ import annotations

import base64
import json

import pytest

from sigex_runbook.evidence.leak import DecodingScanner

from .material import ANOTHER_PERSON, ORGANISATION, OTHER_ORGANISATION, PERSON

JWT = ".".join(
    base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
    for part in ({"alg": "HS256"}, {"sub": "an employee"}, "0123456789abcdef")
)


def found(text: str, name: str = "evidence/a.txt") -> list[str]:
    return [leak.rule for leak in DecodingScanner().scan(name, text.encode(), ORGANISATION.text)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"who: {PERSON}", "iin"),
        (f"IIN{PERSON}", "iin"),
        (f'"{PERSON}"', "iin"),
        (PERSON, "iin"),
        (f"ИИН {PERSON}.", "iin"),
        (f"token {JWT}", "jwt"),
        ("Authorization: Bearer abcdefghijklmnop", "bearer"),
        ("Set-Cookie: jwt=abcdefghijkl; Path=/", "cookie"),
        ("-----BEGIN PRIVATE KEY-----", "private_key"),
        ("-----BEGIN RSA PRIVATE KEY-----", "private_key"),
    ],
)
def test_what_must_not_be_there_is_found(text: str, rule: str) -> None:
    assert found(text) == [rule]


@pytest.mark.parametrize(
    "text",
    [
        ORGANISATION.text,
        "990640000016",  # no check digit
        f"1{PERSON}",
        f"{PERSON}1",
        "0.900101300126",
        f"sha256:ab{PERSON}cd",
        "Bearer",
        "eyJ",
        "PRIVATE KEY",
        "ИИН-0123456789",
    ],
)
def test_what_may_be_there_is_no_leak(text: str) -> None:
    assert found(text) == []


def test_every_hit_is_told_and_none_quoted() -> None:
    leaks = list(
        DecodingScanner().scan("evidence/a", f"{PERSON} {ANOTHER_PERSON}".encode(), OTHER_ORGANISATION)
    )
    assert leaks
    assert all(PERSON not in leak.where for leak in leaks)


def test_an_approval_is_stored_as_it_was_signed() -> None:
    assert found(f" {PERSON} ", "evidence/approval.p7s") == []
