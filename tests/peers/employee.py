"""Keywords of the employee who signs: their key answers on a port of this process."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from sigex_runbook.signing import NCALayer, Pkcs12Signer

_server: list[HTTPServer] = []
_signing: list[NCALayer] = []


class _Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        frame = self.rfile.read(int(self.headers["Content-Length"]))
        answer = _signing[0].answer(frame.decode()).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Not a word."""


def employee_signs(key_file: str, password_file: str) -> str:
    """From now on this employee answers; where."""
    password = Path(password_file).read_text("utf-8").strip()
    _signing[:] = [NCALayer(Pkcs12Signer.load(Path(key_file), password))]
    if not _server:
        _server.append(HTTPServer(("127.0.0.1", 0), _Answer))
        Thread(target=_server[0].serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{_server[0].server_port}/"
