"""Answers that are none: errors of a proxy, pages, silence, broken connections."""

from __future__ import annotations

import asyncio
import contextlib
from typing import NoReturn

from aiohttp import web

from sigex_emulator.api.held import alarm, is_in_vain
from sigex_emulator.api.visit import world_of
from sigex_emulator.fault_effects.calls import LOAD, SAVE, SYSTEMS, Answer, Call, disturbs
from sigex_emulator.messages import ApiError, Message

_LONGEST_SILENCE = 120.0


async def bad_gateway(call: Call) -> Answer:  # noqa: ARG001 - the shape of a disturbance
    """Answer as a proxy does whose server is gone."""
    return web.Response(
        status=502, text="<html><body>502 Bad Gateway</body></html>", content_type="text/html"
    )


async def _html(call: Call) -> Answer:  # noqa: ARG001
    return web.Response(
        text="<!doctype html><title>SIGEX</title><p>Ведутся работы</p>", content_type="text/html"
    )


async def _message(call: Call) -> NoReturn:  # noqa: ARG001
    raise ApiError(Message.UNEXPECTED)


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


for _name, _place, _disturbance in (
    ("save-502", SAVE, bad_gateway),
    ("save-html", SAVE, _html),
    ("save-message", SAVE, _message),
    ("save-hangs", SAVE, silence),
    ("save-slow", SAVE, _slowly),
    ("load-502", LOAD, bad_gateway),
    ("load-html", LOAD, _html),
    ("load-message", LOAD, _message),
    ("load-reset", LOAD, _reset),
    ("load-slow", LOAD, _slowly),
    ("mtls-502", SYSTEMS, bad_gateway),
    ("mtls-reset", SYSTEMS, _reset),
    ("mtls-slow", SYSTEMS, _slowly),
):
    disturbs(_name, _place)(_disturbance)


@disturbs("save-answer-lost", SAVE)
async def _answer_lost(call: Call) -> Answer:
    await call.proceed()
    return await _reset(call)
