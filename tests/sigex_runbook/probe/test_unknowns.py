"""What is learnt of the unknowns: names and kinds, never values of a session."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from sigex_runbook.core.organisation import Bin
from sigex_runbook.probe.cleaning import Cleaning
from sigex_runbook.probe.unknowns import QUESTIONS, Unknowns, claims_of
from tests.service import ORGANISATION

CLEANING = Cleaning(Bin(ORGANISATION))


def token(body: dict[str, Any]) -> str:
    part = base64.urlsafe_b64encode(json.dumps(body).encode()).rstrip(b"=").decode()
    return f"e30.{part}.c2ln"


def test_claims_are_told_by_name_alone() -> None:
    assert claims_of(token({"sub": "IIN760314301234", "exp": 1})) == ["exp", "sub"]
    assert claims_of("opaque") == []
    assert claims_of("a.b.c") == []


def test_a_cookie_is_told_by_its_kind_and_never_by_its_value() -> None:
    unknowns = Unknowns(CLEANING)
    secret = token({"sub": "somebody"})
    unknowns.look_at_cookies(
        [{"name": "jwt", "value": secret, "expires": -1, "httpOnly": True, "secure": True,
          "sameSite": "Strict", "path": "/"}]
    )  # fmt: skip
    seen = next(one.seen for one in unknowns.learnt() if one.number == 9)
    assert seen["session_ends_with_browser"] is True
    assert seen["claims"] == ["sub"]
    assert secret not in json.dumps(seen)
    assert "somebody" not in json.dumps(seen)


def test_the_spelling_of_the_subject_is_told_and_nothing_of_the_person() -> None:
    unknowns = Unknowns(CLEANING)
    subject = [[{"name": "SERIALINUMBER", "value": "IIN760314301234"}]]
    answers = {"/api/auth": {"userId": "IIN760314301234", "subjectStructure": subject}}

    def ask(path: str) -> Mapping[str, Any]:
        return {"status": 200, "headers": ["date"], "body": answers.get(path)}

    unknowns.ask(ask)
    learnt = {one.number: one.seen for one in unknowns.learnt()}
    assert learnt[9]["subject_attributes"] == ["SERIALINUMBER"]
    assert "760314301234" not in json.dumps(learnt)


def test_every_unknown_has_its_line_seen_or_not() -> None:
    assert [(one.number, one.seen) for one in Unknowns(CLEANING).learnt()] == [
        (number, {}) for number in QUESTIONS
    ]


def test_names_and_numbers_are_taken_out_of_texts() -> None:
    cleaning = Cleaning(Bin(ORGANISATION))
    cleaning.knows(("СЕРИКОВ СЕРИК", "ТОО «Альфа»"))
    told = cleaning.text(f"Сериков Серик, ТОО «Альфа», БИН {ORGANISATION}, 760314301234")
    assert "ерик" not in told
    assert "Альфа" not in told
    assert not any(number in told for number in (ORGANISATION, "760314301234"))
