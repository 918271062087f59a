"""What is said while a run goes on: to a terminal, to a file, to a program."""

from __future__ import annotations

import io
import json
import re
import sys

import pytest

from sigex_runbook.cli.words.outcome import EVENTS, RESULTS
from sigex_runbook.cli.words.progress import STOPPING, progress
from sigex_runbook.run.progress import Phase, Stage

STEP = Stage(Phase.SECTION, 4, "сотрудник раскрывает блок [bold]")


class Terminal(io.StringIO):
    """What a terminal is given."""

    def isatty(self) -> bool:
        return True

    @property
    def lines(self) -> list[str]:
        """What stood in the one line, each time that it was written."""
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "\r", self.getvalue())
        return [line.rstrip() for line in re.split(r"[\r\n]+", plain) if line.strip()]


def terminal_of_60_columns(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Called by the test itself: pytest puts its own streams between a fixture and a test."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("TERM", "xterm-256color")
    return shown


def test_a_terminal_shows_one_line_that_goes_at_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = terminal_of_60_columns(monkeypatch)
    shown = progress(None)
    shown.at(Stage(Phase.CHECKS))
    shown.begin("а.yaml", 2, 3)
    shown.at(STEP)
    shown.end()
    assert "  0 с · проверяются машина и заказы" in terminal.lines
    last = terminal.lines[-1]
    assert last.startswith("  0 с · заказ 2 из 3 · раздел 4 из 8: сотрудник раск")
    assert last.endswith("…"), "one line, however long the step's sentence"
    assert len(last) <= 60
    erased = terminal.getvalue().rindex("\x1b[2K")
    assert "раздел" not in terminal.getvalue()[erased:], "the line is gone"
    assert capsys.readouterr().out == "", "results alone go there"


def test_a_terminal_is_told_at_once_that_the_run_stops(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = terminal_of_60_columns(monkeypatch)
    shown = progress(RESULTS)
    shown.begin("а.yaml", 1, 1)
    shown.at(Stage(Phase.SECTION, 4))
    shown.stop()
    shown.at(Stage(Phase.SEALING))
    shown.end()
    assert terminal.lines[-1] == f"  0 с · {STOPPING} · составляется отчёт, пакет заверяется"
    shown.stop()
    assert terminal.lines[-1] == STOPPING, "there is no line between two orders"


def test_a_file_gets_a_line_for_each_section_and_none_for_a_step(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = progress(None)
    shown.at(Stage(Phase.EMULATOR))
    shown.begin("а.yaml", 2, 3)
    for stage in (Stage(Phase.SECTION, 2), STEP, Stage(Phase.SEALING)):
        shown.at(stage)
    shown.stop()
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.splitlines() == [
        "  0 с · запускается встроенный эмулятор",
        "  0 с · заказ 2 из 3 · раздел 2 из 8: Раздел настроек организации",
        "  0 с · заказ 2 из 3 · составляется отчёт, пакет заверяется",
        STOPPING,
    ]


def test_a_program_that_reads_results_alone_hears_nothing_but_the_stop(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = progress(RESULTS)
    shown.begin("а.yaml", 1, 1)
    shown.at(STEP)
    shown.stop()
    assert capsys.readouterr() == ("", f"{STOPPING}\n")


def test_a_program_that_asked_for_events_gets_each_stage(
    capsys: pytest.CaptureFixture[str],
) -> None:
    shown = progress(EVENTS)
    shown.at(Stage(Phase.CHECKS))
    shown.begin("а.yaml", 2, 3)
    shown.at(STEP)
    shown.stop()
    told = capsys.readouterr()
    assert told.err == ""
    first, second, last = (json.loads(line) for line in told.out.splitlines())
    assert (first["event"], first["order"], first["phase"]) == ("stage", None, "checks")
    assert {**second, "seconds": 0} == {
        **{"event": "stage", "order": "а.yaml", "number": 2, "of": 3},
        **{"phase": "section", "section": 4, "doing": STEP.doing, "seconds": 0},
    }
    assert last == {"event": "stopping", "order": "а.yaml"}


@pytest.mark.parametrize("as_json", [None, RESULTS, EVENTS])
def test_a_reader_who_is_gone_stops_no_run(
    monkeypatch: pytest.MonkeyPatch, as_json: str | None
) -> None:
    class Gone(io.StringIO):
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Gone())
    monkeypatch.setattr(sys, "stdout", Gone())
    shown = progress(as_json)
    shown.at(Stage(Phase.CHECKS))
    shown.stop()
    shown.end()
