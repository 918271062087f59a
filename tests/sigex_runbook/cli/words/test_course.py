"""A batch as it goes on: who is at what, how far all is, and a line for each that has ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sigex_runbook.batch.coordinator import Again, Event, Reached, Stopping
from sigex_runbook.batch.courtesy import Wait
from sigex_runbook.batch.pool import Taken, Task
from sigex_runbook.batch.simulation import TARGET, result_of, simulated_orders
from sigex_runbook.batch.state import Phase
from sigex_runbook.cli.words.course import Course, shown
from sigex_runbook.cli.words.outcome import RESULTS
from sigex_runbook.cli.words.total import ending_words
from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.run.campaign import Begun, Finished, LeftOut
from sigex_runbook.run.progress import Phase as StagePhase
from sigex_runbook.run.progress import Stage
from tests.sigex_runbook.batch.office import BEGINNING

ORDERS = simulated_orders(4)
NAMES = [name for name, _ in ORDERS]


class Watched:
    """A course whose clock is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self.course = Course(len(ORDERS), ending_words, lambda: self.now)

    def begin(self, place: int) -> None:
        self.course.hear(Begun(*ORDERS[place]))
        self.course.hear(Reached(NAMES[place], Taken(f"w{place}")))

    def finish(self, place: int) -> str | None:
        result = result_of(Task(*ORDERS[place], "run"), Path("o"))
        return self.course.hear(Finished(NAMES[place], result))

    def fail(self, place: int, error: RunFailed | UsageError) -> str | None:
        return self.course.hear(LeftOut(*ORDERS[place], error, TARGET))

    def table(self) -> str:
        console = Console(file=StringIO(), width=80, highlight=False)
        console.print(self.course.table())
        assert isinstance(console.file, StringIO)
        return console.file.getvalue()


def test_the_table_tells_who_is_where_and_since_when() -> None:
    watched = Watched()
    watched.begin(0)
    watched.begin(1)
    watched.course.hear(Reached(NAMES[0], Stage(StagePhase.SECTION, 4)))
    watched.course.hear(Reached(NAMES[1], Phase.SAVED))
    watched.now += 7
    lines = watched.table().splitlines()
    rows = [line.split() for line in lines if "99014" in line]
    assert [row[:2] for row in rows] == [
        ["w0", ORDERS[0][1].organisation.bin.text],
        ["w1", ORDERS[1][1].organisation.bin.text],
    ]
    assert [row[-1] for row in rows] == ["7", "7"]
    assert "раздел 4 из 8" in lines[3]
    assert "настройки сохранены" in lines[4]
    assert all(len(line) <= 80 for line in lines)
    assert "Готово 0, не выполнено 0 из 4." in lines[-1]


def test_what_is_left_is_reckoned_by_what_it_took_so_far() -> None:
    watched = Watched()
    watched.begin(0)
    watched.begin(1)
    watched.now += 10
    assert watched.course.seconds_left() is None
    watched.finish(0)
    assert watched.course.seconds_left() == 15, "three more, two at once, ten seconds each"
    watched.now += 200  # the pace lets nobody begin earlier
    watched.begin(2)
    watched.now += 10
    watched.finish(2)
    assert watched.course.seconds_left() == pytest.approx(2 * 210 / 2)
    assert "осталось примерно 4 мин" in watched.table()


def test_each_that_ended_is_a_line_and_who_was_not_begun_is_none() -> None:
    watched = Watched()
    watched.begin(0)
    watched.now += 8
    assert watched.finish(0) == f"1 из 4 · {NAMES[0]} — выполнено, 8 с"
    watched.begin(1)
    error = RunFailed("Вошёл не тот\x1b. Войдите снова.")
    assert watched.fail(1, error) == f"2 из 4 · {NAMES[1]} — не завершено, Вошёл не тот\\u001b, 0 с"
    assert watched.fail(2, UsageError("Программу остановили раньше.")) is None
    assert (watched.course.done, watched.course.failed) == (1, 1)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Again("a", "исполнитель завершился"), "a: ещё раз, исполнитель завершился."),
        (Wait(BEGINNING + timedelta(hours=1), "часы"), "Жду до 13:00:00 UTC: часы."),
        (Stopping("Остановили.", ("a", "b")), "Остановили. Выполняются: a, b."),
        (Stopping("Остановили.", ()), "Остановили. Выполняются: никто."),
    ],
)
def test_what_holds_it_up_is_told(event: Event, said: str) -> None:
    assert Watched().course.hear(event) == said


def test_an_order_that_is_begun_anew_is_not_under_way_meanwhile() -> None:
    watched = Watched()
    watched.begin(0)
    watched.course.hear(Again(NAMES[0], "умер"))
    assert not watched.course.under_way
    watched.begin(0)
    assert watched.finish(0) is not None
    assert watched.course.done == 1


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("screen", "drawn"), [(Terminal, True), (StringIO, False)])
def test_only_a_terminal_is_drawn_on_and_a_program_is_told_no_lines(
    screen: Callable[[], StringIO],
    drawn: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", screen())
    out: list[str] = []
    for as_json in (None, RESULTS):
        watched = Watched()
        with shown(watched.course, as_json=as_json) as say:
            watched.begin(0)
            say(LeftOut(*ORDERS[0], RunFailed("Нет."), TARGET))
        out.append(capsys.readouterr().out)
    import sys

    assert isinstance(sys.stderr, StringIO)
    assert ("Организация" in sys.stderr.getvalue()) is drawn
    assert (out[0].count("не завершено"), out[1]) == (1, "")
