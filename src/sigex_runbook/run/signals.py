"""Signals that end a program: heard at once, obeyed where nothing is lost.

Ctrl+C, SIGTERM and (where there is one) SIGHUP wait while a pack is being sealed; a second one
changes nothing. A signal that the program's parent told it to ignore stays ignored. One that comes
while a module is being imported comes again a moment later: an exception there may leave a lock
behind that nobody opens any more, and the sealing would wait for it.
"""

from __future__ import annotations

import _thread
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from types import FrameType
from typing import cast

_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_SHELL_BASE = 128
_MOMENT_SECONDS = 0.02
_IMPORTING = "<frozen importlib"
"""How the file is called that imports."""


class Interrupted(KeyboardInterrupt):
    """A signal asked the program to end; `exit_code` is what a shell expects then."""

    def __init__(self, number: int = signal.SIGINT) -> None:
        super().__init__()
        self.number = number

    @property
    def exit_code(self) -> int:
        """128 and the signal's number."""
        return _SHELL_BASE + self.number


class Interruptions:
    """What has been asked of this program. Without `listening` Python's own ways stay in force."""

    def __init__(self, heard: Callable[[], object] = lambda: None) -> None:
        """`heard` is called at the first signal, long before it is obeyed, on another thread: what
        the main one holds at that moment may be what is needed to speak."""
        self._heard = heard
        self._asked: int | None = None
        self._told = False
        self._allowed = False
        self._later: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear the signals; only the main thread may."""
        before = {
            number: signal.signal(number, self._hear)
            for number in _SIGNALS
            if signal.getsignal(number) is not signal.SIG_IGN
        }
        later = threading.Thread(target=_serve, args=(self._later,), daemon=True)
        later.start()
        try:
            yield
        finally:
            self._later.put(None)
            later.join()  # or what comes again would meet the handlers of before, and kill
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """In here a signal raises Interrupted at once, also one that came before."""
        self._allowed = True
        try:
            self.check()
            yield
        finally:
            self._allowed = False

    def check(self) -> None:
        """Raises Interrupted when a signal came; once."""
        if self._asked is not None and not self._told:
            self._told = True
            raise Interrupted(self._asked)

    def forgive(self) -> None:
        """What was asked for is being done, and takes its time: another signal asks anew."""
        self._asked, self._told = None, False

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._asked is None:
            self._asked = number
            self._later.put(self._heard)
        if not self._allowed:
            return
        if _imports(frame):
            self._later.put(partial(_come_again, number))
        else:
            self.check()


@contextmanager
def held() -> Iterator[None]:
    """In here an interrupt changes nothing, where it would otherwise break off at any line: in a
    notebook's kernel. A program that listens to signals knows better."""
    with ExitStack() as listening:
        alone = threading.current_thread() is threading.main_thread()
        if alone and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            listening.enter_context(Interruptions().listening())
        yield


def _imports(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith(_IMPORTING):
            return True
        frame = frame.f_back
    return False


def _serve(later: queue.SimpleQueue[Callable[[], object] | None]) -> None:
    while (task := later.get()) is not None:
        task()


def _come_again(number: int) -> None:
    time.sleep(_MOMENT_SECONDS)
    if hasattr(signal, "pthread_kill"):  # wakes a thread that waits, too
        signal.pthread_kill(cast(int, threading.main_thread().ident), number)
    else:
        _thread.interrupt_main(signal.Signals(number))
