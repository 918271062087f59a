"""Serving in the foreground, until a signal asks to leave."""

from __future__ import annotations

import queue
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from .server import Emulator

_LOOK_SECONDS = 0.2  # how often to look up: Windows waits deaf to Ctrl+C otherwise


def run_forever(emulator: Emulator, when_ready: Callable[[Emulator], None]) -> None:
    """Serve until SIGINT (Ctrl+C) or SIGTERM, then stop; prints nothing itself.

    `when_ready` is called once with the started emulator. Call it in the main thread, which is
    where Python delivers signals. Raises EmulatorError when the emulator cannot start.
    """
    with asked_to_leave() as asked, emulator:
        when_ready(emulator)
        await_one(asked, _LOOK_SECONDS)


@contextmanager
def asked_to_leave() -> Iterator[queue.SimpleQueue[int]]:
    """Put the number of each SIGINT and SIGTERM into a queue while the block runs.

    A SimpleQueue may be put into by a signal handler that interrupts whoever waits for it. An
    Event may not: the handler would wait for a lock that the interrupted wait holds.
    """
    asked: queue.SimpleQueue[int] = queue.SimpleQueue()

    def ask(number: int, _frame: FrameType | None) -> None:
        asked.put(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def await_one(asked: queue.SimpleQueue[int], look_seconds: float) -> int:
    """Return the first number, looking up every so often."""
    while True:
        try:
            return asked.get(timeout=look_seconds)
        except queue.Empty:
            continue
