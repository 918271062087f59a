"""What is said while `sigex-runbook run` goes on: one live line on a terminal, a line a section in
a file or pipe, a JSON object a stage for programs. Results are said by `outcome`."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from .outcome import EVENTS, print_json

if TYPE_CHECKING:
    from rich.progress import Progress

    from sigex_runbook.run.progress import Stage

STOPPING = "Останавливаю…"


class Silence:
    """Says nothing but that it stops: a program reads the results alone.

    Its methods may be called on any thread; they never raise, since a run must not end of them.
    """

    def __init__(self) -> None:
        self._name: str | None = None
        self._number = self._of = 0
        self._since = time.monotonic()

    def begin(self, name: str, number: int, of: int) -> None:
        """An order begins: which of how many."""
        self._name, self._number, self._of = name, number, of
        self._since = time.monotonic()

    def at(self, stage: Stage) -> None:
        """It has come so far."""

    def end(self) -> None:
        """Leave the terminal to what is said next."""

    def stop(self) -> None:
        """It was asked to end, and will when it can."""
        _write(STOPPING)

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._since

    def _words(self, stage: Stage) -> str:
        place = f"заказ {self._number} из {self._of} · " if self._of > 1 else ""
        return f"{place}{stage}"


class Lines(Silence):
    """A line on the other stream for each section, and for what is between."""

    def at(self, stage: Stage) -> None:
        """Single steps are too much."""
        if stage.doing is None:
            _write(f"  {self._seconds:.0f} с · {self._words(stage)}")


class Events(Silence):
    """A JSON object a stage, between those of the results."""

    def at(self, stage: Stage) -> None:
        """Every step too."""
        with suppress(OSError, ValueError):  # nobody reads: the next result finds that out
            print_json(
                event="stage",
                order=self._name,
                number=self._number or None,
                of=self._of or None,
                phase=stage.phase,
                section=stage.section,
                doing=stage.doing,
                seconds=round(self._seconds, 1),
            )

    def stop(self) -> None:
        """As an event, too."""
        with suppress(OSError, ValueError):
            print_json(event="stopping", order=self._name)


class LiveLine(Silence):
    """One line of a terminal that is written anew until the order is done."""

    def __init__(self) -> None:
        super().__init__()
        self._line: Progress | None = None
        self._last = ""
        self._stopping = False

    def begin(self, name: str, number: int, of: int) -> None:
        """A line of its own, whose seconds begin anew."""
        self.end()
        super().begin(name, number, of)

    def at(self, stage: Stage) -> None:
        """In place of what was said before."""
        self._last = self._words(stage)
        if self._line is None:
            self._line = _line(self._said)
            with suppress(OSError):
                self._line.start()
        else:
            self._line.update(self._line.task_ids[0], description=self._said)

    def end(self) -> None:
        """The line goes."""
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError):  # the terminal is gone
                line.stop()

    def stop(self) -> None:
        """Before what it still does; between two orders there is no line."""
        self._stopping = True
        line = self._line
        if line is None:
            super().stop()
        else:
            line.update(line.task_ids[0], description=self._said)

    @property
    def _said(self) -> str:
        return f"{STOPPING} · {self._last}" if self._stopping else self._last


def _line(words: str) -> Progress:
    from rich.console import Console
    from rich.progress import Progress, TextColumn
    from rich.table import Column

    line = Progress(
        TextColumn(
            "  {task.elapsed:.0f} с · {task.description}",
            markup=False,
            table_column=Column(no_wrap=True, overflow="ellipsis"),
        ),
        console=Console(stderr=True, highlight=False),
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    line.add_task(words)
    return line


def progress(as_json: str | None) -> Silence:
    """What fits whoever reads."""
    if as_json == EVENTS:
        return Events()
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return LiveLine()
    return Silence() if as_json else Lines()


def _write(line: str) -> None:
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()
