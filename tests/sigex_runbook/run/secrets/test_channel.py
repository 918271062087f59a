"""A run's own secrets: told by its kernel, looked for before sealing, written nowhere."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from sigex_emulator.api import organisation
from sigex_emulator.pages import application
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.run.options import Options
from sigex_runbook.run.progress import Phase, Stage
from sigex_runbook.run.run import run
from sigex_runbook.run.secrets.channel import Confidences, confide, listening
from tests.service import Service

OPAQUE = "0f3b".join(("s:9d1c77aa", "b2e84410", "77d0c1aa"))
"""A session cookie with no form that a rule could know."""

_SPEAKER = """
import os, sys
from sigex_runbook.run.secrets.channel import confide
tell = confide(sys.stdin.buffer.read())
tell("cookie", sys.argv[1])
tell("iin", "040404500044")
for _ in range(2):
    tell("stage", '{"phase": "section", "section": 4, "doing": null}')
os.abort()
"""


def test_a_process_that_is_killed_has_told_all_that_it_knew(tmp_path: Path) -> None:
    stages: list[Stage] = []
    confidences = Confidences(stages.append)
    with listening(confidences) as way:
        done = subprocess.run(
            [sys.executable, "-c", _SPEAKER, OPAQUE], input=way, cwd=tmp_path, check=False
        )
    assert done.returncode != 0
    assert {hit.rule for hit in confidences.canaries.found_in(f"x{OPAQUE}y".encode())} == {"cookie"}
    assert {hit.rule for hit in confidences.canaries.found_in(b"040404500044")} == {"iin"}
    assert stages == [Stage(Phase.SECTION, 4)] * 2
    assert "stage" not in {one["kind"] for one in confidences.canaries.counted()}
    assert OPAQUE not in repr(confidences.canaries) + way.decode()
    with pytest.raises(ConnectionRefusedError):
        confide(way)


def test_nobody_else_is_heard_and_nobody_is_awaited() -> None:
    confidences = Confidences()
    with listening(confidences) as way:
        foreign = json.dumps({**json.loads(way), "key": "00" * 32}).encode()
        with pytest.raises(Exception, match="digest"):
            confide(foreign)
    assert confidences.canaries.counted() == []


@pytest.fixture
def cookie(service: Service, monkeypatch: pytest.MonkeyPatch) -> str:
    """The service's sessions are named by `OPAQUE` in place of a JWT."""
    sessions = service.emulator.world.sessions
    opened: dict[str, str] = {}
    begin, find = sessions.open, sessions.find

    def begin_opaque(*how: Any) -> str:
        opened[OPAQUE] = begin(*how)
        return OPAQUE

    monkeypatch.setattr(sessions, "open", begin_opaque)

    def find_opaque(token: str, now: datetime) -> Any:
        return find(opened.get(token, token), now)

    monkeypatch.setattr(sessions, "find", find_opaque)
    return OPAQUE


@pytest.fixture
def nonces(service: Service, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every nonce that the service gave."""
    book = service.emulator.world.nonces
    given: list[str] = []
    issue = book.issue

    def noting(nonce: str, *how: Any) -> None:
        given.append(nonce)
        issue(nonce, *how)

    monkeypatch.setattr(book, "issue", noting)
    return given


def answered(monkeypatch: pytest.MonkeyPatch, message: Callable[[], str]) -> None:
    """The settings are answered by this message."""
    monkeypatch.setattr(
        organisation, "json_answer", lambda _: web.json_response({"message": message()})
    )


def titled(monkeypatch: pytest.MonkeyPatch, title: str) -> None:
    """Every page is titled so."""
    page = application._html

    def spoilt(*how: Any, **more: Any) -> web.Response:
        shown = page(*how, **more)
        text = re.sub("<title>.*?</title>", f"<title>{title}</title>", shown.text or "")
        shown.text = text
        return shown

    monkeypatch.setattr(application, "_html", spoilt)


def unsealed(service: Service, outputs: Path) -> tuple[str, Path]:
    """Why a run of this service's order was not sealed, and what is left of it."""
    with pytest.raises(RunFailed) as stopped:
        run(
            service.order(),
            Options(service.target, deadline_seconds=90),
            outputs=outputs,
            campaign="c",
            sealer=make_sealer(),
        )
    assert not list(outputs.rglob("attestation*"))
    assert not list(outputs.rglob("ledger.jsonl"))
    (draft,) = outputs.glob("c/*/*.partial")
    assert {path.name for path in draft.iterdir()} == {"evidence"}
    assert {"run.json", "steps.ndjson", "screens"} <= {
        p.name for p in (draft / "evidence").iterdir()
    }
    return str(stopped.value), draft / "evidence"


def test_a_service_that_prints_the_session_cookie_leaves_no_sealed_pack(
    service: Service, cookie: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    titled(monkeypatch, f"SIGEX {cookie}")
    told, evidence = unsealed(service, tmp_path)
    assert re.search(r"\(cookie, evidence/\S+, байт \d+\)", told)
    assert str(evidence.parent) in told
    assert cookie not in told
    assert cookie in (evidence / "screens" / "001.json").read_text("utf-8")
    assert (evidence / "state" / "after.json").is_file()


@pytest.mark.parametrize("kind", ["cookie", "nonce"])
def test_nor_does_one_that_answers_with_a_secret(
    service: Service,
    cookie: str,
    nonces: list[str],
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    answered(monkeypatch, lambda: f"not now: {cookie if kind == 'cookie' else nonces[-1]}")
    told, _ = unsealed(service, tmp_path)
    assert f"({kind}, evidence/" in told
    assert cookie not in told
    assert nonces[-1] not in told
