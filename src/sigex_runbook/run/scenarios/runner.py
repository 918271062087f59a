"""The scenario runner: the guide's scenarios in one pytest session on a thread of their own.

Playwright's sync API refuses a thread with a running event loop, and a Jupyter kernel's main thread
has one. Playwright's objects also belong to the thread that made them. So this thread owns the
browser and pytest, and the notebook releases the scenarios section by section (docs/adr/0004).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
import pytest_bdd.feature

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.own_thread import OwnThread
from sigex_runbook.core.project import find_project
from sigex_runbook.core.record import Act
from sigex_runbook.run.employee import Employee

from .features import VARIANTS
from .pytest_hooks import RecordingHooks
from .recorder import Recorder

T = TypeVar("T")

_LATE_SECONDS = 1.0
"""Waits on the thread know the deadline too and tell better what they waited for."""

_PARTING_SECONDS = 5.0

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


class ScenarioRunner:
    """Every method is called from outside the thread and waits for its answer."""

    __name__ = "runbook-employee"
    """How pytest knows this plugin, and the steps that there is an employee already."""

    def __init__(
        self,
        open_employee: Callable[[], AbstractContextManager[Employee]],
        recorder: Recorder,
        deadline: Deadline,
    ) -> None:
        self._open_employee = open_employee
        self._deadline = deadline
        self._recorder = recorder
        self._ready: Future[None] = Future()
        self._employee: Employee | None = None
        self._session: pytest.Session | None = None
        self._thread = OwnThread("scenarios", self._perform)

    def start(self) -> None:
        """Until the browser is up and the scenarios are collected; raises what went wrong."""
        self._thread.start()
        self._answer(self._ready)

    def do(self, task: Callable[[Employee], T]) -> T:
        """Do something as the employee between sections, on this thread; raises what it raises."""
        return self._call(lambda: task(self._the_employee()))

    def section(self, number: int, act: Act) -> None:
        """Perform one section by its scenario for this act, or else by the guide's own; the
        recorder knows how it ended."""
        self._call(lambda: self._run_section(number, act))

    def stop(self) -> None:
        """End the session and close the browser; nothing when that is done.

        A thread that a dead page holds is left behind once the deadline has passed: it ends with
        the process.
        """
        if self._thread.alive:
            self._thread.end()
            self._thread.join(self._deadline.left + _PARTING_SECONDS)

    def _call(self, task: Callable[[], T]) -> T:
        if not self._thread.alive:
            raise RunFailed("Запуск уже закончен. Начните новый.")
        return self._answer(self._thread.ask(task))

    def _answer(self, answer: Future[T]) -> T:
        """Wait for the thread, not longer than the run may last: no wait of a page's own script
        has a limit. Raises DeadlinePassed."""
        try:
            return answer.result(self._deadline.left + _LATE_SECONDS)
        except TimeoutError:
            if answer.done():
                raise
            raise self._deadline.error() from None

    # -- on the thread

    def _perform(self) -> None:
        try:
            project = find_project()
            if sys.path[0] != str(project.root):  # the steps are a package of its top level
                sys.path.insert(0, str(project.root))
            pytest_bdd.feature.features.clear()  # it keeps parsed features, edited since or not
            with self._open_employee() as self._employee, plain_pytest():
                look = self._employee.site.look_around
                pytest.main(
                    [
                        *_ARGUMENTS,
                        "-c",
                        str(Path(__file__).with_name("runner.ini")),
                        "--rootdir",
                        str(project.root),
                        str(project.steps / "test_guide.py"),
                    ],
                    plugins=[self, RecordingHooks(self._recorder, look)],
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
            self._employee = None

    def _the_employee(self) -> Employee:
        assert self._employee is not None  # noqa: S101 - calls run while the browser is open
        return self._employee

    def _run_section(self, number: int, act: Act) -> None:
        assert self._session is not None  # noqa: S101 - calls run inside the session
        items = self._session.items
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
        return self._the_employee()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """The guide's order."""
        items.sort(key=_section)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Wait for the notebook's calls in place of running everything at once."""
        self._session = session
        self._ready.set_result(None)
        self._thread.serve()
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
