"""A service that wants to be asked less often: a run waits, says so, and its pack holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigex_runbook.api.client import Api
from sigex_runbook.core.messages import say
from sigex_runbook.core.verdict import VerdictKind
from tests.performing import perform
from tests.service import EVERYTHING, Service


def test_every_question_is_put_twice_and_the_run_passes(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One probe stays one call, and one reading one reading, however often it was put."""
    turns = iter(range(10_000))
    monkeypatch.setattr(
        "sigex_runbook.api.client.limited",
        lambda response, _: response.request.method == "GET" and next(turns) % 2 == 0,
    )
    defaults = Api.__init__.__kwdefaults__
    assert defaults is not None
    monkeypatch.setitem(defaults, "pause", lambda _: None)
    result = perform(service, service.order(), tmp_path)
    assert (result.verdict.kind, service.granted()) == (VerdictKind.PASSED, EVERYTHING)
    calls = [json.loads(path.read_bytes()) for path in (result.pack / "evidence" / "api").iterdir()]
    assert {one["waited_seconds"] for one in calls if one["method"] == "GET"} == {1}
    assert {one["waited_seconds"] for one in calls if one["method"] == "POST"} == {0}
    steps = (result.pack / "evidence" / "steps.ndjson").read_text("utf-8")
    assert say("note.waited", seconds=1) in steps
