"""A path as a person writes it in a file, and why it leads nowhere."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from sigex_runbook.core.terminal_safe import visible

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_PLAIN_NAME = re.compile(r"[A-Z]+|[A-Z][A-Z0-9]*(_[A-Z0-9]+)+|[a-z][a-z0-9]*(_[a-z0-9]+)+")


class NotThere(ValueError):
    """Why no file stands there; `safe` says it without the path, which may be a secret."""

    def __init__(self, told: str, safe: str) -> None:
        super().__init__(told)
        self.safe = safe


def file_at(written: str, base: Path, places: Mapping[str, str]) -> Path:
    """The file of a path that starts at `base`, with `places` for each `${NAME}`. Raises
    NotThere."""
    for name in _REFERENCE.findall(written):
        if name not in places:
            raise NotThere(
                f"в пути «{written}» переменная {name} не задана. {how_to_set(name)}",
                f"переменная{f' {name}' if is_plain_name(name) else ''} не задана. "
                f"{how_to_set(name if is_plain_name(name) else 'ИМЯ')}",
            )
    whole = _REFERENCE.sub(lambda match: places[match[1]], written)
    try:
        forms = {whole: None} | {unicodedata.normalize(f, whole): None for f in ("NFC", "NFD")}
        found = [(base / form).resolve() for form in forms]
        there = next((path for path in found if path.is_file()), None)
        folder = found[0].is_dir()
    except (OSError, ValueError, RuntimeError):  # no file can have that name; a link to itself
        there, folder, found = None, False, [Path(written)]
    if there is not None:
        return there
    if folder and written.strip():
        raise NotThere(f"«{found[0]}» — папка, а нужен файл. Укажите файл в ней.", "там папка.")
    raise NotThere(
        f"файл «{visible(str(found[0]))}» не найден{_hint(written)}. Проверьте путь.", "не найден."
    )


def is_plain_name(text: str) -> bool:
    """Whether it looks like the name of a variable, and not like a secret in the wrong place."""
    return _PLAIN_NAME.fullmatch(text) is not None


def how_to_set(name: str, value: str = "путь") -> str:
    """How a variable of the environment is set in both kinds of shells."""
    if name == "EMULATOR":
        return (
            "Она есть только при встроенном эмуляторе; с --target укажите настоящие пути или "
            "задайте переменную EMULATOR."
        )
    return f"Задайте её: export {name}='{value}' (PowerShell: $env:{name} = '{value}')."


def _hint(written: str) -> str:
    """What is often wrong with a path."""
    if any(ord(letter) < ord(" ") for letter in written):
        return (
            ": обратная черта \\ в двойных кавычках — особый знак, возьмите путь в одинарные "
            "кавычки '…' или пишите его через /"
        )
    if written[:1] == "~":
        return ": ~ здесь не раскрывается, впишите путь целиком"
    if re.search(r"\$\w|%\w+%|\$\{env:", written):
        return ": переменную здесь пишут так: ${ИМЯ}"
    if written.strip("“”„«»‘’'\"") != written or written.strip() != written:
        return ": уберите лишние кавычки и пробелы вокруг пути"
    if os.sep == "/" and "\\" in written:
        return ": на этом компьютере пути пишут через /"
    return ""
