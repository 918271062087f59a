"""Those who are measured: the floor, a batch, a loop of papermill, Robot Framework, one run.

Each gets the same organisations in the same state and folders of its own; what it did is looked at
afterwards in the emulator.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from tempfile import TemporaryDirectory

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.project import find_project
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.pack.layout import EVIDENCE, REPORT_PDF

from . import robot
from .figures import Attempt, middle, steady
from .ground import Ground, Job, write_jobs
from .processes import Spent, spend

CONTEXTS = 4
"""Of the floor: organisations at a time in its one browser."""

_ONE_TIMES = 3
"""One organisation takes seconds: so often in each round."""

_CALLOUTS = 13
_CAMPAIGN = "bench"


@dataclass(frozen=True, slots=True)
class Measured:
    """An attempt, and what it was made of."""

    attempt: Attempt
    spent: Spent
    ended: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Contestant:
    """Somebody to be measured; `perform` is given the ground, the jobs and an empty folder."""

    name: str
    perform: Callable[[Ground, Sequence[Job], Path], Measured]
    one: bool = False
    """Whether it is about one organisation at a time."""

    def measure(self, ground: Ground, jobs: Sequence[Job]) -> Measured:
        """Let it work, and look whether it did. Raises RunFailed."""
        if not self.one:
            return self._once(ground, jobs)
        times = [self._once(ground, [job]) for job in jobs[:_ONE_TIMES]]
        return Measured(middle([one.attempt for one in times]), times[0].spent)

    def _once(self, ground: Ground, jobs: Sequence[Job]) -> Measured:
        ground.reset()
        with TemporaryDirectory(prefix="sigex-runbook-bench-") as folder:
            measured = self.perform(ground, jobs, Path(folder))
        ground.check(jobs)
        return measured


def contestants(
    only: Sequence[str], workers: Sequence[int], pabots: Sequence[int]
) -> Iterator[Contestant]:
    """Those of the kinds that are wanted, in the order in which they take turns."""
    if "floor" in only:
        yield Contestant(f"граница 1x{CONTEXTS}", _floor(CONTEXTS))
    if "batch" in only:
        for number in workers:
            yield batch(number)
    if "naive" in only:
        yield Contestant("papermill", _naive)
    if "robot" in only:
        for number in pabots:
            yield Contestant(f"robot, pabot {number}", _robot(number))
    if "run" in only:
        yield Contestant("граница 1x1", _floor(1), one=True)
        yield Contestant("run", _run, one=True)


def batch(workers: int) -> Contestant:
    """Our own, with so many workers."""

    def perform(ground: Ground, jobs: Sequence[Job], folder: Path) -> Measured:
        ground.orders(folder / "orders", jobs)
        command = [*_ours("batch"), str(folder / "orders"), *ground.service]
        command += ["--campaign", _CAMPAIGN, "--outputs", str(folder / "outputs"), "--json"]
        spent = spend([*command, "--workers", str(workers)])
        ended = tuple(at for at, line in spent.said if json.loads(line).get("verdict") == "PASSED")
        _sealed(folder, jobs)
        name = f"партия, исполнителей {workers}"
        return _measured(name, spent, len(jobs), each=steady(ended, workers), ended=ended)

    return Contestant(f"партия, исполнителей {workers}", perform)


def _floor(contexts: int) -> Callable[[Ground, Sequence[Job], Path], Measured]:
    """Its seconds are those of the work alone, without the start of an interpreter."""

    def perform(ground: Ground, jobs: Sequence[Job], folder: Path) -> Measured:
        given = write_jobs(folder / "jobs.json", jobs)
        command = [sys.executable, "-m", "sigex_runbook.trials.bench.floor", ground.address]
        spent = spend([*command, str(ground.ca), str(given), str(folder), str(contexts)])
        _pictured(folder, jobs)
        told = json.loads(spent.said[-1][1])
        each = steady(told["ended"], contexts)
        name = f"граница 1x{contexts}"
        return _measured(name, spent, len(jobs), seconds=told["seconds"], each=each)

    return perform


def _naive(ground: Ground, jobs: Sequence[Job], folder: Path) -> Measured:
    """For each order papermill with the plain notebook, then nbconvert, as anybody would."""
    notebook, commands = find_project().notebook, list[list[str]]()
    service = [("target", ground.address), ("mtls_target", ground.mtls_address)]
    service += [("ca", str(ground.ca)), ("outputs", str(folder / "outputs"))]
    for order in ground.orders(folder / "orders", jobs):
        executed = str(folder / f"{order.stem}.ipynb")
        given = [("order", str(order)), *service, ("campaign", _CAMPAIGN)]
        words = [word for name, value in given for word in ("-r", name, value)]
        quiet = ["--no-progress-bar", "--log-level", "ERROR"]
        commands += [
            [sys.executable, "-m", "papermill", *quiet, str(notebook), executed, *words],
            [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level", "ERROR", executed],
        ]
    spent = reduce(add, map(spend, commands))
    _sealed(folder, jobs)
    return _measured("papermill", spent, len(jobs))


def _robot(processes: int) -> Callable[[Ground, Sequence[Job], Path], Measured]:
    def perform(ground: Ground, jobs: Sequence[Job], folder: Path) -> Measured:
        spent = spend(robot.command(ground.address, ground.ca, jobs, folder, processes))
        _pictured(folder, jobs)
        return _measured(f"robot, pabot {processes}", spent, len(jobs))

    return perform


def _run(ground: Ground, jobs: Sequence[Job], folder: Path) -> Measured:
    orders = [str(order) for order in ground.orders(folder / "orders", jobs)]
    outputs = ["--campaign", _CAMPAIGN, "--outputs", str(folder / "outputs")]
    spent = spend([*_ours("run"), *orders, *ground.service, *outputs])
    _sealed(folder, jobs)
    return _measured("run", spent, len(jobs))


def _pictured(folder: Path, jobs: Sequence[Job]) -> None:
    """Raises RunFailed unless each callout has its picture."""
    _found(folder, "**/*.png", _CALLOUTS * len(jobs))


def _sealed(folder: Path, jobs: Sequence[Job]) -> None:
    """Raises RunFailed unless each organisation has a sealed pack with a PDF."""
    for name in (f"{EVIDENCE}/{REPORT_PDF}", ATTESTATION):
        _found(folder, f"outputs/{_CAMPAIGN}/*/*/{name}", len(jobs))


def _found(folder: Path, pattern: str, wanted: int) -> None:
    found = len(list(folder.glob(pattern)))
    if found != wanted:
        raise RunFailed(f"Измерять нечего: файлов {pattern} — {found}, а должно быть {wanted}.")


def _ours(verb: str) -> list[str]:
    return [sys.executable, "-m", "sigex_runbook", verb]


def _measured(
    name: str,
    spent: Spent,
    organisations: int,
    *,
    seconds: float | None = None,
    each: float | None = None,
    ended: tuple[float, ...] = (),
) -> Measured:
    attempt = Attempt(
        name,
        organisations,
        (spent.seconds if seconds is None else seconds) / organisations,
        each,
        spent.processor / organisations,
        {kind: used / organisations for kind, used in spent.by_kind.items()},
        spent.peak,
    )
    return Measured(attempt, spent, ended)
