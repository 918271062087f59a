"""What a command costs: its time, the processor and memory of all its processes, by their kinds.

By kinds the processor is looked up several times a second, so the last moments of a process that
ends are in no kind; but a page's are, which its browser's zygote has counted. The sum is what the
system counted for the command and all that it waited for where that is more.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from sigex_runbook.core.errors import EnvironmentMissing, RunFailed

if sys.platform == "win32":
    raise EnvironmentMissing("Измерять умеют только Linux и macOS: повторите там.")
try:
    import psutil
except ImportError as error:
    raise EnvironmentMissing(
        "Для измерения нужен пакет psutil: поставьте программу с [dev]."
    ) from error

UNSEEN = "не увидено"
_ZYGOTE = "--type=zygote"
_LOOK_SECONDS = 0.25
_MEGABYTE = 1024 * 1024
_TYPES = {"renderer": "страница", "gpu-process": "GPU"}


def kind_of(words: Sequence[str], *, first: bool) -> str:
    """What kind of process a command line is of; `first` is the measured command itself."""
    line = " ".join(words)
    for sort, kind in _TYPES.items():
        if f"--type={sort}" in line:
            return kind
    if "chrom" in line.partition(" ")[0] or "headless_shell" in line.partition(" ")[0]:
        return "браузер"
    if "run-driver" in line or "node" in line.partition(" ")[0]:
        return "драйвер"
    return "команда" if first else "исполнитель"


@dataclass
class Spent:
    """Seconds by the clock and of the processor; megabytes at moments; lines with their moments."""

    seconds: float = 0.0
    processor: float = 0.0
    by_kind: dict[str, float] = field(default_factory=dict)
    memory: list[tuple[float, float]] = field(default_factory=list)
    said: list[tuple[float, str]] = field(default_factory=list)

    @property
    def peak(self) -> float:
        """The most memory of all its processes together."""
        return max((megabytes for _, megabytes in self.memory), default=0.0)

    def __add__(self, later: Spent) -> Spent:
        """Both, one after the other."""
        kinds = self.by_kind.keys() | later.by_kind.keys()
        return Spent(
            self.seconds + later.seconds,
            self.processor + later.processor,
            {one: self.by_kind.get(one, 0.0) + later.by_kind.get(one, 0.0) for one in kinds},
            [*self.memory, *((self.seconds + at, size) for at, size in later.memory)],
            [*self.said, *((self.seconds + at, line) for at, line in later.said)],
        )


def spend(command: Sequence[str]) -> Spent:
    """Perform a command and count. Raises RunFailed when it fails: what is broken is not fast."""
    spent = Spent()
    started = time.perf_counter()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints,
        subprocess.Popen(  # noqa: S603 - contestants are our own and those we installed
            command, stdout=subprocess.PIPE, stderr=complaints, text=True, encoding="utf-8"
        ) as process,
    ):
        looking = _Looking(process.pid, spent)
        looking.start()
        assert process.stdout is not None  # noqa: S101
        for line in process.stdout:
            spent.said.append((time.perf_counter() - started, line.rstrip("\n")))
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        spent.seconds = time.perf_counter() - started
        looking.end()
        complaints.seek(0)
        if process.returncode != 0:
            last = "\n".join([*(line for _, line in spent.said[-15:]), complaints.read()[-1000:]])
            raise RunFailed(f"Измерять нечего: {' '.join(command[:4])} … не справился. {last}")
    spent.processor = max(used.ru_utime + used.ru_stime, sum(spent.by_kind.values()))
    spent.by_kind[UNSEEN] = spent.processor - sum(spent.by_kind.values())
    return spent


class _Looking(threading.Thread):
    """Looks at a command's processes until told to end."""

    def __init__(self, process: int, spent: Spent) -> None:
        super().__init__(daemon=True)
        self._top = psutil.Process(process)
        self._spent = spent
        self._used: dict[tuple[int, int], tuple[str, float]] = {}
        self._ended = threading.Event()

    def run(self) -> None:
        """What a process is may change: it is its parent's copy at first."""
        started = time.perf_counter()
        while not self._ended.wait(_LOOK_SECONDS):
            memory = 0
            try:
                family = [self._top, *self._top.children(recursive=True)]
            except psutil.Error:
                continue
            for one in family:
                try:
                    with one.oneshot():
                        words, parent = one.cmdline(), one.ppid()
                        used = one.cpu_times()
                        memory += one.memory_info().rss
                    kind = kind_of(words, first=one == self._top)
                    self._used[one.pid, parent] = (kind, used.user + used.system)
                    if _ZYGOTE in " ".join(words):
                        self._bury(one.pid, used.children_user + used.children_system)
                except psutil.Error:
                    continue
            self._spent.memory.append((time.perf_counter() - started, memory / _MEGABYTE))

    def _bury(self, zygote: int, used: float) -> None:
        """A browser's zygote knows in full what its pages that are gone have used."""
        for page in [
            one for one in self._used if one[1] == zygote and not psutil.pid_exists(one[0])
        ]:
            del self._used[page]
        self._used[0, zygote] = (_TYPES["renderer"], used)

    def end(self) -> None:
        """Sum up."""
        self._ended.set()
        self.join()
        for kind, used in self._used.values():
            self._spent.by_kind[kind] = self._spent.by_kind.get(kind, 0.0) + used
