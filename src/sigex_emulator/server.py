"""The emulator as a thing that can be started and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from aiohttp import web

from sigex_emulator.api.connection import serve
from sigex_emulator.api.visit import Port
from sigex_emulator.pages.application import add_pages
from sigex_emulator.tls.client_certificates import ClientCertificates
from sigex_emulator.tls.handshakes import refuses_handshake
from sigex_emulator.tls.listening import listen
from sigex_emulator.tls.server_identity import ServerIdentity
from sigex_emulator.world.directory import write_directory
from sigex_emulator.world.world import World

from .application import make_application
from .control import PREFIX, add_control
from .errors import NotRunning
from .skins import SkinName
from .walk_in import add_walk_in

_GRACE_SECONDS = 1.0


class Emulator:
    """A local SIGEX on two loopback ports, in a thread with an event loop of its own.

    Use it in a `with` statement, or call `start` and `stop`. Port 0 means any free port. A world
    may be given; otherwise the standard one is made. `skin` says how its pages are drawn. Raises
    EmulatorError when it cannot start.
    """

    def __init__(
        self,
        directory: Path,
        port: int = 0,
        mtls_port: int = 0,
        *,
        world: World | None = None,
        skin: SkinName | None = None,
        control: bool = False,
        walk_in: bool = False,
        state: Path | None = None,
        pages: Callable[[web.Application], None] = add_pages,
    ) -> None:
        """`control` adds the control routes, `walk_in` a way in without NCALayer; `state` is the
        file that keeps the world from one start to the next; `pages` draws the site otherwise."""
        self.directory = Path(directory)
        if state is not None:
            from sigex_emulator.world.state import keep_world, open_world  # needs pydantic

            if world is None:
                world = open_world(state)
            else:
                keep_world(world, state)
        self.world = world or World()
        self.control_token = secrets.token_urlsafe(32) if control else None
        self._walk_in = walk_in
        self._draw = pages
        if skin is not None:
            self.world.switches = replace(self.world.switches, skin=skin)
        self._wanted = (port, mtls_port)
        self._ports: tuple[int, int] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._leave: asyncio.Event | None = None

    @property
    def address(self) -> str:
        """Base address of the pages and of the API for people."""
        return f"https://localhost:{self._running()[0]}"

    @property
    def mtls_address(self) -> str:
        """Base address of the API for information systems."""
        return f"https://localhost:{self._running()[1]}"

    def start(self) -> None:
        """Listen, write the directory, and return when requests are answered."""
        if self._thread is not None:
            return
        sockets: list[list[socket.socket]] = []
        try:
            for port in self._wanted:
                sockets.append(listen(port))  # one by one: the first is closed if the second fails
            people, systems = (one[0].getsockname()[1] for one in sockets)
            self._ports = (people, systems)
            write_directory(
                self.directory, self.world, self.address, self.mtls_address, self._control()
            )
            self._serve_in_thread(*sockets)
        except BaseException:
            self._ports = None
            for one in [each for some in sockets for each in some]:
                one.close()
            raise

    def stop(self) -> None:
        """Close both ports; calling it again does nothing."""
        thread, self._thread = self._thread, None
        if thread is None or self._loop is None or self._leave is None:
            return
        self._loop.call_soon_threadsafe(self._leave.set)
        thread.join()
        self._ports = self._loop = self._leave = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _control(self) -> dict[str, str] | None:
        if self.control_token is None:
            return None
        return {"address": f"{self.address}{PREFIX}", "token": self.control_token}

    def _running(self) -> tuple[int, int]:
        if self._ports is None:
            raise NotRunning
        return self._ports

    def _serve_in_thread(self, people: list[socket.socket], systems: list[socket.socket]) -> None:
        ready = threading.Event()
        failures: list[BaseException] = []

        async def serve() -> None:
            self._loop, self._leave = asyncio.get_running_loop(), asyncio.Event()
            async with contextlib.AsyncExitStack() as stack:
                await self._open(people, systems, stack)
                ready.set()
                await self._leave.wait()

        def run() -> None:
            try:
                asyncio.run(serve())
            except BaseException as failure:  # noqa: BLE001 - handed to the thread that waits
                failures.append(failure)
            finally:
                ready.set()

        self._thread = threading.Thread(target=run, name="sigex-emulator", daemon=True)
        self._thread.start()
        ready.wait()
        if failures:
            self._thread = None
            raise failures[0]

    async def _open(
        self,
        people: list[socket.socket],
        systems: list[socket.socket],
        stack: contextlib.AsyncExitStack,
    ) -> None:
        identity = ServerIdentity(self.world.authority, self.world.clock)
        clients = ClientCertificates(
            identity.systems_context(),
            lambda certificate: refuses_handshake(self.world, certificate),
        )
        stack.callback(self.world.on_new_certificate(clients.trust))
        addresses: dict[Port, str] = {"people": self.address, "systems": self.mtls_address}
        site = make_application(self.world, "people", addresses)
        if self.control_token is not None:
            add_control(site, self.world, self.control_token)
        if self._walk_in:
            add_walk_in(site)
        self._draw(site)
        for application, sockets, context in (
            (site, people, identity.people_context()),
            (
                make_application(self.world, "systems", addresses),
                systems,
                clients.context,
            ),
        ):
            runner = web.AppRunner(application, access_log=None, shutdown_timeout=_GRACE_SECONDS)
            await runner.setup()
            stack.push_async_callback(_close, runner)
            for one in sockets:
                stack.callback((await serve(runner, one, context)).close)


async def _close(runner: web.AppRunner) -> None:
    """Stop serving and drop every connection.

    A client that keeps its connection open never says goodbye in TLS: waiting for it would leave
    the socket behind when the loop ends.
    """
    server = runner.server
    transports = [one.transport for one in server.connections] if server else []
    await runner.cleanup()
    for transport in transports:
        if transport is not None:
            cast("asyncio.WriteTransport", transport).abort()
    await asyncio.sleep(0)  # an aborted transport closes its socket in the next round
