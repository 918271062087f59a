"""Hashed bytes have one author, and the same value always gives the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785

from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.pack.canonical import (
    NotCanonical,
    canonical_json,
    read_canonical,
    sha256_hex,
)
from tests.sigex_runbook.evidence.material import ORGANISATION, facts, step


def test_keys_are_sorted_and_letters_stay_letters() -> None:
    assert canonical_json({"б": 1, "a": "ҚҰЖАТ"}) == '{"a":"ҚҰЖАТ","б":1}'.encode()


def test_our_values_become_json() -> None:
    value = json.loads(
        canonical_json({"step": step(), "facts": facts(), "bin": ORGANISATION, "t": (1, 2)})
    )
    assert value["step"]["outcome"] == "passed"
    assert value["step"]["step"]["position"] == 1
    assert value["facts"]["box"] == {"x": 300, "y": 200, "width": 120, "height": 32}
    assert value["bin"] == "990640000015"
    assert value["t"] == [1, 2]


def test_enum_keys_become_their_values() -> None:
    assert canonical_json({Outcome.NOT_RUN: 1}) == b'{"not_run":1}'


def test_round_trip_is_stable() -> None:
    data = canonical_json({"z": [1.5, None, True], "a": {"y": "\u2028", "x": "\n"}})
    assert canonical_json(json.loads(data)) == data


@pytest.mark.parametrize(
    "value",
    [
        {"\ue000": 1, "\U0001f600": 2},
        {"b": [True, None, '\x7f\x1f\u2028"\\/'], "a": {"z": 10**15, "y": -(2**53) + 1}},
        [1.0, 1e21, -0.0],
    ],
)
def test_the_quick_way_writes_nothing_otherwise(value: Any) -> None:
    assert canonical_json(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [object(), {1: "a"}, {"a": {1, 2}}, b"bytes"])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60])
def test_numbers_that_would_change_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_json(value)


@pytest.mark.parametrize(
    "value",
    [
        {"\ue000": 1, "\U0001f600": 2},  # as UTF-16, which decides, the second comes first
        {"a": -1, "b": [0, 10**14, 2**53 - 1, 1.5, 1e21, 1e-7]},
        ["\u2028", "\x7f", '\0\b\t\n\f\r\x1f"\\/', "ҚҰЖАТ", "<&>"],
        {"": {}, "a": [], "B": [None, True, False], "aa": "", "e\u0301": 1, "\u00e9": 2},
        "",
        7,
    ],
)
def test_exactly_the_canonical_bytes_are_read(value: Any) -> None:
    data = canonical_json(value)
    assert read_canonical(data) == value
    for other in (data + b"\n", b" " + data, data.decode().encode("utf-16")):
        with pytest.raises(NotCanonical):
            read_canonical(other)


@pytest.mark.parametrize(
    "data",
    [
        *(b'{"b":1,"a":1}', b'{"a": 1}', b'["\\u0061"]', b'["\\/"]', b'["\\u001F"]', b"[1.0]"),
        *(b"[1e2]", b"[-0]", b"[9007199254740993]", b"[1E400]", b'["\\ud800"]', b"[1,]", b"[01]"),
        '{"\ue000":1,"\U0001f600":2}'.encode(),
        b'{"a":1,"a":1}',
    ],
)
def test_other_bytes_of_the_same_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        read_canonical(data)


def test_digest_is_lower_case_hex() -> None:
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
