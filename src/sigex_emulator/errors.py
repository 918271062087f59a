"""What can go wrong around the emulator itself.

EmulatorError
├── AddressInUse        another program holds the port
├── DirectoryUnusable   the emulator's directory cannot be written
├── LedgerUnreadable    a row of the ledger of facts breaks its rules
├── NotRunning          an address was asked of an emulator that is not started
├── UnknownFault        no misbehaviour of this name is in the catalogue
├── ClientSideFault     the misbehaviour happens on the employee's computer, not in the service
├── UnknownOrganisation no organisation has this BIN
├── BadSwitch           a switch or its value is not known
├── BadWord             a word of the command line cannot be followed
└── StateUnusable       the state file is damaged, of another version, or cannot be written

Failures that the imitated service reports to its callers are something else: `messages.ApiError`.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path


class EmulatorError(Exception):
    """The emulator cannot do what was asked.

    The message is one sentence that says what to do; it is Russian, as its readers are.
    """


class AddressInUse(EmulatorError):
    """Another program already listens on the wanted port."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"Порт {port} на 127.0.0.1 занят или недоступен: "
            "укажите другой порт или 0, чтобы взять свободный."
        )


def why(error: OSError) -> str:
    """The reason in a few Russian words; the system's own are in the system's language."""
    for kind, words in _REASONS:
        if isinstance(error, kind):
            return words
    return "на диске нет места" if error.errno == errno.ENOSPC else f"ошибка {error.errno}"


_REASONS: tuple[tuple[type[OSError], str], ...] = (
    (FileNotFoundError, "такой папки нет"),
    (PermissionError, "нет прав"),
    (IsADirectoryError, "это папка"),
    (NotADirectoryError, "часть пути — не папка"),
    (FileExistsError, "на этом месте файл, а не папка"),
)


class DirectoryUnusable(EmulatorError):
    """The directory for certificates and keys cannot be made or written."""

    def __init__(self, directory: Path, reason: str) -> None:
        self.directory = directory
        super().__init__(
            f"Эмулятор не может писать в папку {directory} ({reason}): укажите другую папку."
        )


class LedgerUnreadable(EmulatorError):
    """A row of the ledger of facts breaks a rule; its readers are developers, hence English."""

    def __init__(self, fact_id: str, complaint: str) -> None:
        self.fact_id = fact_id
        super().__init__(f"Fact {fact_id}: {complaint}.")


class NotRunning(EmulatorError):
    """The emulator has no address before `start` and after `stop`."""

    def __init__(self) -> None:
        super().__init__("Эмулятор не запущен: вызовите start() или используйте with.")


class UnknownFault(EmulatorError):
    """No misbehaviour of this name is in the catalogue."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name = name
        near = get_close_matches(name, known, n=3, cutoff=0.5)
        super().__init__(
            f"Сбоя «{name}» эмулятор не знает"
            + (f"; похожие: {', '.join(near)}." if near else ".")
            + " Список печатает sigex-emulator --list-faults."
        )


class ClientSideFault(EmulatorError):
    """The misbehaviour happens on the employee's computer: the service cannot bring it about."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"Сбой «{name}» происходит на компьютере сотрудника: его вносит тест в свой NCALayer, "
            "а не эмулятор."
        )


class UnknownOrganisation(EmulatorError):
    """No organisation of the emulator has this BIN."""

    def __init__(self, organisation_bin: str) -> None:
        super().__init__(
            f"Организации с БИН {organisation_bin} в эмуляторе нет: возьмите БИН из emulator.json."
        )


class BadSwitch(EmulatorError):
    """A switch is not known, or a value is none of its own."""


class BadWord(EmulatorError):
    """A word of the command line cannot be followed."""


class StateUnusable(EmulatorError):
    """The state file is damaged, of another version, or cannot be read or written."""

    def __init__(self, file: Path, reason: str) -> None:
        self.file = file
        super().__init__(
            f"Файл состояния {file} {reason}. Укажите другой файл в --state или удалите этот, "
            "чтобы начать заново."
        )
