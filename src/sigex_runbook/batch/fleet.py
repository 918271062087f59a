"""The workers of a batch as a Dask cluster: processes of this machine, or of others.

A task is sent to whoever is free and is never repeated by the cluster itself: the coordinator knows
what a repeat may do. What a worker tells on the way comes back as events of the scheduler. Of a
cluster of this machine the connections are encrypted with keys made for it alone, since who may
send a worker tasks may have it do anything.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

import dask
from distributed import Client, LocalCluster, get_worker
from distributed.scheduler import KilledWorker

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.run.progress import Stage
from sigex_runbook.run.result import Result

from .pool import Taken, Task, Told, WorkerDied
from .state import Phase
from .worker import Equipment, perform_here

_TOLD = "sigex-runbook-told"
_DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Ctrl-C reaches every process of a terminal; it is the coordinator's."""

_SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.daemon": False,  # its browser's driver is a process of its own
    "distributed.worker.preload": [_DEAF],
    "distributed.comm.timeouts.connect": "30s",
}


class Fleet:
    """A pool whose workers are a Dask cluster's."""

    def __init__(self, client: Client, equipment: Equipment) -> None:
        self._client = client
        self._equipment = equipment
        self._tells: dict[str, Callable[[Told], object]] = {}
        client.subscribe_topic(_TOLD, self._hear)

    @property
    def slots(self) -> int:
        """The workers that are there now."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    def submit(self, task: Task, tell: Callable[[Told], object]) -> Future[Result]:
        """Perform a task; see `Pool`."""
        if self._client.status != "running":
            raise RunFailed(
                "Кластер исполнителей не отвечает. Проверьте его и продолжите с --resume."
            )
        self._tells[task.run_id] = tell
        answer: Future[Result] = Future()
        asked = self._client.submit(
            _perform, self._equipment, task, key=f"order-{task.run_id}", pure=False
        )

        def ended(done: Any) -> None:
            self._tells.pop(task.run_id, None)
            error = done.exception() if done.status == "error" else None
            if done.status == "finished":
                answer.set_result(done.result())
            elif error is None or isinstance(error, KilledWorker):
                answer.set_exception(WorkerDied(""))
            else:
                answer.set_exception(error)

        asked.add_done_callback(ended)
        return answer

    def _hear(self, event: tuple[float, dict[str, str]]) -> None:
        _, told = event
        tell = self._tells.get(told["run"])
        if tell is not None:
            tell(_KINDS[told["kind"]](told["text"]))


_KINDS: dict[str, Callable[[str], Told]] = {
    Taken.__name__: Taken,
    Stage.__name__: Stage.read,
    Phase.__name__: Phase,
}


def _perform(equipment: Equipment, task: Task) -> Result:
    """On a worker."""
    worker = get_worker()

    def tell(told: Told) -> None:
        text = told.to_text() if isinstance(told, Stage) else getattr(told, "worker", told)
        event = {"run": task.run_id, "kind": type(told).__name__, "text": str(text)}
        with suppress(OSError):
            worker.log_event(_TOLD, event)

    return perform_here(equipment, task, str(worker.name), tell)


@contextmanager
def fleet_here(equipment: Equipment, workers: int) -> Iterator[Fleet]:
    """So many worker processes on this machine."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the events tell it
    with (
        dask.config.set(_SETTINGS),
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            security=True,
            memory_limit=0,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,  # of workers, who would print folders of this machine
        ) as cluster,
        Client(cluster) as client,
    ):
        yield Fleet(client, equipment)
