"""Hashed bytes have one author, and the same value always gives the same bytes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigex_runbook.evidence.canonical import canonical_json, sha256_hex
from sigex_runbook.record import Outcome

from .material import ORGANISATION, facts, step


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


@pytest.mark.parametrize("value", [object(), {1: "a"}, {"a": {1, 2}}, b"bytes"])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_json(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 2**60])
def test_numbers_that_would_change_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_json(value)


def test_digest_is_lower_case_hex() -> None:
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
