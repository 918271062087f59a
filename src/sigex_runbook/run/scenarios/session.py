"""A scenario session: a browser and a pytest session on a thread of their own, for run after run.

Playwright's sync API refuses a thread with a running event loop, and a Jupyter kernel's main thread
has one. Playwright's objects also belong to the thread that made them. So this thread owns the
browser and pytest, and whoever has a run lets the scenarios be performed section by section
(docs/adr/0004).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_bdd.feature
from playwright.sync_api import Browser

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.own_thread import OwnThread
from sigex_runbook.core.project import find_project
from sigex_runbook.core.record import Act
from sigex_runbook.run.employee import Employee
from sigex_runbook.site.screenshot import Sighting

from .features import VARIANTS
from .pytest_hooks import RecordingHooks
from .recorder import Recorder

T = TypeVar("T")

_ARGUMENTS = (
    "--disable-plugin-autoload",
    "-p", "pytest_bdd.plugin",
    "-p", "no:terminal",
    "-p", "no:faulthandler",
    "-p", "no:cacheprovider",
    "-p", "no:logging",
    "-p", "no:threadexception",
    "-p", "no:unraisableexception",
    "-p", "no:junitxml",
    "-p", "no:doctest",
    "--import-mode=importlib",
    "--capture=no",
    "-m", "guide or revoking or unchanged",
)  # fmt: skip

Opening = Callable[[Browser], AbstractContextManager[Employee]]
"""Gives an employee of one run in a browser that is open already."""


@dataclass(frozen=True, slots=True)
class Guest:
    """The run whose turn it is: its employee, and who records what they do."""

    employee: Employee
    recorder: Recorder


class ScenarioSession:
    """Every public method may be called from any thread and gives its answer as a future."""

    __name__ = "runbook-employee"
    """How pytest knows this plugin, and the steps that there is an employee already."""

    def __init__(self, open_browser: Callable[[], AbstractContextManager[Browser]]) -> None:
        self._open_browser = open_browser
        self._browser: Browser | None = None
        self._pytest: pytest.Session | None = None
        self._guest: Guest | None = None
        self._leaving = ExitStack()
        self._ready: Future[None] = Future()
        self.thread = OwnThread("scenarios", self._perform)

    def start(self) -> Future[None]:
        """Begin once to open the browser and to collect the scenarios; done when both are there."""
        if not self.thread.started:
            self.thread.start()
        return self._ready

    @property
    def usable(self) -> bool:
        """Whether another run may come: it is there, with a living browser and nobody in it."""
        alive = self.thread.alive and self._browser is not None and self._browser.is_connected()
        return alive and self._guest is None

    def admit(self, opening: Opening, recorder: Recorder) -> Future[None]:
        """Open an employee in the browser; their run's scenarios may be performed then."""

        def enter() -> None:
            assert self._browser is not None  # noqa: S101 - it is opened before anything is asked
            employee = self._leaving.enter_context(opening(self._browser))
            self._guest = Guest(employee, recorder)

        return self.thread.ask(enter)

    def part(self) -> Future[None]:
        """Close what was opened for the run, if anything was."""

        def leave() -> None:
            try:
                self._leaving.close()
            finally:
                self._guest = None

        return self.thread.ask(leave)

    def do(self, task: Callable[[Employee], T]) -> Future[T]:
        """Do something as the employee between sections."""
        return self.thread.ask(lambda: task(self._present().employee))

    def with_browser(self, task: Callable[[Browser], T]) -> Future[T]:
        """Do something in the browser that is no run's."""

        def perform() -> T:
            assert self._browser is not None  # noqa: S101 - it is opened before anything is asked
            return task(self._browser)

        return self.thread.ask(perform)

    def section(self, number: int, act: Act) -> Future[None]:
        """Perform one section by its scenario for this act, or else by the guide's own."""
        return self.thread.ask(lambda: self._run_section(number, act))

    # -- on the thread

    def _perform(self) -> None:
        try:
            project = find_project()
            if sys.path[0] != str(project.root):  # the steps are a package of its top level
                sys.path.insert(0, str(project.root))
            pytest_bdd.feature.features.clear()  # it keeps parsed features, edited since or not
            with self._open_browser() as self._browser, self._leaving, plain_pytest():
                pytest.main(
                    [
                        *_ARGUMENTS,
                        "-c",
                        str(Path(__file__).with_name("runner.ini")),
                        "--rootdir",
                        str(project.root),
                        str(project.steps / "test_guide.py"),
                    ],
                    plugins=[
                        self,
                        RecordingHooks(
                            lambda: self._present().recorder,
                            self._look,
                        ),
                    ],
                )
                if not self._ready.done():
                    raise RunFailed(
                        "Сценарии из папок features и steps не собрались. Верните их в исходный "
                        "вид и проверьте: pytest steps."
                    )
        except BaseException as error:  # noqa: BLE001 - it goes to whoever waits
            if not self._ready.done():
                self._ready.set_exception(error)
        finally:
            self._browser = self._guest = None

    def _look(self) -> Sighting:
        return self._present().employee.site.look_around()

    def _present(self) -> Guest:
        assert self._guest is not None  # noqa: S101 - sections run while somebody is in
        return self._guest

    def _run_section(self, number: int, act: Act) -> None:
        assert self._pytest is not None  # noqa: S101 - calls run inside the session
        items = self._pytest.items
        there = {_act(item) for item in items if _section(item) == number}
        performed = act if act in there else Act.GRANT
        for position, item in enumerate(items):
            if _section(item) == number and _act(item) is performed:
                following = items[position + 1] if position + 1 < len(items) else None
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    # -- pytest's side

    @pytest.fixture
    def employee(self) -> Employee:
        """The one employee of the run."""
        return self._present().employee

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """The guide's order."""
        items.sort(key=_section)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Wait for what is asked in place of running everything at once."""
        self._pytest = session
        self._ready.set_result(None)
        self.thread.serve()
        return True


@contextmanager
def plain_pytest() -> Iterator[None]:
    """pytest without what an operator's shell may add to it."""
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _act(item: pytest.Item) -> Act:
    found = (act for tag, act in VARIANTS.items() if tag.removeprefix("@") in item.keywords)
    return next(found, Act.GRANT)


def _section(item: pytest.Item) -> int:
    return next(
        int(name.removeprefix("section-"))
        for name in item.keywords
        if name.startswith("section-") and name.removeprefix("section-").isdigit()
    )
