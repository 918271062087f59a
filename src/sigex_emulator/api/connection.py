"""What reaches no handler: words that are not HTTP, and refusals that aiohttp makes by itself.

They too get a message with HTTP 200 (sigex-facts 3.1, 3.6; which message is I).
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import BadHttpMethod, BadStatusLine, InvalidURLError

from sigex_emulator.bell import Bell
from sigex_emulator.messages import Message

from .answers import error_answer
from .visit import WORLD, is_api

_BACKLOG = 256
_log = logging.getLogger(__name__)


async def serve(
    runner: web.AppRunner, sock: socket.socket, context: ssl.SSLContext
) -> asyncio.Server:
    """Accept connections on a listening socket; the caller closes what is returned."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: Connection(runner, loop), sock=sock, ssl=context, backlog=_BACKLOG
    )


class Connection(web.RequestHandler):
    """One connection, which never answers in aiohttp's own words under `/api`."""

    __slots__ = ("_runner", "lost")

    def __init__(self, runner: web.AppRunner, loop: asyncio.AbstractEventLoop) -> None:
        assert runner.server is not None  # noqa: S101 - it is set up before it is served
        super().__init__(runner.server, loop=loop, access_log=None)  # type: ignore[arg-type]
        self._runner = runner
        self.lost = Bell()
        """Rings when the other side hung up."""

    def connection_lost(self, exc: BaseException | None) -> None:
        """Tell a call that is held for this connection; aiohttp lets it run on."""
        super().connection_lost(exc)
        self.lost.ring()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - the shape of aiohttp's hook
    ) -> web.StreamResponse:
        """Answer what could not be read, and what failed outside of the API."""
        if status == web.HTTPBadRequest.status_code:
            answer = self._answer(_said_of(exc))
        else:
            _log.error("the emulator failed on %s", request.path, exc_info=exc)
            answer = self._answer(Message.UNEXPECTED)
            if not is_api(request.path):
                answer.set_status(status)
        answer.force_close()
        return answer

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        """Put a refusal of aiohttp's own into words; a page's keeps its code."""
        if isinstance(resp, web.HTTPException) and resp.status >= web.HTTPBadRequest.status_code:
            answer = self._answer(_MESSAGES.get(resp.status, Message.INVALID_HEADERS))
            if not is_api(request.path):
                answer.set_status(resp.status)
            resp = answer
        return await super().finish_response(request, resp, start_time)

    def log_exception(self, *args: Any, **kw: Any) -> None:
        """Say quietly what a visitor did wrong; what we did wrong is said where it is caught."""
        _log.debug(*args, **kw)

    def _answer(self, message: Message) -> web.Response:
        world: Any = self._runner.app[WORLD]
        return error_answer(message, world.identifiers.request_id())


_MESSAGES = {
    web.HTTPNotFound.status_code: Message.UNKNOWN_ROUTE,
    web.HTTPMethodNotAllowed.status_code: Message.INVALID_METHOD,
    web.HTTPRequestEntityTooLarge.status_code: Message.BODY_TOO_LARGE,
}


def _said_of(error: BaseException | None) -> Message:
    if isinstance(error, BadHttpMethod):
        return Message.INVALID_METHOD
    if isinstance(error, BadStatusLine | InvalidURLError):
        return Message.UNKNOWN_ROUTE
    return Message.INVALID_HEADERS
