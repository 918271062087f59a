"""`sigex-emulator`: what it says, and what it refuses in one sentence."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest

from sigex_emulator import Emulator
from sigex_emulator.command import main
from sigex_emulator.faults import CATALOGUE

_ALFA = "200240002381"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "--dir"),
        (["--switch", "refused_listing"], "ИМЯ=ЗНАЧЕНИЕ"),
        (["--switch", "refused_listing=perhaps"], "message, empty"),
        (["--switch", "colour=red"], "colour"),
        (["--fault", "save-502"], "БИН:СБОЙ"),
        (["--fault", f"{_ALFA}:save-503"], "save-502"),
        (["--fault", "123456789012:save-502"], "123456789012"),
        (["--fault", f"{_ALFA}:ncalayer-absent"], "NCALayer"),
        (["--port", "x"], "порта"),
    ],
)
def test_a_wrong_word_is_refused_in_one_sentence(
    words: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["--dir", str(tmp_path / "emulator")] if words else []
    assert main([*where, *words]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "emulator").exists()


def test_a_damaged_state_is_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "world.json"
    state.write_text("{")
    words = ["--dir", str(tmp_path / "emulator"), "--state", str(state)]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "повреждён" in said
    assert len(said.splitlines()) == 1
    assert state.read_text() == "{"


def test_every_fault_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-faults"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(CATALOGUE)


def test_it_says_who_is_there_and_how_to_look_around(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Emulator] = []

    def look_and_leave(emulator: Emulator) -> None:
        seen.append(emulator)
        signal.raise_signal(signal.SIGINT)

    assert threading.current_thread() is threading.main_thread()
    words = ["--dir", str(tmp_path / "emulator"), "--walk-in", "--control"]
    words += ["--state", str(tmp_path / "world.json"), "--switch", "refused_listing=empty"]
    words += ["--fault", f"{_ALFA}:save-502", "--fault", f"{_ALFA}:load-slow"]
    assert main(words, when_ready=look_and_leave) == 0
    said = capsys.readouterr().out
    assert "Ахметова Динара" in said
    assert "сотрудник с правом на настройки" in said
    assert f"keys/{_ALFA}/employee-settings.p12" in said
    assert "войти как" in said
    assert f"сбои у {_ALFA}: save-502, load-slow" in said
    assert "/emulator/control" in said
    assert seen[0].control_token is not None
    assert seen[0].control_token not in said
    assert seen[0].world.switches.refused_listing == "empty"
    assert (tmp_path / "world.json").exists()
