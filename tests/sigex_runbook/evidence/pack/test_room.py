"""A run that has no room is not begun."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.evidence.pack.room import A_RUN_BYTES, check_room


def test_where_there_is_room_nothing_stays(tmp_path: Path) -> None:
    check_room(tmp_path / "a" / "b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 300, "/".join(["y" * 200] * 20)])
def test_a_name_that_is_too_long_is_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(EnvironmentMissing, match="имя слишком длинное"):
        check_room(tmp_path / name)


def test_a_file_and_a_circle_are_no_folders(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    for name, told in (("file", "не папка"), ("file/x", "не папка"), ("circle", "сама на себя")):
        with pytest.raises(EnvironmentMissing, match=told):
            check_room(tmp_path / name)


@pytest.mark.parametrize("free", [0, A_RUN_BYTES - 1])
def test_too_little_space_is_told_before_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(EnvironmentMissing, match="не поместится"):
        check_room(tmp_path)
