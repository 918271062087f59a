"""The workers of a batch as a Dask cluster: processes of this machine, or of others.

A task is sent to whoever is free and is never repeated by the cluster itself: the coordinator knows
what a repeat may do. What a worker tells on the way comes back as events of the scheduler. Of a
cluster of this machine the connections are encrypted with keys made for it alone, since who may
send a worker tasks may have it do anything; for the same reason one of other machines is spoken to
by TLS only, with certificates that Dask's own settings name.
"""

from __future__ import annotations

import logging
import platform
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import version
from typing import Any
from urllib.parse import urlsplit

import dask
from distributed import Client, LocalCluster, WorkerPlugin, get_worker
from distributed.scheduler import KilledWorker

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import NotSealed, RunbookError, RunFailed, UsageError
from sigex_runbook.core.verdict import SAVED_WORDS, Saved
from sigex_runbook.evidence.report.origin import program_digest
from sigex_runbook.run.progress import Stage
from sigex_runbook.run.result import Result

from .inbox import Inbox
from .pool import Taken, Task, Told, WorkerDied
from .state import Phase
from .worker import Equipment, perform_here

_TOLD = "sigex-runbook-told"
_DEAF = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
"""Ctrl-C reaches every process of a terminal; it is the coordinator's."""

_OWN_PORT = "127.0.0.1:0"
"""Scheduler and workers have a page each, asked for or not: of this machine alone."""

SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.work-stealing": False,
    "distributed.worker.profile.enabled": False,  # stacks, a hundred times a second
    "distributed.worker.daemon": False,  # its browser's driver is a process of its own
    "distributed.worker.preload": [_DEAF],
    "distributed.comm.timeouts.connect": "30s",
}
"""Dask's, while a batch has a cluster."""


class Fleet:
    """A pool whose workers are a Dask cluster's; with an `inbox` they hand in what is sealed
    here."""

    def __init__(self, client: Client, equipment: Equipment, inbox: Inbox | None = None) -> None:
        self._client = client
        self._equipment = equipment
        self._inbox = inbox
        self._tells: dict[str, Callable[[Told], object]] = {}
        client.subscribe_topic(_TOLD, self._hear)

    @property
    def slots(self) -> int:
        """The workers that are there now."""
        return len(self._client.scheduler_info(n_workers=-1)["workers"])

    @property
    def dashboard(self) -> str:
        """Where a browser sees what the workers do."""
        return str(self._client.dashboard_link)

    def submit(self, task: Task, tell: Callable[[Told], object]) -> Future[Result]:
        """Perform a task; see `Pool`."""
        if self._client.status != "running":
            raise RunFailed(
                "Кластер исполнителей не отвечает. Проверьте его и продолжите с --resume."
            )
        self._tells[task.run_id] = tell
        before = self._inbox.before() if self._inbox else None
        answer: Future[Result] = Future()
        asked = self._client.submit(
            _perform, self._equipment, task, before, key=f"order-{task.run_id}", pure=False
        )

        def ended(done: Any) -> None:
            try:
                answer.set_result(self._result(task, tell, done))
            except BaseException as error:  # else the order would never end
                answer.set_exception(error)
                raise
            finally:
                self._tells.pop(task.run_id, None)

        asked.add_done_callback(ended)
        return answer

    def _result(self, task: Task, tell: Callable[[Told], object], done: Any) -> Result:
        """On Dask's one thread for this. Raises what kept the order from its result."""
        error = done.exception() if done.status == "error" else None
        if error is not None and not isinstance(error, KilledWorker):
            raise error
        if done.status != "finished":
            raise WorkerDied("")
        told: Result | str = done.result()
        if isinstance(told, Result):
            return told
        result = self._inbox.take(task, tell, digest=told) if self._inbox else None
        if result is None:
            raise NotSealed(
                "Исполнитель сдал собранное, но в хранилище его нет. Проверьте, что --store у всех "
                f"один и тот же. {SAVED_WORDS[Saved.UNKNOWN]}",
                saved=Saved.UNKNOWN,
            )
        return result

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


def _perform(equipment: Equipment, task: Task, before: tuple[int, str] | None) -> Result | str:
    """On a worker."""
    worker = get_worker()

    def tell(told: Told) -> None:
        text = told.to_text() if isinstance(told, Stage) else getattr(told, "worker", told)
        event = {"run": task.run_id, "kind": type(told).__name__, "text": str(text)}
        with suppress(OSError):
            worker.log_event(_TOLD, event)

    return perform_here(equipment, task, str(worker.name), tell, before)


@contextmanager
def fleet_here(equipment: Equipment, workers: int) -> Iterator[Fleet]:
    """So many worker processes on this machine."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the events tell it
    with dask.config.set(SETTINGS), ExitStack() as leaving:
        try:
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                security=True,
                memory_limit=0,
                dashboard_address=_OWN_PORT,
                worker_dashboard_address=_OWN_PORT,
                silence_logs=logging.CRITICAL,  # of workers: they print folders of this machine
            )
            leaving.enter_context(cluster)
            client = leaving.enter_context(Client(cluster))
        except Exception as error:  # of a library that passes on what others raised
            raise RunFailed(
                f"Исполнители не запустились ({why(error)}). Проверьте память и место на диске и "
                "продолжите с --resume: ни один заказ не начат."
            ) from error
        yield Fleet(client, equipment)


_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
JOINING_SECONDS = 30.0
"""How long a cluster is waited for."""
_GLANCE_SECONDS = 1.0


class SameProgram(WorkerPlugin):
    """Keeps from a cluster whoever would not do as its coordinator does."""

    name = "sigex-runbook"

    def __init__(self) -> None:
        self.about = _about()

    def setup(self, worker: Any) -> None:
        """On each worker, also on one that joins later. Raises UsageError."""
        if worker.state.nthreads != 1:
            raise UsageError(
                f"У исполнителя {worker.name} несколько потоков, а браузер у процесса один. "
                "Запустите его с --nthreads 1."
            )
        mine = _about()
        for what, ours in self.about.items():
            if mine[what] != ours:
                raise UsageError(
                    f"У исполнителя {worker.name} другая версия: {what} {mine[what]}, а нужна "
                    f"{ours}. Установите на всех машинах одно и то же и перезапустите кластер."
                )


def _about() -> dict[str, str]:
    """The versions that must be the same everywhere."""
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "dask": version("dask"),
        "distributed": version("distributed"),
        "sigex-runbook": f"{version('sigex-runbook')} ({program_digest()[:12]})",
    }


def _never_repeat(dask_scheduler: Any) -> None:
    """On the scheduler."""
    dask_scheduler.allowed_failures = 0


def _busy(dask_worker: Any) -> bool:
    """On a worker, beside what it performs."""
    return bool(dask_worker.state.executing)


def check_scheduler(address: str) -> None:
    """Whoever reads the connection could send tasks of their own. Raises UsageError."""
    parts = urlsplit(address)
    local = parts.hostname in _OWN_MACHINE
    if parts.scheme == "tls" or (parts.scheme == "tcp" and local):
        return
    raise UsageError(
        f"--scheduler {address} не подходит: нужен tls://УЗЕЛ:ПОРТ (tcp:// — только на этой "
        "машине). Кто может послать исполнителю задание, получит и его ключи; как сделать "
        "сертификаты, сказано в docs/cluster.md."
    )


@contextmanager
def fleet_at(address: str, equipment: Equipment, inbox: Inbox) -> Iterator[Fleet]:
    """The workers of a cluster that somebody has started; `equipment` is for workers of other
    machines. What an earlier batch left under way there is waited for.

    Raises UsageError when there is none, or when its workers are not fit for it.
    """
    check_scheduler(address)
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the events tell it
    with dask.config.set(SETTINGS):
        try:
            client = Client(address, timeout=JOINING_SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            raise UsageError(
                f"Планировщик {address} не отвечает. Проверьте адрес, запущен ли он и верны ли "
                "сертификаты (настройки Dask distributed.comm.tls), и продолжите с --resume: ни "
                "один заказ не начат."
            ) from error
        with client:
            _make_fit(client, address, equipment.deadline_seconds)
            try:
                yield Fleet(client, equipment, inbox)
            finally:
                if client.status == "running":  # one that is gone remembers nothing
                    with suppress(Exception):
                        client.unregister_worker_plugin(SameProgram.name)


def _make_fit(client: Client, address: str, patience_seconds: float) -> None:
    try:
        client.wait_for_workers(1, timeout=JOINING_SECONDS)
        client.run_on_scheduler(_never_repeat)
        client.register_plugin(SameProgram())
        until = time.monotonic() + patience_seconds
        while any(client.run(_busy).values()):
            if time.monotonic() > until:
                raise UsageError(
                    f"Исполнители {address} заняты другим запуском. Дождитесь его или остановите и "
                    "продолжите с --resume: ни один заказ не начат."
                )
            time.sleep(_GLANCE_SECONDS)
    except RunbookError:
        raise
    except Exception as error:  # of a library that passes on what others raised
        told = "исполнителей нет" if isinstance(error, TimeoutError) else "он работает не так"
        raise UsageError(
            f"Кластер {address} не годится: {told}. Запустите планировщик и исполнителей той же "
            "версией программы (docs/cluster.md) и продолжите с --resume: ни один заказ не начат."
        ) from error
