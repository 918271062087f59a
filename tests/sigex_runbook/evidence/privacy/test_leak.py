"""The scanner finds what must not be there, in any writing, and is quiet about the rest."""

from __future__ import annotations

import base64
import gzip
import json
from functools import reduce

import pytest

from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner, Leak
from tests.sigex_runbook.evidence.material import (
    ANOTHER_PERSON,
    ORGANISATION,
    OTHER_ORGANISATION,
    PERSON,
)

from .carriers import CARRIERS

JWT = ".".join(
    base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
    for part in ({"alg": "HS256"}, {"sub": "an employee"}, "0123456789abcdef")
)


def scan(data: bytes, name: str = "evidence/a") -> list[Leak]:
    return list(DecodingScanner(pages=True).scan(name, data, ORGANISATION.text))


def found(text: str, name: str = "evidence/a.txt") -> list[str]:
    return [leak.rule for leak in scan(text.encode(), name)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (f"who: {PERSON}", "iin"),
        (f"IIN{PERSON}", "iin"),
        (f'"{PERSON}"', "iin"),
        (PERSON, "iin"),
        (f"ИИН {PERSON}.", "iin"),
        ("ИИН 9001 0130 0126", "iin"),
        ("ИИН 900101-300126", "iin"),
        ("ИИН 900\u00a0101\u00a0300\u202f126", "iin"),
        ("<b>9001</b><span class='x'>0130</span> 0126", "iin"),
        ("&#57;00101300126", "iin"),
        ("https://h/p?a=1&access_token=abcdefgh", "query"),
        ('{"key_password": "Qwerty12"}', "secret_field"),
        ("https://user:secret@host/", "userinfo"),
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
        "9906 4000 0015",  # the organisation itself
        "<td>9001</td><td>0130</td><td>0126</td>",
        "9001 0130 0126 4410 1234 9001",  # a table, not a number
        "M9 00 10 13 00 12 6",
        'password: "[убрано]"',
        '{"secret_key": 1}',
    ],
)
def test_what_may_be_there_is_no_leak(text: str) -> None:
    assert found(text) == []


def test_every_hit_is_told_and_none_quoted() -> None:
    leaks = list(
        DecodingScanner().scan(
            "evidence/a", f"{PERSON} {ANOTHER_PERSON}".encode(), OTHER_ORGANISATION
        )
    )
    assert leaks
    assert all(PERSON not in leak.where for leak in leaks)


def test_an_approval_is_stored_as_it_was_signed() -> None:
    assert found(f" {PERSON} ", "evidence/approval.p7s") == []


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_number_and_a_token_are_found_in_every_carrier(carrier: str) -> None:
    for secret, rule in ((PERSON, "iin"), (JWT, "jwt")):
        leaks = scan(CARRIERS[carrier](secret))
        assert [leak.rule for leak in leaks] == [rule], leaks
        assert secret not in leaks[0].where


@pytest.mark.parametrize("carrier", CARRIERS)
def test_what_may_be_there_may_be_there_in_every_carrier(carrier: str) -> None:
    text = f"ТОО (БИН {ORGANISATION}), ИИН-0123456789"
    assert scan(CARRIERS[carrier](text)) == []


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (
            CARRIERS["zip"]("x").replace(b"PK\x01\x02", b"PK\x01\x03"),
            "zip",
        ),
        (b"%PDF-1.7 and nothing more", "PDF"),
        (gzip.compress(b"0" * (300 << 20), 1), "gzip"),
        (reduce(lambda data, _: base64.b64encode(data), range(12), b"x" * 16), "base64"),
    ],
    ids=["broken zip", "broken PDF", "bomb", "Russian doll"],
)
def test_what_does_not_open_is_not_vouched_for(data: bytes, where: str) -> None:
    leaks = scan(data)
    assert [leak.rule for leak in leaks] == ["unopened"]
    assert where in leaks[0].where


def test_a_secret_that_a_page_breaks_into_lines_is_found_where_it_stands() -> None:
    cookie = "s:5f0c77e1/Zk9-pQ_w7Xr2mT4vB8"
    canaries = Canaries().plus("cookie", [cookie]).plus("password", ["Aa1!Bb2?"])
    broken = f"ö Session\r\n{cookie[:9]}\n {cookie[9:]} Aa1!\nBb2?".encode()
    (leak,) = DecodingScanner(canaries).scan("evidence/a.txt", broken, ORGANISATION.text)
    assert (leak.rule, leak.where) == ("cookie", f"байт {broken.index(b's:5f')}")


def test_what_is_written_beyond_a_pages_edge_is_found() -> None:
    data = CARRIERS["PDF, letter by letter"](f"{'margin ' * 30}{PERSON}")
    assert {leak.rule for leak in scan(data)} == {"iin"}


def test_escapes_are_read_wherever_they_stand() -> None:
    far = "word " * 20_000
    for hidden in (
        "&#57;00101300126",
        "90010130012&#54;",
        "\\u0039\\u00300101300126",
        "\\u{39}00101300126",
    ):
        assert found(f"{far}{hidden} {far}&amp;{far}") == ["iin"]
        assert found(f"&amp;{far}&amp;{far}{hidden}") == ["iin"]


@pytest.mark.parametrize("in_report_first", [True, False])
def test_a_picture_is_looked_at_in_its_file_and_in_the_report(in_report_first: bool) -> None:
    clean, dirty = CARRIERS["PNG tEXt"]("nothing"), CARRIERS["PNG tEXt"](PERSON)
    scanner = DecodingScanner()

    def rules(data: bytes) -> list[str]:
        return [leak.rule for leak in scanner.scan("evidence/a", data, ORGANISATION.text)]

    def report(picture: bytes, text: str) -> bytes:
        return f"<img src='data:,{base64.b64encode(picture).decode()}'> {text}".encode()

    for picture, hits in ((clean, []), (dirty, ["iin"])):
        both = [picture, report(picture, "")]
        for data in reversed(both) if in_report_first else both:
            assert rules(data) == hits
        assert sorted(rules(report(picture, JWT))) == [*hits, "jwt"]


@pytest.mark.parametrize(
    "body",
    [
        b"<</Subtype/Image>>stream\n%s",  # it never ends
        b"stream\n%s\nendstream",  # nothing says what it is
        b"<</Subtype/Image>>stream\nx\nendstream\nstream\n%s\nendstream",
        b"<</Subtype/Image>>stream\nx\nendstream\nendobj\n<</Length 9>>stream\n%s\nendstream",
        b"<</Subtype/Image>>stream\nx\nendstream (%s)",
    ],
)
def test_a_pdfs_streams_hide_nothing(body: bytes) -> None:
    data = b"%PDF-1.7\n" + body.replace(b"%s", PERSON.encode())
    found = DecodingScanner().scan("evidence/a", data, ORGANISATION.text)
    assert [leak.rule for leak in found] == ["iin"]
