"""A warm worker that performs order after order. Each run plants a mark wherever one can be left.
The mark and all that was secret of the run are looked for while the next are performed. Started by
a test, as a process of its own, so that its memory holds what a worker's does:

    python -m tests.sigex_runbook.batch.isolated FOLDER ADDRESS MTLS_ADDRESS

FOLDER/told is what each run met of secrets, FOLDER/found what was left of another run, and where.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from IPython import get_ipython
from playwright.sync_api import Browser, BrowserContext, Page

from sigex_runbook.batch.pool import Task
from sigex_runbook.batch.worker import Equipment, Worker
from sigex_runbook.core.order import load_order
from sigex_runbook.run import runbook
from sigex_runbook.run.employee import Assignment, Employee, open_employee
from sigex_runbook.run.gathering import new_run_id
from sigex_runbook.run.options import Target
from sigex_runbook.run.result import Result
from sigex_runbook.run.secrets.channel import SAVED, STAGE, Confidences

CAMPAIGN = "isolated"
MARK = "planted-"

_PLANT = """async mark => {
  localStorage.planted = sessionStorage.planted = window.name = mark;
  document.cookie = `planted=${mark}`;
  await (await caches.open(mark)).put('/' + mark, new Response(mark));
  await new Promise(done => {
    const opening = indexedDB.open(mark);
    opening.onsuccess = opening.onerror = done;
  });
}"""
_BLANK = "<html><head></head><body></body></html>"
"""What is left in the page that prints reports."""

_SEE = """async () => JSON.stringify([
  {...localStorage}, {...sessionStorage}, window.name, document.cookie,
  await caches.keys(), (await indexedDB.databases()).map(one => one.name),
])"""


@dataclass
class Watcher:
    """Knows whose run it is, plants and looks."""

    folder: Path
    number: str = ""

    def told(self) -> Iterator[tuple[str, str, str]]:
        """Number of the organisation, kind of the secret, the secret."""
        with (self.folder / "told").open(encoding="utf-8") as told:
            for line in told:
                number, kind, secret = json.loads(line)
                yield number, kind, secret

    def tell(self, kind: str, secret: str) -> None:
        with (self.folder / "told").open("a", encoding="utf-8") as told:
            told.write(json.dumps([self.number, kind, secret]) + "\n")

    def find(self, where: str, what: object) -> None:
        with (self.folder / "found").open("a", encoding="utf-8") as found:
            found.write(f"{self.number} {where}: {what}\n")

    def look(self, where: str, seen: object) -> None:
        """Complain of another run's mark in what is seen."""
        text = str(seen).replace(MARK + self.number, "")
        if MARK in text:
            self.find(where, text)

    def visited(self, page: Page, context: BrowserContext, browser: Browser) -> None:
        """What the browser and this process hold at the end of a visit; then plant."""
        for other in browser.contexts:
            sheets = [(one.url, one.content()) for one in other.pages if other is not context]
            if any(sheet != ("about:blank", _BLANK) for sheet in sheets):
                self.find("browser", f"another context: {sheets}")
        shell: Any = get_ipython()
        self.look("page", page.evaluate(_SEE))
        self.look("cookies", context.cookies())
        self.look("namespace", shell.user_ns)
        self.look("history", shell.history_manager.outputs)
        self.look("displays", (shell.named, shell.outputs, shell.listeners))
        self.look("environment", (os.environ, sys.path))
        self.look("folder", [[one, one.is_file() and one.read_bytes()] for one in walk(Path.cwd())])
        self.remembered()
        mark = MARK + self.number
        page.evaluate(_PLANT, mark)
        context.add_cookies([{"name": "set", "value": mark, "url": page.url}])
        shell.user_ns["planted"] = mark
        shell.display_pub.register_hook([mark].append)
        Path("work", mark).write_text(mark, "utf-8")

    def put_aside(self) -> None:
        """Look for everybody's secrets in what is temporary."""
        for one in walk(Path(tempfile.gettempdir())):
            written = one.read_bytes() if one.is_file() else b""
            if any(secret.encode("utf-8") in written for *_, secret in self.told()):
                self.find("temporary", one)

    def remembered(self) -> None:
        """Look for the others' secrets in every text and all bytes that an object of this process
        refers to."""
        others = {secret: kind for number, kind, secret in self.told() if number != self.number}
        gc.collect()
        seen = {id(one) for one in others}
        for owner in gc.get_objects():
            within = [owner]
            while within:
                for one in gc.get_referents(within.pop()):
                    if type(one) in (tuple, dict) and not gc.is_tracked(one):
                        within.append(one)
                    elif type(one) in (str, bytes, bytearray) and id(one) not in seen:
                        seen.add(id(one))
                        text = one if isinstance(one, str) else one.decode("latin-1")
                        for secret, kind in others.items():
                            if secret in text:
                                self.find("memory", f"{kind} of {type(owner)}: {text[:200]}")


def walk(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def main(folder: Path, address: str, mtls_address: str) -> None:
    watcher = Watcher(folder)
    for name in ("told", "found"):
        (folder / name).touch()
    remember = Confidences.tell

    def tell(self: Confidences, kind: str, secret: str) -> None:
        if kind not in (SAVED, STAGE):
            watcher.tell(kind, secret)
        remember(self, kind, secret)

    @contextmanager
    def opened(browser: Browser, assignment: Assignment, **how: Any) -> Iterator[Employee]:
        assert assignment.tell is not None
        assignment.tell("mark", MARK + watcher.number)
        with open_employee(browser, assignment, **how) as employee:
            yield employee
            page = employee.site.page
            watcher.visited(page, page.context, browser)

    Confidences.tell = tell  # type: ignore[method-assign]
    runbook.open_employee = opened  # type: ignore[attr-defined]
    target = Target(address, mtls_address, folder / "emulator" / "ca.pem")
    settings: list[object] = []
    with Worker(Equipment(target, folder / "outputs", CAMPAIGN, 120.0), "w") as worker:
        private = Path(tempfile.gettempdir())
        for file in walk(folder / "orders"):
            order = load_order(file)
            watcher.number = order.organisation.bin.text
            result = worker.perform(Task(file.name, order, new_run_id()), lambda _: None)
            assert isinstance(result, Result)
            told = {"organisation_bin": watcher.number, "verdict": result.verdict.kind}
            sys.stdout.write(json.dumps(told | {"pack": str(result.pack)}) + "\n")
            threads = sorted(one.name for one in threading.enumerate())
            settings.append((dict(os.environ), sys.path[:], warnings.filters[:], threads))
            watcher.put_aside()
            del order, result
    if any(one != settings[0] for one in settings):
        watcher.find("settings", settings)
    for one in [*walk(Path(tempfile.gettempdir())), *walk(private)]:
        watcher.find("left behind", one)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
