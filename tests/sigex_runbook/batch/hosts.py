"""Other machines, as far as one machine can play them: processes in network namespaces of their
own, with disks of their own, joined by a bridge.

Where nobody may make namespaces the processes share the network, and `apart` says so.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from socket import create_server, socket

_NET = f"198.18.{os.getpid() % 256}"
_BRIDGE = f"sx{os.getpid() % 10**6}"


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


def may_part() -> bool:
    """Whether this user may make network namespaces here."""
    if sys.platform != "linux":
        return False
    try:
        _ip("netns", "add", f"{_BRIDGE}t")
        _ip("netns", "del", f"{_BRIDGE}t")
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


@dataclass
class Host:
    """One machine: its folder is its own, and what is `hidden` is not on its disk."""

    name: str
    address: str
    folder: Path
    apart: bool
    hidden: tuple[Path, ...]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, lines: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Run lines of a shell here; the last one becomes the process."""
        self.folder.mkdir(exist_ok=True)
        hide = [f"mount -t tmpfs none {shlex.quote(str(one))}" for one in self.hidden if self.apart]
        script = "\n".join(["set -e", *hide, lines])
        into = ["ip", "netns", "exec", self.name] if self.apart else []
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [*into, "sh", "-c", script],
                cwd=self.folder,
                env={**os.environ, "TMPDIR": str(self.folder), **environment},
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)
        return process

    def lead_to(self, port: int) -> None:
        """Let this host's own port lead to the same one of ours, for what answers on loopback
        only."""
        if self.apart:
            listener = _listener_in(self.name, port)
            threading.Thread(
                target=asyncio.run, args=(_relay(listener, port),), daemon=True
            ).start()


@contextmanager
def hosts(folder: Path, names: tuple[str, ...], hidden: tuple[Path, ...]) -> Iterator[list[Host]]:
    """So many machines; what runs on them ends with them."""
    apart = may_part()
    made: list[Host] = []
    with ExitStack() as leaving:
        if apart:
            _ip("link", "add", _BRIDGE, "type", "bridge")
            leaving.callback(_ip, "link", "del", _BRIDGE)
            _ip("addr", "add", f"{_NET}.1/24", "dev", _BRIDGE)
            _ip("link", "set", _BRIDGE, "up")
        for number, name in enumerate(names, 2):
            home = f"{_BRIDGE}{number}"
            address = f"{_NET}.{number}" if apart else "127.0.0.1"
            if apart:
                _part(home, address, leaving)
            made.append(Host(home, address, folder / name, apart, hidden))
        try:
            yield made
        finally:
            for process in (one for host in made for one in host.processes):
                process.kill()
                process.wait()


def _part(home: str, address: str, leaving: ExitStack) -> None:
    _ip("netns", "add", home)
    leaving.callback(_ip, "netns", "del", home)
    _ip("link", "add", f"{home}o", "type", "veth", "peer", "name", "eth0", "netns", home)
    _ip("link", "set", f"{home}o", "master", _BRIDGE, "up")
    for words in (
        ("addr", "add", f"{address}/24", "dev", "eth0"),
        ("link", "set", "eth0", "up"),
        ("link", "set", "lo", "up"),
    ):
        _ip("-n", home, *words)


def _listener_in(home: str, port: int) -> socket:
    """A socket belongs to the namespace in which its thread was when it made it."""
    made: list[socket] = []

    def make() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        with Path(f"/run/netns/{home}").open("rb") as there:
            assert libc.setns(there.fileno(), 0) == 0, os.strerror(ctypes.get_errno())
        made.append(create_server(("127.0.0.1", port)))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


async def _relay(listener: socket, port: int) -> None:
    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(1 << 16):
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(pump(reader, back), pump(there, writer))

    server = await asyncio.start_server(serve, sock=listener)
    await server.serve_forever()
