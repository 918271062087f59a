"""`sigex-emulator`: what it says, and what it refuses in one sentence."""

from __future__ import annotations

import json
import shlex
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sigex_emulator import Emulator
from sigex_emulator.command import EXAMPLES, build_parser, main
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
        (["--organisations", "0"], "от 1 до"),
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


def test_its_help_has_examples_that_can_be_given(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "код выхода:" in said
    for example in EXAMPLES:
        assert f"  sigex-emulator {example}\n" in said
        build_parser().parse_args(shlex.split(example))


def test_every_fault_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-faults"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == list(CATALOGUE)


def visit(*words: str, look: Callable[[Emulator], None] = lambda _: None) -> None:
    """Start it, look at it and leave it."""

    def look_and_leave(emulator: Emulator) -> None:
        look(emulator)
        signal.raise_signal(signal.SIGINT)

    assert main(words, when_ready=look_and_leave) == 0


def addresses(folder: Path) -> tuple[str, str]:
    told = json.loads((folder / "emulator.json").read_text("utf-8"))
    return told["address"], told["mtls_address"]


def test_its_world_and_its_ports_are_the_same_at_the_next_start(tmp_path: Path) -> None:
    """Also in a folder that nobody has made before."""
    folder, state = tmp_path / "emulator", tmp_path / "new" / "state" / "world.json"
    words = ("--dir", str(folder), "--state", str(state))
    found: list[object] = []

    def grant(emulator: Emulator) -> None:
        emulator.world.grant(list(emulator.world.organisations)[3], "documentsList", "Система 01")

    def look(emulator: Emulator) -> None:
        fourth = list(emulator.world.organisations.values())[3]
        found.append(fourth.settings.blocks["documentsList"].tls_certificate_indices)
        found.append(len(emulator.world.organisations))

    visit(*words, "--organisations", "4", look=grant)
    before = addresses(folder), (folder / "ca.pem").read_bytes()
    visit(*words, look=look)
    assert (addresses(folder), (folder / "ca.pem").read_bytes()) == before
    assert found == [(0,), 4]


def test_a_port_that_is_taken_meanwhile_is_told_and_another_one_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    visit("--dir", str(tmp_path), "--organisations", "1")
    people, systems = addresses(tmp_path)
    port = int(people.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        visit("--dir", str(tmp_path), "--organisations", "1")
    assert addresses(tmp_path)[0] != people
    assert addresses(tmp_path)[1] == systems
    assert f"Порт {port}, на котором эта папка работала раньше, занят" in capsys.readouterr().out


def test_of_many_organisations_it_names_the_first_and_counts_the_rest(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    visit("--dir", str(tmp_path), "--organisations", "25")
    said = capsys.readouterr().out
    assert said.count("БИН") == 3
    assert "И ещё организаций: 22" in said
    assert "sample-order --all" in said
    told = json.loads((tmp_path / "emulator.json").read_text("utf-8"))
    assert len({one["bin"] for one in told["organisations"]}) == 25


def test_it_says_who_is_there_and_how_to_look_around(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[Emulator] = []
    assert threading.current_thread() is threading.main_thread()
    words = ["--dir", str(tmp_path / "emulator"), "--walk-in", "--control"]
    words += ["--state", str(tmp_path / "world.json"), "--switch", "refused_listing=empty"]
    words += ["--fault", f"{_ALFA}:save-502", "--fault", f"{_ALFA}:load-slow"]
    visit(*words, look=seen.append)
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
