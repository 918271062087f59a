"""Which project is performed: the one pointed at, the one stood in, or the program's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.core.project import VARIABLE, find_project, home, settled

ROOT = Path(__file__).parents[3]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of somebody's own, a floor below the current folder."""
    root = tmp_path / "project"
    for part in ("features", "steps", "notebooks"):
        (root / part).mkdir(parents=True)
    (root / "notebooks" / "runbook.ipynb").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    return root


def test_the_programs_own_project_is_the_checkout_around_it(project: Path) -> None:
    assert find_project().root == home() == ROOT


@pytest.mark.parametrize("inside", [".", "features", "notebooks"])
def test_whoever_stands_in_a_project_means_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, inside: str
) -> None:
    monkeypatch.chdir(project / inside)
    assert find_project().root == project


def test_a_project_pointed_at_outranks_all_others(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    with settled(Path(os.path.relpath(project, ROOT))):
        assert find_project().root == project
    assert find_project().root == ROOT


def test_what_is_settled_outlives_the_folder_stood_in(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel works in the folder of its draft."""
    monkeypatch.chdir(project)
    with settled():
        monkeypatch.chdir(ROOT)
        assert find_project().root == project
        with settled():
            pass
        assert find_project().root == project


@pytest.mark.parametrize("part", ["features", "steps", "notebooks"])
def test_a_project_that_lacks_a_part_is_refused_by_name(
    project: Path, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    shutil.rmtree(project / part)
    with (
        pytest.raises(EnvironmentMissing, match=f"нет {part}.*Укажите в --project"),
        settled(project),
    ):
        pass
    monkeypatch.chdir(project)
    assert find_project().root == ROOT, "half a project is not what anybody stands in"


def test_a_strangers_project_is_not_started_unless_it_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody could leave one in a folder that is everybody's, such as /tmp."""
    monkeypatch.setattr(os, "geteuid", lambda: (project / "steps").stat().st_uid + 1, raising=False)
    if (project / "steps").stat().st_uid == 0:
        os.chown(project / "steps", 12345, -1)
    monkeypatch.chdir(project / "features")
    with pytest.raises(EnvironmentMissing, match=r"другому пользователю.*--project"):
        find_project()
    assert find_project(project).root == project
