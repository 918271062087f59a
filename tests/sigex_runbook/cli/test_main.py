"""The command line as a shell sees it: help, refusals, exit codes, no traceback."""

from __future__ import annotations

import errno
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from sigex_runbook.cli import main as cli
from sigex_runbook.core.errors import EnvironmentMissing, RunFailed
from tests.commands import PROGRAM

COMMAND = Path(sys.executable).parent / "sigex-runbook"


def call(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The installed command in a process of its own."""
    return subprocess.run(
        [COMMAND, *words],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, **environ},
        timeout=60,
    )


def test_help_lists_every_verb_in_russian() -> None:
    answer = call("--help")
    assert answer.returncode == 0
    assert answer.stdout.startswith("Как вызвать: sigex-runbook")
    for name in cli.VERBS:
        assert cli.verb(name).HELP in " ".join(answer.stdout.split())
    assert "usage" not in answer.stdout
    assert "show this" not in answer.stdout


@pytest.mark.parametrize("name", cli.VERBS)
def test_every_verb_has_its_own_help_and_name(name: str) -> None:
    """With examples and what the shell is told, each in a line."""
    module = cli.verb(name)
    assert name == module.NAME
    answer = call(name, "--help")
    assert answer.returncode == 0
    assert answer.stdout.startswith(f"Как вызвать: sigex-runbook {name}")
    lines = answer.stdout.splitlines()
    examples, codes = lines.index("примеры:"), lines.index("код выхода:")
    assert lines[examples + 1 : codes - 1] == [f"  sigex-runbook {one}" for one in module.EXAMPLES]
    told = {int(line.split()[0]): line.split(maxsplit=1)[1] for line in lines[codes + 1 :]}
    assert told.keys() == {0, 2, 130, *module.EXIT_CODES}
    assert module.EXIT_CODES.items() <= told.items()


@pytest.mark.parametrize(
    "example", [*cli.EXAMPLES[:1], *(one for name in cli.VERBS for one in cli.verb(name).EXAMPLES)]
)
def test_every_example_can_be_given(example: str) -> None:
    words = shlex.split(example)
    assert cli.build_parser((words[0],)).parse_args(words).run == cli.verb(words[0]).run


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("sigex-runbook pl", {"plan"}),
        ("sigex-runbook run --mtl", {"--mtls-target"}),
        ("sigex-runbook report --language ", {"ru", "kk", "en"}),
    ],
)
def test_a_shell_is_told_what_may_come_next(typed: str, offered: set[str], tmp_path: Path) -> None:
    answers = tmp_path / "answers"
    asked = {"_ARGCOMPLETE": "1", "COMP_LINE": typed, "COMP_POINT": str(len(typed))}
    done = call(**asked, _ARGCOMPLETE_STDOUT_FILENAME=str(answers), _ARGCOMPLETE_IFS="\n")
    assert (done.stdout, done.stderr) == ("", "")
    assert {one.strip() for one in answers.read_text("utf-8").split("\n")} >= offered


def test_help_imports_nothing_heavy() -> None:
    """What makes help quick; a clock would only say so on some machines."""
    script = (
        "import json, sys\n"
        "from sigex_runbook.cli.main import main\n"
        "main(['--help'])\n"
        "print(json.dumps(sorted(m.partition('.')[0] for m in sys.modules)))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8"
    )
    loaded = set(json.loads(answer.stdout.splitlines()[-1]))
    heavy = {"aiohttp", "cryptography", "httpx", "papermill", "PIL", "playwright", "pydantic"}
    heavy |= {"argcomplete", "rich"}
    assert not loaded & heavy


def test_a_run_is_begun_without_what_its_kernel_alone_needs() -> None:
    script = "import sys, sigex_runbook.run.run\nprint(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, encoding="utf-8"
    )
    assert not set(answer.stdout.split()) & {"playwright", "pytest", "PIL", "IPython", "papermill"}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "не хватает: КОМАНДА"),
        (("letter",), "нет такого значения 'letter'"),
        (("doctor", "--colour"), "неизвестные параметры: --colour"),
        (("doctor", "--outputs"), "--outputs: нужно значение"),
    ],
)
def test_wrong_words_are_refused_in_one_russian_sentence(
    words: tuple[str, ...], complaint: str
) -> None:
    answer = call(*words)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("Ошибка: ")
    assert complaint in answer.stderr
    assert "--help" in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_the_version_is_the_installed_one() -> None:
    assert call("--version").stdout.startswith("sigex-runbook 0.")


def test_russian_survives_a_console_that_does_not_speak_it() -> None:
    answer = call("--help", PYTHONIOENCODING="cp1252", PYTHONUTF8="0", LC_ALL="C")
    assert answer.returncode == 0
    assert "Инструкция SIGEX" in answer.stdout


def test_russian_names_survive_a_locale_without_them(tmp_path: Path) -> None:
    """A locale in which Python would take every letter of a name for two unknown ones."""
    ascii_alone = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    trust = tmp_path / "доверие.json"
    trust.write_text('{"format": "sigex-trust/1"', encoding="utf-8")
    answer = call("verify", str(tmp_path / "весна"), "--trust", str(trust), **ascii_alone)
    assert answer.returncode == 2
    assert str(trust) in answer.stderr
    there = call("index", str(tmp_path / "весна"), **ascii_alone)
    assert "весна" in there.stderr
    (tmp_path / "весна").mkdir()
    listed = call("index", str(tmp_path / "весна"), **ascii_alone)
    assert listed.stdout == f"Список запусков: {tmp_path / 'весна' / 'index.html'}\n"
    assert "?" not in answer.stderr + there.stderr + listed.stdout


# --- how a verb's end becomes an exit code -----------------------------------------------------


@pytest.fixture
def verb_that(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], int]], int]:
    """Run the command line with a single verb, `act`, that does what the test says."""

    def run(act: Callable[[], int]) -> int:
        module = SimpleNamespace(
            NAME="act",
            HELP="действие",
            EXAMPLES=("act",),
            EXIT_CODES={},
            add_arguments=lambda _parser: None,
            run=lambda _args: act(),
        )
        monkeypatch.setattr(cli, "VERBS", ("act",))
        monkeypatch.setattr(cli, "verb", lambda _name: module)
        return cli.main(["act"])

    return run


def raiser(error: BaseException) -> Callable[[], int]:
    def act() -> int:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "code"), [(RunFailed("Не вышло."), 1), (EnvironmentMissing("Нет браузера."), 2)]
)
def test_our_errors_are_one_sentence_and_their_own_code(
    verb_that: Callable[[Callable[[], int]], int],
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    code: int,
) -> None:
    assert verb_that(raiser(error)) == code
    assert capsys.readouterr().err == f"Ошибка: {error}\n"


def test_an_unforeseen_error_is_named_and_its_traceback_saved(
    verb_that: Callable[[Callable[[], int]], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert verb_that(raiser(ZeroDivisionError("на ноль"))) == 1

    said = capsys.readouterr().err
    [saved] = tmp_path.iterdir()
    assert "ZeroDivisionError" in said
    assert str(saved) in said
    assert "Traceback" not in said
    assert "ZeroDivisionError: на ноль" in saved.read_text(encoding="utf-8")
    assert os.name == "nt" or saved.stat().st_mode & 0o077 == 0


def test_an_unforeseen_error_on_a_full_disk_is_named_all_the_same(
    verb_that: Callable[[Callable[[], int]], int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tempfile.mkstemp", lambda **_: raiser(OSError(errno.ENOSPC, "full"))())

    assert verb_that(raiser(ZeroDivisionError("на ноль"))) == 1

    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "подробности записать нельзя (на диске нет места)" in said


def test_an_interrupt_is_no_traceback(
    verb_that: Callable[[Callable[[], int]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verb_that(raiser(KeyboardInterrupt())) == 130
    assert capsys.readouterr().err.startswith("Прервано.")


def test_a_verbs_code_is_the_commands_code(
    verb_that: Callable[[Callable[[], int]], int],
) -> None:
    assert verb_that(lambda: 0) == 0
    assert verb_that(lambda: 1) == 1


def test_a_reader_that_leaves_early_causes_no_noise() -> None:
    """`sigex-runbook --help | head -1` with a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        answer = subprocess.run(
            [COMMAND, "--help"], stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60
        )
    finally:
        os.close(writing)
    assert answer.stderr == b""


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "x", "/a"), "на диске нет места: /a"),
        (OSError(errno.EDQUOT, "x"), "исчерпана квота"),
        (PermissionError(errno.EACCES, "x"), "нет прав"),
    ],
)
def test_what_the_machine_refuses_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: OSError,
    told: str,
) -> None:
    def refuse(_: object) -> int:
        raise error

    monkeypatch.setattr("sigex_runbook.cli.facts.run", refuse)
    assert cli.main(["facts"]) == 1
    said = capsys.readouterr().err
    assert told in said
    assert "Ошибка программы" not in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("streams", "code"), [(">&-", 0), (">&- 2>&-", 0), ("<&- >&- 2>&-", 0), (">/dev/full", 1)]
)
def test_streams_that_are_closed_or_full_break_nothing(streams: str, code: int) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {streams}', "sh", *PROGRAM, "sample-order"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert ("на диске нет места" in done.stderr) is bool(code)
