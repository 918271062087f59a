"""The browser that shows the site: which one it is, and why.

One function decides which browser is used (`find_browser`) and one list says what was considered
(`consider`), so that `sigex-runbook doctor` explains exactly what a run would do. A headless shell
comes first wherever it is from: it does the same work 1.7 times faster than a full browser.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import EnvironmentMissing, UsageError

from .browser_candidates import (
    OVERRIDE,
    BrowserKind,
    Candidate,
    Machine,
    chosen,
    downloaded,
    installed,
)

_VERSION_SECONDS = 20.0
_NEXT_ACTION = "Выполните: sigex-runbook setup"
_WINDOW_ACTION = (
    "Поставьте Google Chrome или Chromium (в Debian и Ubuntu: sudo apt-get install chromium) или "
    f"укажите свой в {OVERRIDE}."
)
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser a run uses, and why this one."""

    path: Path
    kind: BrowserKind
    version: str
    why: str


def find_browser(*, visible: bool = False, machine: Machine | None = None) -> Browser:
    """The browser to use: the first candidate that starts.

    `visible` asks for one that can open a window. Raises EnvironmentMissing when there is none,
    and UsageError when the operator's own choice cannot be used (it is never replaced silently).
    """
    machine = machine or Machine()
    if visible and machine.platform == "linux" and not any(map(machine.environ.get, _DISPLAYS)):
        raise EnvironmentMissing(
            f"Окно браузера показать негде: {' и '.join(_DISPLAYS)} не заданы. Запустите программу "
            "на рабочем столе или командой «xvfb-run» (пакет xvfb), либо уберите --visible."
        )
    broken: list[str] = []
    for candidate in consider(visible=visible, machine=machine):
        version, problem = inspect(candidate, machine=machine)
        if problem is None:
            return Browser(candidate.path, candidate.kind, version, candidate.why)
        if candidate.kind is BrowserKind.NAMED:
            raise UsageError(
                f"{OVERRIDE} указывает на {candidate.path}, но {problem}; "
                "исправьте путь или уберите эту переменную."
            )
        broken.append(f"{candidate.path} ({problem})")
    wanted = "Браузер, который умеет открыть окно," if visible else "Браузер Chromium или Chrome"
    found = f"; не подошли: {', '.join(broken)}" if broken else ""
    action = _WINDOW_ACTION if visible else _NEXT_ACTION
    raise EnvironmentMissing(f"{wanted} не найден{found}. {action}")


def consider(*, visible: bool = False, machine: Machine | None = None) -> Iterator[Candidate]:
    """Every browser on this machine in the order of preference, usable or not."""
    machine = machine or Machine()
    named = machine.environ.get(OVERRIDE)
    if named:
        yield chosen(Path(named))
        return
    if not visible:
        yield from installed(machine, BrowserKind.HEADLESS_SHELL)
        yield from downloaded(machine, BrowserKind.HEADLESS_SHELL)
    for kind in (BrowserKind.CHROMIUM, BrowserKind.CHROME, BrowserKind.EDGE):
        yield from installed(machine, kind)
    yield from downloaded(machine, BrowserKind.CHROMIUM)


def inspect(candidate: Candidate, *, machine: Machine | None = None) -> tuple[str, str | None]:
    """The candidate's version, and what keeps it from starting (None: nothing does)."""
    if candidate.problem is not None:
        return "", candidate.problem
    if (machine or Machine()).platform == "win32":
        # There `--version` opens a window; the installer keeps the version as a folder's name.
        return _version_beside(candidate.path), None
    try:
        return _version(candidate.path, candidate.path.stat().st_mtime_ns), None
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"не запускается: {why(error)}"
    except ValueError as error:
        return "", f"не запускается: {error}"


@cache
def _version(path: Path, _changed: int) -> str:
    """What a browser says of itself, asked once as long as it stays the same file: every order of a
    batch wants to know. Raises OSError, TimeoutExpired, ValueError, which are not remembered."""
    answer = subprocess.run(  # noqa: S603 - the path is a browser that we found
        [path, "--version"],
        capture_output=True,
        timeout=_VERSION_SECONDS,
        check=False,
        encoding="utf-8",
        errors="replace",
    )
    version = re.search(r"\d+(\.\d+)+", answer.stdout)
    if answer.returncode != 0 or version is None:
        last = answer.stderr.strip().splitlines()[-1:] or [f"код {answer.returncode}"]
        raise ValueError(last[0][:200])
    return version.group()


def _version_beside(path: Path) -> str:
    """The highest version among the folders beside a Windows browser, "" when there is none."""
    names = [p.name for p in path.parent.iterdir() if re.fullmatch(r"\d+(\.\d+)+", p.name)]
    return max(names, key=lambda name: [int(part) for part in name.split(".")], default="")
