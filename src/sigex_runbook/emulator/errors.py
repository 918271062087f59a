"""What can go wrong around the emulator itself.

EmulatorError
├── AddressInUse        another program holds the port
├── DirectoryUnusable   the emulator's directory cannot be written
├── LedgerUnreadable    a row of the ledger of facts breaks its rules
└── NotRunning          an address was asked of an emulator that is not started

Failures that the imitated service reports to its callers are something else: `messages.ApiError`.
"""

from __future__ import annotations

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
