"""The bridge: a browser context in which a page finds NCALayer, with no local service running."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, Route, WebSocketRoute

from .ncalayer import ADDRESS, GREETING, KAZTOKEN_ADDRESS, NCALayer

_ADDRESS = re.compile(rf"^{re.escape(ADDRESS)}/?$")


def attach(context: BrowserContext, ncalayer: NCALayer) -> None:
    """Answer NCALayer's address inside this context.

    KAZTOKEN's address is refused at once: a page that waits for it would lose a second
    (sigex-facts 4.2).
    """

    def serve(socket: WebSocketRoute) -> None:
        socket.on_message(lambda frame: socket.send(ncalayer.answer(frame)))
        socket.send(GREETING)

    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    context.route_web_socket(_ADDRESS, serve)
    context.route(f"{KAZTOKEN_ADDRESS}**", refuse)
