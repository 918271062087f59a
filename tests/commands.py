"""The command line as an operator gives it: its words, its exit code, its pack."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.keyring import Keyring, key_folder
from sigex_runbook.evidence.verify.verification import Question, verify_pack
from sigex_runbook.run.kernel import Execution
from tests.sigex_runbook.evidence.corpus.second_verifier import verify as second_opinion

PROGRAM = [sys.executable, "-m", "sigex_runbook.cli.main"]


def run(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """As an operator runs it: a process, in which each order has a kernel and a browser of its
    own."""
    return subprocess.run(
        [*PROGRAM, "run", *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=150,
        env=os.environ | environment,
        check=False,
    )


def run_here(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The same command in this process, cells and all, in the browser that is kept warm: for what
    holds wherever it runs. How far it has come goes the way of what cells print."""
    words = ["run", *map(str, arguments)]
    out, err = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr("sigex_runbook.run.run.Execution", _inline)
        for name, value in environment.items():
            patch.setenv(name, value)
        code = main(words)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def _inline(notebook: Path, **_: bool) -> Execution:
    return Execution(notebook, inline=True)


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """What the command said on its other stream, apart from how far it had come."""
    return re.sub(r"^ +\d+ с · .*\n", "", done.stderr, flags=re.MULTILINE)


def write(folder: Path, text: str, name: str = "order.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def sealed_well(pack: Path, *, redrawn: bool = True) -> bool:
    """Whether two verifiers who trust this session's key find nothing wrong and, if it is to be
    `redrawn`, pictures and report come out the same when they are made again."""
    keyring = Keyring(key_folder())
    verification = verify_pack(pack, Question(keyring.trust(), pictures=redrawn))
    assert verification.findings == ()
    assert second_opinion(pack, keyring.trust_file) == Status.INTEGRITY_ONLY
    if redrawn:
        assert verification.redrawn is not None
        assert verification.redrawn.report
    return verification.status is Status.INTEGRITY_ONLY  # no time authority, no pinned head


def answers(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]
