"""Other programs, run without their noise and never for ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_NOT_FOUND = 127
_TIMED_OUT = 124


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended: its code and what it said."""

    code: int
    output: str

    @property
    def ok(self) -> bool:
        """It ended well."""
        return self.code == 0

    @property
    def complaint(self) -> str:
        """The one line that says best why it failed."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith(("Error:", "E: ", "error:"))]
        best = errors[0] if errors else lines[-1] if lines else f"код {self.code}"
        return best[:200]


def run_quietly(
    command: Sequence[str], *, seconds: float, environ: Mapping[str, str] | None = None
) -> Outcome:
    """Run a program to its end, or end it with all its children after `seconds`."""
    try:
        process = subprocess.Popen(  # noqa: S603 - commands are ours, never the operator's text
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environ or {})},
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        return Outcome(_NOT_FOUND, str(error))
    with process:
        try:
            output, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return Outcome(_TIMED_OUT, f"не ответила за {seconds:.0f} с")
        except BaseException:  # Ctrl-C does not reach a session of its own
            _end(process)
            raise
    return Outcome(process.returncode, output)


def _end(process: subprocess.Popen[str]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
