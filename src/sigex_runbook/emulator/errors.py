"""What can go wrong around the emulator itself.

EmulatorError
├── AddressInUse        another program holds the port
├── DirectoryUnusable   the emulator's directory cannot be written
└── NotRunning          an address was asked of an emulator that is not started

Failures that the imitated service reports to its callers are something else: `messages.ApiError`.
"""

from __future__ import annotations

from pathlib import Path


class EmulatorError(Exception):
    """The emulator cannot do what was asked; the message is one sentence that says what to do."""


class AddressInUse(EmulatorError):
    """Another program already listens on the wanted port."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"Port {port} on 127.0.0.1 cannot be used (busy or not allowed): "
            "choose another port, or 0 for a free one."
        )


class DirectoryUnusable(EmulatorError):
    """The directory for certificates and keys cannot be made or written."""

    def __init__(self, directory: Path, reason: str) -> None:
        self.directory = directory
        super().__init__(
            f"The emulator cannot write to {directory} ({reason}): choose a directory you own."
        )


class NotRunning(EmulatorError):
    """The emulator has no address before `start` and after `stop`."""

    def __init__(self) -> None:
        super().__init__("The emulator is not running: call start() or use it in a with statement.")
