"""One run against the floor, in turn, each as a process of its own on a fresh emulator."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.order import parse_order
from sigex_runbook.run.embedded import embedded_emulator
from sigex_runbook.run.sample import sample_order


@dataclass(frozen=True, slots=True)
class Round:
    """Seconds of one round: the run's process, the floor's process, the floor's work inside it."""

    run: float
    floor_process: float
    floor: float

    @property
    def ratio(self) -> float:
        """The run over the floor's bare work: the harder of the two comparisons."""
        return self.run / self.floor


@dataclass(frozen=True, slots=True)
class Measure:
    """All rounds with their medians."""

    rounds: tuple[Round, ...]

    @property
    def ratio(self) -> float:
        """Median ratio of run to floor."""
        return median(r.ratio for r in self.rounds)

    @property
    def process_ratio(self) -> float:
        """Median ratio of the two processes as wholes."""
        return median(r.run / r.floor_process for r in self.rounds)


def measure_round() -> Round:
    """Run the floor, then the runbook, each on an emulator of its own.

    Raises RunFailed when either did not do its job: a broken run is not fast.
    """
    floor_process, said = _timed(_floor_command)
    run, _ = _timed(_run_command)
    return Round(run, floor_process, float(said.split()[-1]))


def _timed(command: object) -> tuple[float, str]:
    assert callable(command)  # noqa: S101
    with embedded_emulator() as (target, places), TemporaryDirectory() as folder:
        arguments = command(target.address, target.mtls_address, places["EMULATOR"], Path(folder))
        started = time.perf_counter()
        done = subprocess.run(  # noqa: S603 - our own programs
            [sys.executable, "-m", *arguments], capture_output=True, text=True, check=False
        )
        seconds = time.perf_counter() - started
    if done.returncode != 0:
        raise RunFailed(
            f"Измерять нечего: {arguments[0]} не справился. {done.stdout} {done.stderr[-500:]}"
        )
    return seconds, done.stdout


def _floor_command(address: str, _: str | None, emulator: str, folder: Path) -> list[str]:
    order = parse_order(
        sample_order(), path=Path("sample-order.yaml"), places={"EMULATOR": emulator}
    )
    key_file, password_file = order.sign_in.files
    return [
        "sigex_runbook.trials.bench.floor",
        address,
        str(Path(emulator) / "ca.pem"),
        str(key_file),
        str(password_file),
        order.information_system.description,
        str(folder),
    ]


def _run_command(address: str, mtls_address: str | None, emulator: str, folder: Path) -> list[str]:
    order = folder / "order.yaml"
    order.write_text(sample_order(Path(emulator)), encoding="utf-8")
    return [
        "sigex_runbook.cli.main",
        "run",
        str(order),
        "--target",
        address,
        "--mtls-target",
        str(mtls_address),
        "--ca",
        str(Path(emulator) / "ca.pem"),
        "--outputs",
        str(folder / "outputs"),
    ]
