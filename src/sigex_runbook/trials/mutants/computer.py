"""The employee's own computer, when NCALayer on it goes wrong as the catalogue's client-side faults
say. The service cannot bring these about: they are put into the browser's context."""

from __future__ import annotations

import base64
import json
import re
import textwrap
from collections.abc import Callable

from playwright.sync_api import BrowserContext, WebSocketRoute

from sigex_runbook.run.employee import Bridge
from sigex_runbook.signing import NCALayer, Signer
from sigex_runbook.signing.ncalayer import ADDRESS, GREETING


def faulty_bridge(name: str, signer: Signer, stranger: Signer) -> Bridge:
    """Return a bridge with one fault of the employee's computer, who has the `signer`'s key.

    `ncalayer-wrong-key` signs with the `stranger`'s instead. Raises KeyError for another fault.
    """
    spoil = _ANSWERS[name]
    ncalayer = NCALayer(stranger if name == "ncalayer-wrong-key" else signer)

    def bridge(context: BrowserContext) -> None:
        def serve(socket: WebSocketRoute) -> None:
            if name == "ncalayer-absent":
                socket.close(code=1011)
                return
            socket.on_message(lambda frame: _answer(socket, ncalayer, spoil, str(frame)))
            socket.send(GREETING)

        context.route_web_socket(re.compile(rf"^{re.escape(ADDRESS)}/?$"), serve)

    return bridge


def _answer(
    socket: WebSocketRoute, ncalayer: NCALayer, spoil: Callable[[str], str | None], frame: str
) -> None:
    honest = ncalayer.answer(frame)
    signs = json.loads(frame).get("method") == "sign"
    answer = spoil(honest) if signs else honest
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
    "ncalayer-wrong-key": lambda honest: honest,
}
