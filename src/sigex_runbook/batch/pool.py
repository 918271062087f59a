"""Who performs the orders of a batch: workers, given from outside, on this machine or on others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.order import Order
from sigex_runbook.core.organisation import Bin
from sigex_runbook.evidence.pack.disk import PRIVATE_FOLDER
from sigex_runbook.run.progress import Stage
from sigex_runbook.run.result import Result

from .state import FOLDER, Phase


@dataclass(frozen=True, slots=True)
class Task:
    """One order to be performed once, under the run's name that its pack shall have."""

    name: str
    order: Order
    run_id: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A worker has begun with the task."""

    worker: str


Told = Taken | Stage | Phase
"""What a worker tells on the way: that it has the task, where it is, and that the settings are
`Phase.SAVED` or the pack `Phase.SEALED`."""


class WorkerDied(RunFailed):
    """A worker is gone with the task that it had; what it did of it, nobody can say."""


class Pool(Protocol):
    """Workers. A future holds the result of a run whose pack is in its place, or raises WorkerDied
    (BrokenExecutor will do), or why there is no pack: UsageError when nothing was touched. Workers
    are deaf to Ctrl-C: it is for the coordinator, who lets them end."""

    @property
    def slots(self) -> int:
        """How many tasks can be under way at once, now."""
        ...

    def submit(self, task: Task, tell: Callable[[Told], object]) -> Future[Result]:
        """Perform a task; `tell` may be called on any thread. Raises RunbookError when no worker
        is left and none will come."""
        ...


@contextmanager
def claimed(outputs: Path, organisation: Bin, patience_seconds: float) -> Iterator[None]:
    """In here no other process of this machine performs an order of the organisation: one whose
    coordinator was killed may still be at it, and two who read before either saves would both save.

    For workers. Raises RunFailed when the other does not come to its end in time.
    """
    folder = outputs / FOLDER / "claims"
    folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    claim = FileLock(folder / f"{organisation}.lock", timeout=patience_seconds)
    try:
        claim.acquire()
    except Timeout:
        raise RunFailed(
            f"С организацией {organisation} уже работает другой запуск этой программы, и за "
            f"{patience_seconds:g} с он не закончил. Дождитесь его и продолжите с --resume."
        ) from None
    try:
        yield
    finally:
        claim.release()
