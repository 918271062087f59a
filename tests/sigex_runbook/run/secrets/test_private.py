"""What is private goes with its process, killed or not, and nobody takes what is in use."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from sigex_runbook.run.secrets import private
from sigex_runbook.run.secrets.private import (
    clear_left,
    held_for_us,
    private_folder,
    temporary_here,
)

DIES = """
import os, signal, sys
from pathlib import Path
from sigex_runbook.run.secrets.private import held_for_us
folder = Path(sys.argv[1])
folder.mkdir()
with held_for_us(folder):
    (folder / "alias.key").write_text("private")
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
"""


def test_what_a_killed_process_left_is_cleared_and_nothing_else(tmp_path: Path) -> None:
    dead, ours, strange = (tmp_path / f"sigex-runbook-{name}" for name in ("a", "b", "c"))
    assert subprocess.run([sys.executable, "-c", DIES, dead], check=False).returncode != 0
    assert (dead / "alias.key").exists()
    for folder in (ours, strange):
        folder.mkdir()
        (folder / "file").touch()
    with held_for_us(ours):
        clear_left(tmp_path.iterdir())
        assert (ours / "file").exists()
        assert (ours / "held").stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [strange]


def test_a_private_folder_clears_those_of_the_dead(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(private, "_SHORT", str(tmp_path))
    dead = tmp_path / "sigex-runbook-dead"
    dead.mkdir()
    for name in ("held", "cookies"):
        (dead / name).touch()
    with private_folder() as folder:
        assert [str(one) for one in tmp_path.iterdir()] == [folder]
    assert list(tmp_path.iterdir()) == []


def test_all_that_is_temporary_lies_in_one_folder_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TEMP", raising=False)
    before = dict(os.environ), tempfile.gettempdir()
    with temporary_here():
        folder = Path(tempfile.gettempdir())
        assert {os.environ[name] for name in private.TEMPORARY} == {str(folder)}
        assert folder.stat().st_mode & 0o777 == 0o700
        tempfile.mkdtemp()
    assert (dict(os.environ), tempfile.gettempdir()) == before
    assert not folder.exists()
