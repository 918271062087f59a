"""An NCALayer on the employee's computer that goes wrong as the catalogue's client-side faults say.

`faulty("ncalayer-silent")` takes the place of `sigex_runbook.signing.bridge.attach`, for instance
by `monkeypatch.setattr("sigex_runbook.stage.attach", faulty(…))`.
"""

from __future__ import annotations

import base64
import json
import re
import textwrap
from collections.abc import Callable

from playwright.sync_api import BrowserContext, WebSocketRoute

from sigex_runbook.signing import NCALayer, Signer
from sigex_runbook.signing.ncalayer import ADDRESS, GREETING

Attach = Callable[[BrowserContext, NCALayer], None]


def faulty(name: str, stranger: Signer | None = None) -> Attach:
    """Return an `attach` with one fault; `ncalayer-wrong-key` signs with the stranger's key."""
    if name == "ncalayer-wrong-key":
        assert stranger is not None, "whose key instead?"
    else:
        assert name in _ANSWERS, name

    def attach(context: BrowserContext, ncalayer: NCALayer) -> None:
        behind = NCALayer(stranger) if stranger is not None else ncalayer

        def serve(socket: WebSocketRoute) -> None:
            if name == "ncalayer-absent":
                socket.close(code=1011)
                return
            socket.on_message(lambda frame: _answer(socket, behind, name, str(frame)))
            socket.send(GREETING)

        context.route_web_socket(re.compile(rf"^{re.escape(ADDRESS)}/?$"), serve)

    return attach


def _answer(socket: WebSocketRoute, behind: NCALayer, name: str, frame: str) -> None:
    honest = behind.answer(frame)
    signs = json.loads(frame).get("method") == "sign"
    answer = _ANSWERS[name](honest) if signs and name in _ANSWERS else honest
    if answer is not None:
        socket.send(answer)


def _broken(honest: str) -> str:
    """Change the last byte of the signature's value; the CMS keeps its shape."""
    answer = json.loads(honest)
    body = "".join(line for line in answer["body"]["result"].splitlines() if "-----" not in line)
    der = bytearray(base64.b64decode(body))
    der[-1] ^= 1
    armoured = textwrap.fill(base64.b64encode(der).decode(), 64)
    answer["body"]["result"] = f"-----BEGIN CMS-----\n{armoured}\n-----END CMS-----\n"
    return json.dumps(answer)


_ANSWERS: dict[str, Callable[[str], str | None]] = {
    "ncalayer-absent": lambda _: None,
    "ncalayer-silent": lambda _: None,
    "ncalayer-cancelled": lambda _: '{"status": true, "body": {}}',
    "ncalayer-broken-signature": _broken,
}
