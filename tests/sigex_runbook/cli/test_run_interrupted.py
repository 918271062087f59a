"""A run that is killed, interrupted or told to end leaves a pack and no process."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.commands import PROGRAM, sealed_well, write
from tests.service import Service


def descendants(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return list(psutil.Process(process.pid).children(recursive=True))


def kernel_of(family: list[psutil.Process]) -> psutil.Process:
    return next(p for p in family if "ipykernel_launcher" in " ".join(p.cmdline()))


@pytest.fixture(autouse=True)
def _signals_are_heard() -> Iterator[None]:
    """Tests started in the background or by nohup ignore signals, and a child would inherit it."""
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    hang_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, interrupt)
    signal.signal(signal.SIGHUP, hang_up)


def start_and_interrupt(
    service: Service, tmp_path: Path, blow: Callable[[subprocess.Popen[str]], None]
) -> tuple[subprocess.Popen[str], str, str, list[psutil.Process]]:
    """Start a run, strike when the employee signs in, wait; also every process it ever had."""
    struck = threading.Event()
    real = service.emulator.world.remember_sign_in

    def notice(*args: Any, **kwargs: Any) -> Any:
        struck.set()
        return real(*args, **kwargs)

    service.emulator.world.remember_sign_in = notice  # type: ignore[method-assign]
    try:
        process = subprocess.Popen(
            [
                *PROGRAM,
                "run",
                str(write(tmp_path, service.order_text())),
                *service.arguments(),
                *("--outputs", str(tmp_path / "outputs"), "--json"),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert struck.wait(100), "nobody signed in"
        family = descendants(process)
        blow(process)
        out, err = process.communicate(timeout=100)
    finally:
        service.emulator.world.remember_sign_in = real  # type: ignore[method-assign]
    return process, out, err, family


def test_a_killed_kernel_leaves_a_pack_and_no_process(service: Service, tmp_path: Path) -> None:
    process, out, _, family = start_and_interrupt(
        service, tmp_path, lambda parent: kernel_of(descendants(parent)).kill()
    )
    assert process.returncode == 1
    [result] = [json.loads(line) for line in out.splitlines()]
    assert "остановился посреди работы" in result["message"]
    pack = Path(result["pack"])
    assert sealed_well(pack)
    steps = (pack / "evidence" / "steps.ndjson").read_text("utf-8").splitlines()
    assert len(steps) == 35
    _, alive = psutil.wait_procs(family, timeout=20)
    assert [p.name() for p in alive] == []


def test_an_interrupted_run_leaves_a_pack_and_no_process(service: Service, tmp_path: Path) -> None:
    """Ctrl+C pressed twice, as people do."""

    def twice(parent: subprocess.Popen[str]) -> None:
        parent.send_signal(signal.SIGINT)
        parent.send_signal(signal.SIGINT)

    process, out, err, family = start_and_interrupt(service, tmp_path, twice)
    assert process.returncode == 130
    assert [line[:8] for line in err.splitlines()] == ["Останавл", "Прервано"]
    assert "Traceback" not in err
    [pack] = (tmp_path / "outputs" / "single" / "200240002381").iterdir()
    [result] = [json.loads(line) for line in out.splitlines()]
    assert (result["pack"], result["saved"]) == (str(pack), "no")
    assert sealed_well(pack)
    verdict = json.loads((pack / "evidence" / "run.json").read_text("utf-8"))["verdict"]
    assert verdict["kind"] == "FAILED"
    assert "прерван" in verdict["reasons"][0]
    assert "Запуск прерван" in (pack / "evidence" / "report.html").read_text("utf-8")
    _, alive = psutil.wait_procs(family, timeout=20)
    assert [p.name() for p in alive] == []


def test_an_interrupted_kernel_leaves_a_sentence_and_no_traceback(
    service: Service, tmp_path: Path
) -> None:
    process, out, err, _ = start_and_interrupt(
        service,
        tmp_path,
        lambda parent: kernel_of(descendants(parent)).send_signal(signal.SIGINT),
    )
    assert (process.returncode, err) == (1, "")
    [result] = [json.loads(line) for line in out.splitlines()]
    assert "прерван" in result["message"]
    assert sealed_well(Path(result["pack"]))
    evidence = Path(result["pack"]) / "evidence"
    for name in ("runbook.ipynb", "report.html"):
        text = re.sub(r"[0-9A-Za-z+/=]{200,}", "", (evidence / name).read_text("utf-8"))
        assert "прерван" in text
        for leak in ("KeyboardInterrupt", "Traceback", str(Path(sys.prefix).parent)):
            assert leak not in text


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_program_told_to_end_seals_its_pack_and_cleans_up(tmp_path: Path, name: str) -> None:
    number = getattr(signal, name)
    order = ("--outputs", str(tmp_path / "outputs"))
    temporary = tmp_path / f"a path {'longer ' * 12}than a socket's may be"
    temporary.mkdir()
    process = subprocess.Popen(
        [*PROGRAM, "run", *order],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=os.environ | {"TMPDIR": str(temporary)},
    )
    assert process.stdout is not None
    assert "выполняется" in process.stdout.readline()
    process.send_signal(number)
    out, err = process.communicate(timeout=100)
    assert process.returncode == 128 + number, out + err
    told = [line[:8] for line in err.splitlines() if not line.startswith(" ")]
    assert told == ["Останавл", "Прервано"], "between the lines of progress"
    [pack] = (tmp_path / "outputs" / "single" / "200240002381").iterdir()
    assert str(pack) in out
    assert sealed_well(pack)
    assert "прерван" in (pack / "evidence" / "report.html").read_text("utf-8")
    assert [path for path in temporary.iterdir() if path.name.startswith("sigex-")] == []
