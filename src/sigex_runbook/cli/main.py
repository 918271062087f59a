"""The way in from a shell: finds the verb, runs it, turns what went wrong into one sentence.

A verb is a module of this package, or of a room of it, with `NAME`, `HELP`, `EXAMPLES` (the words
after the program's name), `EXIT_CODES`, `add_arguments(parser)` and `run(args) -> int`; to add one,
write the file and name it in `VERBS`. It imports whatever is heavy inside `run`, so that help stays
quick.
"""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol, TextIO, cast

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunbookError
from sigex_runbook.core.terminal_safe import visible_lines
from sigex_runbook.run.signals import Interrupted

from .words.russian import Parser, ending

PROGRAM = "sigex-runbook"
DESCRIPTION = (
    "Инструкция SIGEX о доступе к документам организации: выполняет её для вашей организации,\n"
    "проверяет результат и сохраняет доказательства."
)
EXAMPLES = ("run", "run --help")
EXIT_CODES = {
    0: "сделано",
    1: "не сделано",
    3: "сделано не всё; что это значит — в справке команды",
}

VERBS = (
    "run",
    "batch",
    "plan",
    "notebook",
    "probe",
    "verify",
    "report",
    "stamp",
    "index",
    "guide",
    "reperform",
    "export",
    "key",
    "sample-order",
    "facts",
    "bench",
    "mutants",
    "strangers",
    "setup",
    "doctor",
)

_ROOMS = {"batch": ".campaign", **dict.fromkeys(("bench", "mutants", "strangers"), ".trials")}
"""Verbs whose modules lie in a room of this package."""

_INTERRUPTED = 130
_BROKEN_PIPE = 141
_LAST_STREAM = 2


class Verb(Protocol):
    """What a module of a verb offers."""

    NAME: str
    HELP: str
    EXAMPLES: Sequence[str]
    EXIT_CODES: Mapping[int, str]

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare the verb's arguments."""

    def run(self, args: argparse.Namespace) -> int:
        """Do it and return the exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 passed, 1 failed, 2 usage."""
    if argv is None:
        _read_utf8()
        _keep_streams()
    _speak_utf8()
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        return _run(words)
    except RunbookError as error:
        _say(f"Ошибка: {error}")
        return error.exit_code
    except KeyboardInterrupt as stop:
        _say("Прервано. Запустите ту же команду ещё раз, когда будете готовы.")
        return stop.exit_code if isinstance(stop, Interrupted) else _INTERRUPTED
    except BrokenPipeError:
        # The reader (`… | head`) has left; Python would complain again while it flushes.
        _silence(sys.stdout)
        return _BROKEN_PIPE
    except OSError as error:  # of the machine: a disk, a folder, a network
        _silence(sys.stdout)  # it may be the output itself that cannot be written
        _say(
            f"Ошибка: машина не дала работать дальше ({why(error)}{_place(error)}). Проверьте "
            "место на диске и права и повторите."
        )
        return 1
    except Exception as error:  # noqa: BLE001 - the last door: no traceback on the screen
        _say(f"Ошибка программы ({type(error).__name__}); {_save(error)}.")
        return 1


def verb(name: str) -> Verb:
    """The module of a registered verb."""
    module = f"{_ROOMS.get(name, '')}.{name.replace('-', '_')}"
    return cast(Verb, importlib.import_module(module, __package__))


def build_parser(verbs: Sequence[str] = VERBS) -> argparse.ArgumentParser:
    """The parser of the verbs given; all of them are needed for help alone."""
    parser = Parser(prog=PROGRAM, description=DESCRIPTION, epilog=_ending(EXAMPLES, EXIT_CODES))
    parser.add_argument("--version", action=_ShowVersion, nargs=0, help="показать версию")
    commands = parser.add_subparsers(
        title="команды", metavar="КОМАНДА", required=True, parser_class=Parser
    )
    for name in verbs:
        module = verb(name)
        one = commands.add_parser(
            module.NAME,
            help=module.HELP,
            description=module.HELP,
            epilog=_ending(module.EXAMPLES, module.EXIT_CODES),
        )
        module.add_arguments(one)
        one.set_defaults(run=module.run)
    return parser


def _ending(examples: Sequence[str], exit_codes: Mapping[int, str]) -> str:
    return ending([f"{PROGRAM} {example}" for example in examples], exit_codes)


class _ShowVersion(argparse.Action):
    """`--version`; the installed version is looked up only when it is shown."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(PROGRAM, version(PROGRAM))
        parser.exit()


def _run(words: list[str]) -> int:
    if "_ARGCOMPLETE" in os.environ:  # the shell asks what may come next, and runs nothing
        import argcomplete

        argcomplete.autocomplete(build_parser())
    named = [name for name in words[:1] if name in VERBS]
    try:
        args = build_parser(named or VERBS).parse_args(words)
    except SystemExit as stop:  # --help and --version
        return stop.code if isinstance(stop.code, int) else 0
    code = args.run(args)
    sys.stdout.flush()
    return int(code)


def _say(sentence: str) -> None:
    """On the other stream, after what was said so far; with nobody left to hear it, to nobody."""
    with suppress(OSError):
        sys.stdout.flush()
    try:
        print(visible_lines(sentence), file=sys.stderr, flush=True)
    except OSError:
        _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """Send the rest nowhere: Python would complain again when it flushes at its end."""
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _place(error: OSError) -> str:
    return f": {error.filename}" if isinstance(error.filename, str) else ""


def _save(error: Exception) -> str:
    """Write the traceback to a file that only this user can read; what to tell of it."""
    try:
        handle, name = tempfile.mkstemp(prefix=f"{PROGRAM}-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(traceback.format_exception(error))
    except OSError as unsaved:
        return f"подробности записать нельзя ({why(unsaved)}). Сообщите о ней разработчикам"
    return f"подробности в файле {name}. Приложите его к сообщению разработчикам"


def _read_utf8() -> None:
    """Names of files and words of the command line are UTF-8 whatever the locale says: where Python
    has taken them for something else, the same command starts once more and takes them so."""
    if sys.getfilesystemencoding() != "utf-8":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606


def _keep_streams() -> None:
    """A program that was started without its streams writes nowhere; else the first file that it
    opens would be taken for one, by it or by a process that it starts."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= _LAST_STREAM:
        os.set_inheritable(handle, True)
    os.close(handle)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _speak_utf8() -> None:
    """Consoles and pipes on Windows do not speak UTF-8 by themselves."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


if __name__ == "__main__":
    sys.exit(main())
