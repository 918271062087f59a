"""The scenario runner: one run in a scenario session, with the run's own deadline."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.record import Act
from sigex_runbook.run.employee import Employee

from .recorder import Recorder
from .session import Opening, ScenarioSession

T = TypeVar("T")

_LATE_SECONDS = 1.0
"""Waits on the thread know the deadline too and tell better what they waited for."""

_PARTING_SECONDS = 5.0


class ScenarioRunner:
    """Every method is called from outside the session's thread and waits for its answer."""

    def __init__(
        self,
        session: ScenarioSession,
        opening: Opening,
        recorder: Recorder,
        deadline: Deadline,
        *,
        kept: bool = False,
    ) -> None:
        """A session that is `kept` goes on to another run; any other ends with this one."""
        self._session = session
        self._opening = opening
        self._recorder = recorder
        self._deadline = deadline
        self._kept = kept

    def start(self) -> None:
        """Until the scenarios are collected and the employee is there; raises what went wrong."""
        self._answer(self._session.start())
        self._answer(self._session.admit(self._opening, self._recorder))

    def do(self, task: Callable[[Employee], T]) -> T:
        """Do something as the employee between sections, on this thread; raises what it raises."""
        return self._call(lambda: self._session.do(task))

    def section(self, number: int, act: Act) -> None:
        """Perform one section by its scenario for this act, or else by the guide's own; the
        recorder knows how it ended."""
        self._call(lambda: self._session.section(number, act))

    def stop(self) -> None:
        """Close what was opened for this run, the session too when nobody keeps it; nothing when
        that is done.

        A thread that a dead page holds is left behind once the deadline has passed: it ends with
        the process.
        """
        thread = self._session.thread
        if not thread.alive:
            return
        parting = self._session.part()
        if self._kept:
            wait([parting], self._deadline.left + _PARTING_SECONDS)
            return
        thread.end()
        thread.join(self._deadline.left + _PARTING_SECONDS)

    def _call(self, ask: Callable[[], Future[T]]) -> T:
        if not self._session.thread.alive:
            raise RunFailed("Запуск уже закончен. Начните новый.")
        return self._answer(ask())

    def _answer(self, answer: Future[T]) -> T:
        """Wait for the thread, not longer than the run may last: no wait of a page's own script
        has a limit. Raises DeadlinePassed."""
        try:
            return answer.result(self._deadline.left + _LATE_SECONDS)
        except TimeoutError:
            if answer.done():
                raise
            raise self._deadline.error() from None
