"""A proxy for tests: every name that it is asked for is this machine."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest


@dataclass
class Proxy:
    """Where it listens, with what signs in to it, and whom it was asked for."""

    port: int
    sign_in: str | None = None
    asked: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        user = f"{self.sign_in}@" if self.sign_in else ""
        return f"http://{user}127.0.0.1:{self.port}"


def set_proxies(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """These variables and no others: `https_proxy` …, in either case of letters."""
    for name in ("https_proxy", "http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)


@contextmanager
def running_proxy(*, sign_in: str | None = None, refuses: bool = False) -> Iterator[Proxy]:
    """One that tunnels and forwards; with `sign_in` (`name:password`) it asks for that."""

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            if not self._admitted(self.path):
                return
            port = int(self.path.rpartition(":")[2])
            with closing(socket.create_connection(("127.0.0.1", port))) as there:
                self.send_response_only(200)
                self.end_headers()
                back = threading.Thread(target=_pump, args=(there, self.connection))
                back.start()
                _pump(self.connection, there)
                back.join()

        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            if not self._admitted(parts.netloc):
                return
            body = self.rfile.read(int(self.headers["content-length"]))
            head = f"POST {parts.path} HTTP/1.0\r\nContent-Length: {len(body)}\r\n"
            head += f"Content-Type: {self.headers['content-type']}\r\n\r\n"
            with closing(socket.create_connection(("127.0.0.1", parts.port or 80))) as there:
                there.sendall(head.encode() + body)
                while data := there.recv(65536):
                    self.wfile.write(data)

        def _admitted(self, whom: str) -> bool:
            proxy.asked.append(whom)
            given = self.headers.get("proxy-authorization", "")
            wanted = f"Basic {base64.b64encode((sign_in or '').encode()).decode()}"
            if refuses or (sign_in is not None and given != wanted):
                self.send_response_only(403 if refuses else 407)
                self.send_header("Proxy-Authenticate", 'Basic realm="proxy"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return False
            return True

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        proxy = Proxy(server.server_address[1], sign_in)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()


def _pump(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)
