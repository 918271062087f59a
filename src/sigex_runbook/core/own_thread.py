"""A thread of one's own that does what it is asked, one thing after another.

Playwright's objects belong to the thread that made them, and its sync API refuses one with a
running event loop, as a notebook's kernel has. A thread that a hung browser holds ends with the
process.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class OwnThread:
    """Make one, `start` it, `ask` it, `end` it; `serve` is the thread's own side."""

    def __init__(self, name: str, work: Callable[[], object]) -> None:
        """`work` is what the thread does; somewhere in it, it calls `serve`."""
        self._tasks: SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=work, name=name, daemon=True)

    def start(self) -> None:
        """Once."""
        self._thread.start()

    @property
    def started(self) -> bool:
        """Whether it was."""
        return self._thread.ident is not None

    @property
    def alive(self) -> bool:
        """Whether it was started and its work is not done."""
        return self._thread.is_alive()

    def ask(self, task: Callable[[], T]) -> Future[T]:
        """Have something done on the thread; what it raises, the answer raises."""
        answer: Future[T] = Future()
        self._tasks.put((task, answer))
        return answer

    def end(self) -> None:
        """Serve no more when everything asked for is done."""
        self._tasks.put(None)

    def join(self, seconds: float) -> None:
        """Wait for its work to be done, not longer than that."""
        self._thread.join(seconds)

    def serve(self) -> None:
        """On the thread: do what is asked until it is to end."""
        while (asked := self._tasks.get()) is not None:
            task, answer = asked
            try:
                answer.set_result(task())
            except BaseException as error:  # noqa: BLE001 - it goes to whoever waits
                answer.set_exception(error)
