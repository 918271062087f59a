"""What `sigex-runbook run` says as it goes on and at its end: to a file, a program, a terminal."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.core.guide import load_guide
from sigex_runbook.evidence.attest.keyring import Keyring, key_folder
from tests.commands import PROGRAM, answers, run, write
from tests.service import EVERYTHING, ORGANISATION, OTHER_ORGANISATION, SYSTEM, Service

CAMPAIGN = "весна"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("told")


@pytest.fixture(scope="module")
def told(emulator: Any, folder: Path) -> CompletedProcess[str]:
    """Two orders for people: the first one's organisation is not the employee's."""
    emulator.world.reset()
    service = Service(emulator)
    other = {'bin: "200240002381"': f'name: ТОО «Ромашка»\n  bin: "{OTHER_ORGANISATION}"'}
    wrong = write(folder, service.order_text(**other), "wrong.yaml")
    right = write(folder, service.order_text(), "right.yaml")
    return command(service, folder, wrong, right)


@pytest.fixture(scope="module")
def events(told: object, emulator: Any, folder: Path) -> list[dict[str, Any]]:
    """The same right order for a program: there is nothing to do any more."""
    emulator.world.reset()  # another test may have been here since
    for block in EVERYTHING:
        emulator.world.grant(ORGANISATION, block, SYSTEM)
    done = command(Service(emulator), folder, folder / "right.yaml", "--json=events")
    assert (done.returncode, done.stderr) == (0, "")
    return answers(done)


def command(service: Service, folder: Path, *arguments: str | Path) -> CompletedProcess[str]:
    there = ("--outputs", folder / "outputs", "--campaign", CAMPAIGN)
    return run(*arguments, *service.arguments(), *there, COLUMNS="80")


def test_a_file_reads_section_after_section_of_each_order(told: CompletedProcess[str]) -> None:
    first, *lines = [re.sub(r"^ +\d+ с · ", "", line) for line in told.stderr.splitlines()]
    assert first == "проверяются машина и заказы"
    kernel, browser, seal = (
        *("запускается ядро Jupyter", "открывается браузер"),
        "составляется отчёт, пакет заверяется",
    )
    titles = [f"раздел {one.number} из 8: {one.title.ru}" for one in load_guide().sections]
    saved, plan, check = (
        "настройки сохранены",
        "план: читаются настройки, пробуются доступы",
        "проверка: экран, настройки, доступы по mTLS",
    )
    assert lines == [
        *(f"заказ 1 из 2 · {told}" for told in (kernel, browser, titles[0], seal)),
        *(
            f"заказ 2 из 2 · {told}"
            for told in (kernel, browser, titles[0], plan, *titles[1:], saved, check, seal)
        ),
    ]


def test_at_the_end_each_organisation_has_a_line_and_all_are_counted(
    told: CompletedProcess[str],
) -> None:
    assert told.returncode == 1
    assert f"БИН {ORGANISATION} — Выполнено (на эмуляторе).\n" in told.stdout
    table = told.stdout[told.stdout.index("\n БИН") :].splitlines()
    assert max(map(len, table)) <= 80
    wrong, _why = (line for line in table if OTHER_ORGANISATION in line)
    assert wrong.split()[:4] == [OTHER_ORGANISATION, "ТОО", "«Ромашка»", "Не"]
    [right] = [line for line in table if line.split()[:1] == [ORGANISATION]]
    assert "Выполнено" in right
    assert "Заказов 2 (на эмуляторе): выполнено — 1; не выполнено — 1." in table


def test_verify_names_who_failed_and_why_and_the_list_of_runs_does_too(
    told: CompletedProcess[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = str(Keyring(key_folder()).trust_file)
    assert main(["verify", str(folder / "outputs" / CAMPAIGN), "--trust", trust]) == 3
    why = "Раздел 1: Вход выполнен от имени организации с БИН 200240002381"
    assert f"  {OTHER_ORGANISATION} — FAILED (на эмуляторе): {why}" in capsys.readouterr().out
    assert why in told.stdout
    index = (folder / "outputs" / "index.html").read_text("utf-8")
    assert f'<span class="reason">{why}' in index
    assert index.count('<span class="where">на эмуляторе</span>') >= 2


def test_a_program_reads_each_step_as_it_comes_and_then_the_result(
    events: list[dict[str, Any]], folder: Path
) -> None:
    *stages, result = events
    assert {one["event"] for one in stages} == {"stage"}
    assert (result["event"], result["verdict"]) == ("result", "PASSED")
    assert (result["nothing_to_do"], result["environment"]) == (True, "emulator")
    checks, *rest = stages
    assert (checks["phase"], checks["order"]) == ("checks", None)
    assert {(one["order"], one["number"], one["of"]) for one in rest} == {
        (str(folder / "right.yaml"), 1, 1)
    }
    sections = [one["section"] for one in rest if one["phase"] == "section"]
    assert sections == sorted(sections)
    assert set(sections) == set(range(1, 9))
    doing = [one["doing"] for one in rest if one["doing"]]
    assert "открыта стартовая страница сервиса" in doing
    assert len(doing) > 30, "a step is told when it begins"


def test_a_terminal_has_a_first_word_and_no_trace_of_it_before_the_refusal(
    service: Service, tmp_path: Path
) -> None:
    pty = pytest.importorskip("pty", reason="Windows has none")
    parent, child = pty.openpty()
    order = ("run", str(tmp_path / "нет.yaml"), *service.arguments())
    with os.fdopen(parent, "rb", closefd=True) as screen:
        process = subprocess.Popen(
            [*PROGRAM, *order],
            stdout=subprocess.PIPE,
            stderr=child,
            env=os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"},
        )
        os.close(child)
        written = b""
        while True:
            try:
                written += os.read(screen.fileno(), 4096)
            except OSError:  # the terminal's other end is closed
                break
        out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    shown = written.decode("utf-8")
    assert "проверяются машина и заказы" in shown
    erased, last = shown.rsplit("\x1b[2K", 1)
    assert "проверяются" in erased
    assert re.sub(r"\x1b\[[^m]*[A-Za-z]", "", last).strip().startswith("Ошибка: Файл заказа «")
