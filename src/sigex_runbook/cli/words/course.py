"""What is said while a batch goes on: a live table on a terminal, a line an order elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sigex_runbook.core.terminal_safe import visible

if TYPE_CHECKING:
    from rich.console import RenderableType

    from sigex_runbook.batch.coordinator import Event
    from sigex_runbook.batch.pool import Told
    from sigex_runbook.run.campaign import Finished, LeftOut

Clock = Callable[[], float]
Words = Callable[["Finished | LeftOut"], str]
"""How an order ended, in a line."""

_MINUTES, _HOURS = 90, 90 * 60
"""Seconds from which on one speaks of these."""


@dataclass(slots=True)
class UnderWay:
    """One order that is performed now: whose, since when, by whom, and where it is."""

    whose: str
    since: float
    worker: str = ""
    place: str = ""


class Course:
    """How far a batch of so many orders has come, by its events."""

    def __init__(self, orders: int, words: Words, clock: Clock = time.monotonic) -> None:
        self.orders = orders
        self.done = self.failed = 0
        self.waits = ""
        self.under_way: dict[str, UnderWay] = {}
        self._words = words
        self._clock = clock
        self._lasted: list[float] = []
        self._begun: list[float] = []
        self._at_once = 1

    def hear(self, event: Event) -> str | None:
        """Take it in; the line to be said of it, if there is any."""
        from sigex_runbook.batch.coordinator import Again, Reached, Stopping
        from sigex_runbook.batch.courtesy import Wait
        from sigex_runbook.run.campaign import Begun, Finished, LeftOut

        match event:
            case Begun(name, order):
                organisation = order.organisation
                self.waits = ""
                whose = f"{organisation.bin} {organisation.name or ''}".strip()
                self.under_way[name] = UnderWay(whose, self._clock())
                self._begun.append(self._clock())
                self._at_once = max(self._at_once, len(self.under_way))
            case Reached(name, told) if name in self.under_way:
                self._reached(self.under_way[name], told)
            case Finished() | LeftOut():
                return self._ended(event)
            case Again(name, why):
                self.under_way.pop(name, None)
                return f"{name}: ещё раз, {why}."
            case Wait(until, why):
                self.waits = f"Жду до {until:%H:%M:%S} UTC: {why}."
                return self.waits
            case Stopping(why, names):
                return f"{why} Выполняются: {', '.join(names) or 'никто'}."
        return None

    def _reached(self, one: UnderWay, told: Told) -> None:
        from sigex_runbook.batch.pool import Taken
        from sigex_runbook.batch.state import Phase

        match told:
            case Taken(worker):
                one.worker, one.since = worker, self._clock()
            case Phase():
                one.place = "настройки сохранены" if told is Phase.SAVED else "пакет заверен"
            case _:
                one.place = str(told)

    def _ended(self, event: Finished | LeftOut) -> str | None:
        from sigex_runbook.run.campaign import LeftOut

        one = self.under_way.pop(event.name, None)
        if one is None and isinstance(event, LeftOut):
            return None  # not begun: the end tells how many there are
        failed = event.exit_code in (1, 2)
        self.failed += failed
        self.done += not failed
        lasted = ""
        if one is not None:
            self._lasted.append(self._clock() - one.since)
            lasted = f", {self._lasted[-1]:.0f} с"
        ended = self.done + self.failed
        return visible(f"{ended} из {self.orders} · {event.name} — {self._words(event)}{lasted}")

    def seconds_left(self) -> float | None:
        """By how long this batch's own orders took, or how far apart they were begun where its pace
        holds it back; None before one has ended."""
        if not self._lasted:
            return None
        working = sum(self._lasted) / len(self._lasted) / self._at_once
        first, *_, last = self._begun * 2
        apart = (last - first) / max(1, len(self._begun) - 1)
        return max(working, apart) * max(0, self.orders - self.done - self.failed)

    def table(self) -> RenderableType:
        """Who is at what, and how far all of it is."""
        from rich.box import SIMPLE_HEAD
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=True)
        table.add_column("Исп.", no_wrap=True, max_width=12)
        table.add_column("Организация", no_wrap=True, min_width=12, ratio=2)
        table.add_column("Где", no_wrap=True, ratio=3)
        table.add_column("с", justify="right", no_wrap=True, min_width=4)
        for one in list(self.under_way.values()):
            seconds = f"{self._clock() - one.since:.0f}"
            place = one.place or ("начато" if one.worker else "ждёт исполнителя")
            row = (one.worker, one.whose, place, seconds)
            table.add_row(*(Text(visible(text), overflow="ellipsis") for text in row))
        waits = [Text(self.waits, style="bold")] if self.waits else []
        return Group(table, Text(self._total()), *waits)

    def _total(self) -> str:
        seconds = self.seconds_left()
        left = "" if seconds is None else f", осталось примерно {_roughly(seconds)}"
        return f"Готово {self.done}, не выполнено {self.failed} из {self.orders}{left}."


def _roughly(seconds: float) -> str:
    if seconds < _MINUTES:
        return f"{seconds:.0f} с"
    if seconds < _HOURS:
        return f"{seconds / 60:.0f} мин"
    return f"{seconds / 3600:.1f} ч".replace(".", ",")


@contextmanager
def shown(course: Course, *, as_json: str | None) -> Iterator[Callable[[Event], None]]:
    """Tell of events as fits whoever reads: a table that is drawn anew under the lines, lines
    alone, or to a program neither."""

    def say(event: Event) -> None:
        line = course.hear(event)
        if line and not as_json:
            print(line, flush=True)

    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield say
        return
    from rich.console import Console
    from rich.live import Live

    with Live(
        get_renderable=course.table,
        console=Console(stderr=True, highlight=False, markup=False, emoji=False),
        refresh_per_second=2,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        redirect_stderr=False,
    ):
        yield say
