"""Long calls: held until something happens, the caller hangs up, or the emulator stops.

Nothing is polled: whatever could end a wait rings a bell.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from aiohttp import web

from sigex_emulator.bell import Bell

from .connection import Connection


class HeldCalls:
    """Lets go of the held calls of one application when it stops."""

    def __init__(self) -> None:
        self.stopped = Bell()
        self.stopping = False

    async def stop(self, _: web.Application) -> None:
        """Let every call go; aiohttp calls this before it waits for handlers."""
        self.stopping = True
        self.stopped.ring()


HELD: web.AppKey[HeldCalls] = web.AppKey("held", HeldCalls)


def add_held_calls(application: web.Application) -> None:
    """Let an application hold calls."""
    application[HELD] = HeldCalls()
    application.on_shutdown.append(application[HELD].stop)


def is_in_vain(request: web.Request) -> bool:
    """Tell whether the caller hung up, or will not get an answer any more."""
    return request.transport is None or request.app[HELD].stopping


@contextlib.contextmanager
def alarm(request: web.Request, *bells: Bell) -> Iterator[asyncio.Event]:
    """Give an event that is set when a bell rings, the caller hangs up or the emulator stops."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    connection = request.protocol
    assert isinstance(connection, Connection)  # noqa: S101 - it is what `serve` makes

    def wake() -> None:
        with contextlib.suppress(RuntimeError):  # the loop just ended: nobody waits any more
            loop.call_soon_threadsafe(event.set)

    with contextlib.ExitStack() as stack:
        for bell in (*bells, request.app[HELD].stopped, connection.lost):
            stack.enter_context(bell.listening(wake))
        yield event
