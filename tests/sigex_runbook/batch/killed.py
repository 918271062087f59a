"""A batch that is killed with SIGKILL again and again, its workers too. Started by a test, as a
process:

    python -m tests.sigex_runbook.batch.killed FOLDER SEED

It goes on until a coordinator comes to the end, and prints how many were killed. FOLDER/service
stands for the service: a line for each save, written by the workers and by nothing of ours.
"""

from __future__ import annotations

import json
import os
import queue
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from sigex_runbook.batch.coordinator import Batch
from sigex_runbook.batch.courtesy import Courtesy, Pace
from sigex_runbook.batch.pool import Taken, Task, Told, WorkerDied, claimed
from sigex_runbook.batch.simulation import TARGET, result_of, simulated_orders
from sigex_runbook.batch.state import FOLDER, Phase, batch_state
from sigex_runbook.run.result import Result

ORDERS = simulated_orders(200)
CAMPAIGN = "simulation"
_SLOTS, _SPARES = 4, 12
_LONGEST_LIFE = 120
_DEATHS = 0.004
"""Of a worker at any moment."""
_CHANCE = random.Random()  # noqa: S311 - no secret
_SLOW, _PATIENCE, _BLINK_SECONDS = 0.1, 40, 0.005


def perform(
    task: Task, outputs: Path, tell: Callable[[object], None], moment: Callable[[], None]
) -> None:
    """What a worker does of an order: read, save what is not there yet, seal, place."""
    number = task.order.organisation.bin
    service = outputs.parent / "service"
    pack = result_of(task, outputs).pack
    with claimed(outputs, number, 60):
        tell(Taken(str(os.getpid())))
        moment()
        there = number.text in service.read_text(encoding="ascii").split()
        moment()
        linger(task, outputs)
        if not there:
            handle = os.open(service, os.O_WRONLY | os.O_APPEND)
            os.write(handle, f"{number}\n".encode("ascii"))
            os.close(handle)
        moment()
        tell(Phase.SAVED)
        draft = pack.with_name(f"{pack.name}.partial")
        draft.mkdir(parents=True)
        moment()
        tell(Phase.SEALED)
        draft.rename(pack)
        moment()


def linger(task: Task, outputs: Path) -> None:
    """A slow service, now and then: long enough for the coordinator to be killed. Its orphan then
    saves at the worst moment: when the next coordinator has begun the same order."""
    if _CHANCE.random() > _SLOW:
        return
    parent, state = os.getppid(), outputs / FOLDER / f"{CAMPAIGN}.jsonl"
    number = task.order.organisation.bin.text.encode("ascii")
    for _ in range(_PATIENCE):
        time.sleep(_BLINK_SECONDS)
        if os.getppid() != parent:
            break
    else:
        return
    for _ in range(_PATIENCE):
        time.sleep(_BLINK_SECONDS)
        last = [line for line in state.read_bytes().splitlines() if number in line][-1]
        if task.run_id.encode("ascii") not in last:
            break
    time.sleep(_BLINK_SECONDS)


def work(line: Connection, outputs: Path, moment: Callable[[], None]) -> None:
    """A worker's life. What it has begun it ends, whether or not anybody is left to hear of it."""
    alone = False

    def tell(told: object) -> None:
        nonlocal alone
        try:
            line.send(told)
        except OSError:
            alone = True

    while not alone:
        try:
            task = line.recv()
        except (EOFError, OSError):
            return
        perform(task, outputs, tell, moment)
        tell(None)


class Forked:
    """A pool of processes, all of them made before there are threads."""

    slots = _SLOTS

    def __init__(self, outputs: Path, moment: Callable[[], None]) -> None:
        self._outputs = outputs
        self._free: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        lines: list[Connection] = []
        for _ in range(_SLOTS + _SPARES):
            ours, theirs = Pipe()
            lines.append(ours)
            if os.fork() == 0:
                for line in lines:
                    line.close()
                work(theirs, outputs, moment)
                os._exit(0)
            theirs.close()
            self._free.put(ours)

    def submit(self, task: Task, tell: Callable[[Told], object]) -> Future[Result]:
        done: Future[Result] = Future()
        threading.Thread(target=self._serve, args=(task, tell, done), daemon=True).start()
        return done

    def _serve(self, task: Task, tell: Callable[[Told], object], done: Future[Result]) -> None:
        line = self._free.get()
        try:
            line.send(task)
            while (told := line.recv()) is not None:
                tell(told)
        except (EOFError, OSError):
            done.set_exception(WorkerDied("gone"))
        else:
            self._free.put(line)
            done.set_result(result_of(task, self._outputs))


def coordinate(outputs: Path, moment: Callable[[], None], *, resume: bool) -> None:
    pool = Forked(outputs, moment)

    def found(task: Task) -> Result | None:
        result = result_of(task, outputs)
        return result if result.pack.exists() else None

    with batch_state(outputs, CAMPAIGN, "digest", ORDERS, resume=resume) as state:
        pace = Pace(Courtesy.towards(TARGET))
        batch = Batch(state, pool, pace, outputs=outputs, target=TARGET, found=found)
        for _ in batch.carry_out(ORDERS):
            moment()


def one_life(outputs: Path, seed: int, life: int, *, resume: bool) -> int:
    """A coordinator that is killed after so many moments; gives what became of it."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        first = os.getpid()

        def moment() -> None:
            with suppress(OSError):  # of an orphan nobody reads it any more
                os.write(write, b".")
            if _CHANCE.random() < _DEATHS and os.getpid() != first:
                os.kill(os.getpid(), signal.SIGKILL)

        os.register_at_fork(after_in_child=lambda: _CHANCE.seed(f"{seed} {os.getpid()}"))
        coordinate(outputs, moment, resume=resume)
        os._exit(0)
    os.close(write)
    left = life
    while left and (ticks := os.read(read, left)):
        left -= len(ticks)
    if not left:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    os.close(read)
    return status


def main(folder: Path, seed: int) -> None:
    _CHANCE.seed(seed)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    outputs = folder / "outputs"
    outputs.mkdir()
    (folder / "service").touch()
    kills, resume = 0, False
    while status := one_life(outputs, seed, _CHANCE.randint(1, _LONGEST_LIFE), resume=resume):
        assert os.WIFSIGNALED(status), status
        kills += 1
        resume = (outputs / ".batch" / f"{CAMPAIGN}.jsonl").exists()
    sys.stdout.write(json.dumps({"kills": kills}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
