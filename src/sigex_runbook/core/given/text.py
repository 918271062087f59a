"""A text that a person saved: the mark at its beginning says how."""

from __future__ import annotations

import codecs
from pathlib import Path

from sigex_runbook.core.error_causes import why

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class NotText(ValueError):
    """Why there is no text in a file, in a few words."""


def text_of(data: bytes) -> str:
    """UTF-8, or what a byte order mark says: PowerShell 5.1's `>` writes UTF-16. Raises NotText."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding not in {"utf-8", "utf-8-sig"}:
            raise NotText("файл в UTF-16 оборван") from error
        line = data.count(b"\n", 0, error.start) + 1
        raise NotText(
            f"текст не в UTF-8, строка {line}: похоже на кодировку Windows-1251"
        ) from error
    if encoding == "utf-8" and "\0" in text[:4]:
        raise NotText("текст не в UTF-8: похоже на UTF-16 без метки в начале")
    return text


def read_text(path: Path) -> str:
    """The text of a file. Raises FileNotFoundError, and NotText for all else."""
    return text_of(read_bytes(path))


def read_bytes(path: Path) -> bytes:
    """What lies in a file. Raises FileNotFoundError, and NotText for all else."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise NotText("это папка" if path.is_dir() else why(error)) from error
