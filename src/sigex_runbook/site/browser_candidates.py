"""Browsers of this machine: the operator's own choice, the system's, and Playwright's downloads."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


OVERRIDE = "SIGEX_RUNBOOK_BROWSER"


class BrowserKind(StrEnum):
    """What kind of Chromium it is."""

    HEADLESS_SHELL = "headless-shell"
    CHROMIUM = "chromium"
    CHROME = "chrome"
    EDGE = "edge"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A browser that was considered; `problem` says why it cannot be used, if it cannot."""

    path: Path
    kind: BrowserKind
    why: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """What the search depends on: the operating system, the environment and the home folder."""

    platform: str = sys.platform
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    home: Path = field(default_factory=Path.home)

    def which(self, name: str) -> Path | None:
        """The program of that name on the search path."""
        found = shutil.which(name, path=self.environ.get("PATH", ""))
        return Path(found) if found else None

    def folder(self, variable: str) -> Path | None:
        """A folder that an environment variable names."""
        value = self.environ.get(variable)
        return Path(value) if value else None


def chosen(path: Path) -> Candidate:
    """The operator's choice, checked: a file that may be executed."""
    problem = None
    if not path.is_file():
        problem = "такого файла нет"
    elif not os.access(path, os.X_OK):
        problem = "этот файл нельзя запустить"
    return Candidate(path, BrowserKind.NAMED, f"так задано в {OVERRIDE}", problem)


_ON_PATH = {
    BrowserKind.HEADLESS_SHELL: ("chromium-headless-shell", "chrome-headless-shell"),
    BrowserKind.CHROMIUM: ("chromium", "chromium-browser"),
    BrowserKind.CHROME: ("google-chrome", "google-chrome-stable"),
    BrowserKind.EDGE: ("microsoft-edge", "microsoft-edge-stable"),
}
_MAC_APPS = {
    BrowserKind.CHROMIUM: "Chromium",
    BrowserKind.CHROME: "Google Chrome",
    BrowserKind.EDGE: "Microsoft Edge",
}
_WINDOWS_PROGRAMS = {
    BrowserKind.CHROMIUM: "Chromium/Application/chrome.exe",
    BrowserKind.CHROME: "Google/Chrome/Application/chrome.exe",
    BrowserKind.EDGE: "Microsoft/Edge/Application/msedge.exe",
}


def installed(machine: Machine, kind: BrowserKind) -> Iterator[Candidate]:
    """Browsers that the system's own installer put where it usually does."""
    for name in _ON_PATH[kind]:
        path = machine.which(name)
        if path is not None:
            yield _on_path(path, kind)
            break
    places: list[Path | None] = []
    if machine.platform == "darwin" and kind in _MAC_APPS:
        app = _MAC_APPS[kind]
        roots = (Path("/Applications"), machine.home / "Applications")
        places = [root / f"{app}.app/Contents/MacOS/{app}" for root in roots]
    elif machine.platform == "win32" and kind in _WINDOWS_PROGRAMS:
        variables = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        folders = [machine.folder(variable) for variable in variables]
        places = [folder / _WINDOWS_PROGRAMS[kind] for folder in folders if folder]
    for place in places:
        if place is not None and place.is_file():
            yield Candidate(place, kind, "установлен в системе")


def _on_path(path: Path, kind: BrowserKind) -> Candidate:
    """A program of the search path, by its real file where Debian puts a shell script before it."""
    behind = path.parent.parent / "lib" / "chromium" / path.name
    if kind is BrowserKind.HEADLESS_SHELL and behind.is_file():
        # The script does not `exec`: killing it would leave the browser running.
        path = behind
    problem = None
    if _is_snap(path):
        # A snap sees neither our temporary folders nor Playwright's pipe.
        problem = "это пакет snap, он не видит временных папок"
    return Candidate(path, kind, "установлен в системе", problem)


def _is_snap(path: Path) -> bool:
    if "snap" in path.resolve().parts[:3] or path.resolve().name == "snap":
        return True
    with path.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"/snap/" in start


_PLAYWRIGHT_FOLDERS = {
    BrowserKind.HEADLESS_SHELL: "chromium_headless_shell-*",
    BrowserKind.CHROMIUM: "chromium-*",
}
_PLAYWRIGHT_PROGRAMS = {
    BrowserKind.HEADLESS_SHELL: (
        "chrome-headless-shell-*/chrome-headless-shell",
        "chrome-headless-shell-*/chrome-headless-shell.exe",
        "chrome-*/headless_shell",
        "chrome-*/headless_shell.exe",
    ),
    BrowserKind.CHROMIUM: (
        "chrome-linux*/chrome",
        "chrome-win*/chrome.exe",
        "chrome-mac*/*.app/Contents/MacOS/*",
    ),
}


def downloaded(machine: Machine, kind: BrowserKind) -> Iterator[Candidate]:
    """Browsers that Playwright downloaded, the newest first."""
    registry = playwright_registry(machine)
    folders = [
        folder
        for folder in registry.glob(_PLAYWRIGHT_FOLDERS[kind])
        if (folder / "INSTALLATION_COMPLETE").exists()
    ]
    for folder in sorted(folders, key=_revision, reverse=True):
        for pattern in _PLAYWRIGHT_PROGRAMS[kind]:
            for path in sorted(folder.glob(pattern)):
                yield Candidate(path, kind, "скачан библиотекой Playwright")


def _revision(folder: Path) -> int:
    digits = folder.name.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def playwright_registry(machine: Machine) -> Path:
    """The folder that Playwright downloads browsers to, by its own rules."""
    chosen = machine.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen == "0":
        import playwright  # costs 150 ms, needed for this rare setting alone

        package = Path(playwright.__file__).parent
        return package / "driver" / "package" / ".local-browsers"
    if chosen:
        return Path(chosen)
    if machine.platform == "win32":
        local = machine.folder("LOCALAPPDATA") or machine.home / "AppData" / "Local"
        return local / "ms-playwright"
    if machine.platform == "darwin":
        return machine.home / "Library" / "Caches" / "ms-playwright"
    return (machine.folder("XDG_CACHE_HOME") or machine.home / ".cache") / "ms-playwright"
