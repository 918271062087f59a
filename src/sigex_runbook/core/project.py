"""Which project is performed: a folder with the features, their steps and the notebook."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .errors import EnvironmentMissing

VARIABLE = "SIGEX_RUNBOOK_PROJECT"
"""Tells the processes that a command starts which project it has settled on."""

_PARTS = ("features", "steps", "notebooks/runbook.ipynb")
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Project:
    """A project that is whole; `why` says for the operator where it comes from."""

    root: Path
    why: str

    @property
    def features(self) -> Path:
        """The guide as scenarios."""
        return self.root / "features"

    @property
    def steps(self) -> Path:
        """The package with what each sentence means."""
        return self.root / "steps"

    @property
    def notebook(self) -> Path:
        """The runbook's own notebook, as it is before a run."""
        return self.root / "notebooks" / "runbook.ipynb"


def home() -> Path:
    """The project that travels with the program: inside its package, or the checkout around it."""
    packed = _PACKAGE / "project"
    return packed if packed.is_dir() else _PACKAGE.parents[1]


def find_project(chosen: Path | None = None) -> Project:
    """The project chosen here or by the parent process, else the checkout that the current folder
    lies in, else the program's own.

    Raises EnvironmentMissing when it lacks a part, or when nobody chose another user's checkout.
    """
    if chosen is not None:
        return _whole(chosen.resolve(), "указан в --project")
    if told := os.environ.get(VARIABLE):
        return _whole(Path(told), "выбран при запуске")
    here = Path.cwd()
    for folder in (here, *here.parents):
        if not _lacking(folder):
            _refuse_strangers(folder)
            return Project(folder, "в нём текущая папка")
    return _whole(home(), "пришёл вместе с программой")


@contextmanager
def settled(chosen: Path | None = None) -> Iterator[Project]:
    """The project found, for this process and for all that it starts until the end.

    Raises EnvironmentMissing when it lacks a part.
    """
    project = find_project(chosen)
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = str(project.root)
    try:
        yield project
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def _lacking(root: Path) -> list[str]:
    return [part for part in _PARTS if not (root / part).exists()]


def _refuse_strangers(root: Path) -> None:
    """Steps are a program: one that another user left in a folder above is not ours to start."""
    owner = (root / "steps").stat().st_uid  # 0 is the administrator, and everybody on Windows
    if root != home() and owner not in {0, getattr(os, "geteuid", int)()}:
        raise EnvironmentMissing(
            f"Проект {root} принадлежит другому пользователю, а шаги в нём — программа. Если вы "
            f'ему доверяете, укажите: --project "{root}".'
        )


def _whole(root: Path, why: str) -> Project:
    lacking = _lacking(root)
    if not lacking:
        return Project(root, why)
    remedy = (
        "Установите программу заново."
        if root == home()
        else "Укажите в --project папку, где есть features, steps и notebooks/runbook.ipynb."
    )
    raise EnvironmentMissing(f"В проекте {root} нет {', '.join(lacking)}. {remedy}")
