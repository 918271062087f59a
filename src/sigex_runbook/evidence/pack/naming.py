"""What a file, a campaign or a run may be called on Windows, macOS and Linux alike."""

from __future__ import annotations

import re
import unicodedata

from sigex_runbook.core.errors import UsageError

_NAME = re.compile(r"[0-9A-Za-zА-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі][\w-]*(?:\.[\w-]+)*")
_LONGEST_NAME = 80
_FORBIDDEN = frozenset('<>:"|?*\\')
_FIRST_PRINTABLE = 32
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


def check_name(what: str, name: str) -> None:
    """Refuse a name of a campaign or a run that some file system would not take.

    `what` says whose name it is, in the genitive. Raises UsageError.
    """
    if not (is_safe(name) and _NAME.fullmatch(name) and len(name) <= _LONGEST_NAME):
        raise UsageError(
            f"Имя {what} «{name}» не годится для папки: нужны буквы, цифры, «-», «_» и «.» внутри, "
            f"не более {_LONGEST_NAME} знаков. Выберите другое имя."
        )


def is_safe(part: str) -> bool:
    """Whether one part of a path may be called that."""
    return not (
        part in ("", ".", "..")
        or part != part.strip()
        or part.endswith(".")
        or any(c in _FORBIDDEN or ord(c) < _FIRST_PRINTABLE for c in part)
        or _RESERVED.fullmatch(part)
        or unicodedata.normalize("NFC", part) != part
    )
