"""Answers that are none: errors of a proxy, pages, silence, broken connections."""

from __future__ import annotations

import asyncio
import contextlib
from typing import NoReturn

from aiohttp import web

from sigex_emulator.api.held import alarm, is_in_vain
from sigex_emulator.api.visit import world_of
from sigex_emulator.messages import ApiError, Message

from .calls import LOAD, SAVE, SYSTEMS, Answer, Call, Effect, effect_of

_LONGEST_SILENCE = 120.0


def page(text: str, status: int = 200) -> Effect:
    """Answer with a page where JSON is due."""

    async def effect(_call: Call) -> Answer:
        return web.Response(status=status, text=text, content_type="text/html")

    return effect


def refusal(message: Message) -> Effect:
    """Answer with a message, whatever was asked."""

    async def effect(_call: Call) -> NoReturn:
        raise ApiError(message)

    return effect


BAD_GATEWAY = page("<html><body>502 Bad Gateway</body></html>", 502)
"""As a proxy answers whose server is gone."""

_MAINTENANCE = page("<!doctype html><title>SIGEX</title><p>Ведутся работы</p>")
_UNEXPECTED = refusal(Message.UNEXPECTED)


async def _reset(call: Call) -> Answer:
    """Break the connection; what is returned goes nowhere."""
    if call.request.transport is not None:
        call.request.transport.abort()
    return web.Response()


async def silence(call: Call) -> Answer:
    """Answer nothing until the caller has gone."""
    with alarm(call.request) as event, contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST_SILENCE):
            while not is_in_vain(call.request):
                event.clear()
                await event.wait()
    return await _reset(call)


async def _slowly(call: Call) -> Answer:
    await asyncio.sleep(world_of(call.request).faults.delay_seconds)
    return await call.proceed()


for _name, _place, _effect in (
    ("save-502", SAVE, BAD_GATEWAY),
    ("save-html", SAVE, _MAINTENANCE),
    ("save-message", SAVE, _UNEXPECTED),
    ("save-hangs", SAVE, silence),
    ("save-slow", SAVE, _slowly),
    ("load-502", LOAD, BAD_GATEWAY),
    ("load-html", LOAD, _MAINTENANCE),
    ("load-message", LOAD, _UNEXPECTED),
    ("load-reset", LOAD, _reset),
    ("load-slow", LOAD, _slowly),
    ("mtls-502", SYSTEMS, BAD_GATEWAY),
    ("mtls-reset", SYSTEMS, _reset),
    ("mtls-slow", SYSTEMS, _slowly),
):
    effect_of(_name, _place)(_effect)


@effect_of("save-answer-lost", SAVE)
async def _answer_lost(call: Call) -> Answer:
    await call.proceed()
    return await _reset(call)
