"""Robot Framework with its Browser library and pabot, on the same thirteen steps: the scripts are
those of `tests/peers` in a checkout."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from sigex_runbook.core.project import find_project
from sigex_runbook.site.browser import find_browser
from sigex_runbook.site.browser_launch import launch_options
from sigex_runbook.site.server_pin import server_pin

from .ground import Job, write_jobs

_SUITE = Path("tests", "peers", "grant_access.robot")


def missing() -> str | None:
    """What it lacks here, as a sentence for the operator."""
    if not (find_project().root / _SUITE).is_file():
        return f"нет файла {_SUITE}: сравнение с Robot Framework есть только в исходном проекте"
    if any(find_spec(name) is None for name in ("robot", "pabot", "Browser", "BrowserBatteries")):
        return "не установлен: pip install -c constraints.txt -e '.[peers]'"
    return None


def command(address: str, ca: Path, jobs: Sequence[Job], folder: Path, processes: int) -> list[str]:
    """The command of pabot: as many processes, each with one browser and its share of the jobs."""
    browser = launch_options(
        find_browser(), address=address, pins=[server_pin(address, ca.read_bytes())]
    )
    shares = []
    for number in range(1, processes + 1):
        share = write_jobs(folder / f"jobs-{number}.json", jobs[number - 1 :: processes])
        words = folder / f"share-{number}.txt"
        words.write_text(f"--variable JOBS:{share}\n", "utf-8")
        shares += [f"--argumentfile{number}", str(words)]
    given = folder / "given.json"
    given.write_text(
        json.dumps(
            {
                "address": address,
                "pictures": str(folder / "pictures"),
                "browser": browser["executable_path"],
                "sandbox": browser["chromium_sandbox"],
                "flags": browser["args"],
            }
        ),
        "utf-8",
    )
    return [
        *(sys.executable, "-m", "pabot.pabot", "--processes", str(processes)),
        *("--command", sys.executable, "-m", "robot", "--end-command"),
        *shares,
        *("--variable", f"GIVEN:{given}", "--outputdir", str(folder / "robot")),
        str(find_project().root / _SUITE),
    ]
