"""argparse in Russian."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from typing import NoReturn

from sigex_runbook.core.errors import UsageError

_COMPLAINTS = (
    (r"unrecognized arguments: (.*)", r"неизвестные параметры: \1"),
    (r"the following arguments are required: (.*)", r"не хватает: \1"),
    (r"argument (.*?): invalid choice: (.*?) \(choose from .*", r"\1: нет такого значения \2"),
    (r"argument (.*?): expected one argument", r"\1: нужно значение"),
    (r"argument (.*?): expected at least one argument", r"\1: нужно хотя бы одно значение"),
    (r"argument (.*?): invalid \w+ value: (.*)", r"\1: значение \2 не подходит"),
    (r"argument (.*?): not allowed with argument (.*)", r"\1 нельзя указать вместе с \2"),
    (r"argument (.*?): ignored explicit argument (.*)", r"\1: значение \2 здесь лишнее"),
    (r"ambiguous option: (.*?) could match (.*)", r"\1 можно понять по-разному: \2"),
    (r"argument (.*?): (.*)", r"\1: \2"),
    (r"one of the arguments (.*) is required", r"нужен один из параметров: \1"),
)


_EVERYWHERE = {2: "не принято: ничего не начато", 130: "прервано с клавиатуры (Ctrl+C)"}


def ending(examples: Sequence[str], exit_codes: Mapping[int, str]) -> str:
    """What help ends with: commands to start from, and what the shell is told."""
    codes = sorted({**_EVERYWHERE, **exit_codes}.items())
    return "\n".join(
        [
            "примеры:",
            *(f"  {example}" for example in examples),
            "",
            "код выхода:",
            *(f"  {code:<3} {words}" for code, words in codes),
        ]
    )


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: object,
        groups: object,
        prefix: str | None = None,
    ) -> None:
        start = "Как вызвать: " if prefix is None else prefix
        super().add_usage(usage, actions, groups, start)  # type: ignore[arg-type]


class Parser(argparse.ArgumentParser):
    """A parser that speaks Russian and leaves the exit to `main`."""

    def __init__(self, *, prog: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=epilog,
            formatter_class=_Formatter,
            add_help=False,
            allow_abbrev=False,
        )
        self._positionals.title = "что указать"
        self._optionals.title = "параметры"
        self.add_argument("-h", "--help", action="help", help="показать эту справку")

    def error(self, message: str) -> NoReturn:
        """Refuse the words given: one sentence with the next action."""
        for english, russian in _COMPLAINTS:
            if re.fullmatch(english, message, re.DOTALL):
                message = re.sub(english, russian, message, flags=re.DOTALL)
                break
        raise UsageError(f"{message}. Справка: {self.prog} --help")
