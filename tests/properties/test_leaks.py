"""Redaction and leak scan agree; and no way of writing a secret hides it."""

from __future__ import annotations

import string
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sigex_runbook.core.organisation import check_digit
from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner
from sigex_runbook.evidence.privacy.persons_numbers import is_persons_number, spaced_numbers
from sigex_runbook.evidence.privacy.redaction import Redactor
from tests.sigex_runbook.evidence.material import KEY, ORGANISATION
from tests.sigex_runbook.evidence.privacy.carriers import CARRIERS


@st.composite
def people(draw: st.DrawFn) -> str:
    """A person's number."""
    born = draw(st.dates(date(1930, 1, 1), date(2009, 12, 31)))
    for serial in range(draw(st.integers(0, 9000)), 9999):
        eleven = f"{born:%y%m%d}{draw(st.integers(0, 6))}{serial:04d}"
        digit = check_digit(eleven)
        if digit is not None:
            return f"{eleven}{digit}"
    raise AssertionError("no number fits")


def _spaced(number: str, gap: str, cuts: list[int]) -> str:
    places = [0, *cuts, len(number)]
    return gap.join(number[a:b] for a, b in pairwise(places))


spaced = st.builds(
    _spaced,
    people(),
    st.sampled_from((" ", "-", "\u00a0", "\u202f")),
    st.sampled_from(([4, 8], [6], [3, 6, 9], [2, 4, 6, 8, 10], [6, 8])),
)
secrets = st.text(string.ascii_letters + string.digits + "+/_-.~", min_size=16, max_size=40)
words = (
    *("Cookie: ", "Set-Cookie: a=", "cookie:", "Authorization: Bearer ", "Bearer\t"),
    *("jwt=", "?token=", "&amp;signature=", "https://u:", "@h/", "IIN", "БИН ", "ИИН"),
    *('"password": "', '"', "'", "[", "]", ";", "\n", "\t", " ", "\u00a0", "ж", "é"),
    *("eyJhbGciOiJI", ".eyJzdWIiOiJI", ".c2lnbmF0dXJl", "-", ".", ",", "=", "12", "7"),
    *("-----BEGIN PRIVATE KEY-----", "\nMIIEvQ==\n", "-----END PRIVATE KEY-----"),
    *("0a1b2c3d-0000-4000-8000-", "f" * 20, "<b>", "</b>", "<td>", "</td>", ORGANISATION.text),
)
pieces = st.one_of(people(), spaced, secrets, st.sampled_from(words), st.sampled_from(words))
texts = st.lists(pieces, max_size=14).map("".join)


@given(texts)
def test_what_the_redactor_leaves_holds_no_leak(text: str) -> None:
    clean = Redactor(ORGANISATION, KEY).text(text)
    assert list(DecodingScanner().scan("evidence/a", clean.encode(), ORGANISATION.text)) == [], (
        clean
    )


@given(secrets, st.sampled_from(sorted(CARRIERS)))
def test_no_carrier_hides_a_secret_of_the_run(secret: str, carrier: str) -> None:
    scanner = DecodingScanner(Canaries().plus("password", [secret]), pages=True)
    leaks = scanner.scan("evidence/a", CARRIERS[carrier](secret), ORGANISATION.text)
    assert [leak.rule for leak in leaks if leak.rule == "password"], carrier


@given(people(), st.sampled_from(sorted(CARRIERS)))
def test_no_carrier_hides_a_persons_number(number: str, carrier: str) -> None:
    leaks = DecodingScanner(pages=True).scan(
        "evidence/a", CARRIERS[carrier](number), ORGANISATION.text
    )
    assert {leak.rule for leak in leaks} == {"iin"}, carrier


@given(spaced, st.sampled_from(("ИИН ", "(", "№ ", "")))
def test_a_number_in_groups_is_found_and_removed(written: str, before: str) -> None:
    text = f"{before}{written}, руководитель"
    [found] = spaced_numbers(text)
    assert text[found.start : found.end] == written
    assert is_persons_number(found.digits)
    redactor = Redactor(ORGANISATION, KEY)
    assert redactor.text(text) == f"{before}{redactor.alias(found.digits)}, руководитель"
