"""What a run comes to: its result, also when a signal ended it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sigex_runbook.core.verdict import Saved, Verdict, VerdictKind

from .signals import Interrupted

EXIT_CODES = {VerdictKind.PASSED: 0, VerdictKind.FAILED: 1, VerdictKind.PARTIAL: 3}


@dataclass(frozen=True, slots=True)
class Result:
    """One order's outcome; `pack` is the sealed pack's folder, `target` the address of the service.
    `unstamped` says why it has no time-stamp, None when it has one."""

    organisation_bin: str
    verdict: Verdict
    nothing_to_do: bool
    pack: Path
    target: str
    unstamped: str | None
    saved: Saved = Saved.NO

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 partial."""
        return EXIT_CODES[self.verdict.kind]


class RunInterrupted(Interrupted):
    """A signal ended a run; its pack is sealed all the same, and `result` tells of it."""

    def __init__(self, number: int, result: Result) -> None:
        super().__init__(number)
        self.result = result
