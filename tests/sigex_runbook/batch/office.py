"""A batch without workers: what becomes of each task is written down beforehand, and time passes
only when one waits."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sigex_runbook.batch.coordinator import Batch, Bell, Clock
from sigex_runbook.batch.courtesy import Courtesy, Pace
from sigex_runbook.batch.pool import Taken, Task, Told
from sigex_runbook.batch.simulation import TARGET, result_of
from sigex_runbook.batch.state import BatchState, Phase, batch_state
from sigex_runbook.core.verdict import Saved, Verdict, VerdictKind
from sigex_runbook.run.campaign import Named
from sigex_runbook.run.result import Result
from sigex_runbook.run.signals import Interruptions
from tests.builders import make_order

CAMPAIGN = "весна"
BEGINNING = datetime(2026, 11, 30, 12, tzinfo=UTC)

Fate = BaseException | Verdict
"""What a task comes to instead of a success."""


def orders_of(folder: Path, *numbers: str) -> list[Named]:
    """Orders of these organisations, by their numbers' names."""
    return [
        (f"{place}.yaml", make_order(folder, organisation={"bin": number}))
        for place, number in enumerate(numbers, 1)
    ]


def failed(reason: str, section: int | None = None) -> Verdict:
    return Verdict(VerdictKind.FAILED, (reason,), section)


@dataclass
class Office:
    """The pool, the clock and the way to what was begun earlier, all in one."""

    outputs: Path
    slots: int = 2
    fates: dict[str, deque[Fate]] = field(default_factory=dict)
    now: datetime = BEGINNING
    submitted: list[str] = field(default_factory=list)
    begun_at: list[float] = field(default_factory=list)
    most: int = 0
    saved: Saved = Saved.NO
    """What a run that ends with another verdict has done."""
    found: dict[str, Result] = field(default_factory=dict)
    signals: deque[int] = field(default_factory=deque)
    _pending: deque[tuple[Task, Callable[[Told], object], Future[Result]]] = field(
        default_factory=deque
    )

    def fate(self, name: str, *fates: Fate) -> None:
        self.fates[name] = deque(fates)

    def submit(self, task: Task, tell: Callable[[Told], object]) -> Future[Result]:
        done: Future[Result] = Future()
        self._pending.append((task, tell, done))
        self.submitted.append(task.name)
        self.begun_at.append((self.now - BEGINNING).total_seconds())
        self.most = max(self.most, len(self._pending))
        return done

    def wait(self, _: Bell, seconds: float) -> None:
        """A signal comes, or the oldest task ends; with none under way, time passes."""
        if self.signals:
            signal.raise_signal(self.signals.popleft())
        if self._pending:
            self._finish(*self._pending.popleft())
        else:
            self.now += timedelta(seconds=seconds)

    def _finish(self, task: Task, tell: Callable[[Told], object], done: Future[Result]) -> None:
        tell(Taken("w1"))
        result = result_of(task, self.outputs)
        fates = self.fates.get(task.name)
        match fates.popleft() if fates else None:
            case CancelledError():
                done.cancel()
            case BaseException() as error:
                done.set_exception(error)
            case Verdict() as verdict:
                done.set_result(replace(result, verdict=verdict, saved=self.saved))
            case None:
                tell(Phase.SAVED)
                tell(Phase.SEALED)
                done.set_result(result)

    def look(self, task: Task) -> Result | None:
        return self.found.get(task.name)

    def batch(
        self,
        state: BatchState,
        courtesy: Courtesy | None = None,
        interruptions: Interruptions | None = None,
    ) -> Batch:
        return Batch(
            state,
            self,
            Pace(courtesy or Courtesy.towards(TARGET)),
            outputs=self.outputs,
            target=TARGET,
            found=self.look,
            interruptions=interruptions,
            clock=Clock(lambda: self.now, self.wait),
        )


@contextmanager
def kept(outputs: Path, orders: list[Named], *, resume: bool = False) -> Iterator[BatchState]:
    """The state of a batch of these orders."""
    with batch_state(outputs, CAMPAIGN, "digest", orders, resume=resume) as state:
        yield state


def phases(state: BatchState) -> dict[str, Phase]:
    return {one.order: one.phase for one in state.standings}
