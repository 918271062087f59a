"""Lets the faults in force take effect on the calls and the pages that they concern.

With no fault in force a request is handed on, and nobody looks further.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from sigex_emulator.api.visit import CALLER, SESSION, world_of
from sigex_emulator.world.sessions import Session

from .calls import AUTH, EFFECTS, Answer, Call, Proceed

Handler = Callable[[web.Request], Awaitable[Answer]]


@web.middleware
async def fault_middleware(request: web.Request, handler: Handler) -> Answer:
    """Apply the faults of whoever calls, if there are any in the whole world."""
    world = world_of(request)
    if not world.faults or not request.path.startswith("/api"):
        return await handler(request)
    proceed: Proceed = partial(handler, request)
    caller = request[CALLER]
    if caller is None:
        names, organisation_bin = world.faults.before_sign_in(), ""
        if AUTH.covers(request):
            # Only a sign-in that succeeded tells whose it is: do it first, then the faults.
            answer = await _with_effects(request, names, organisation_bin, proceed)
            session = _opened(request, answer)
            if session is None or session.identity.organisation_bin is None:
                return answer
            organisation_bin = session.identity.organisation_bin
            request[SESSION] = session
            names, proceed = world.faults.active(organisation_bin), partial(_given, answer)
    else:
        organisation_bin = caller.organisation_bin or ""
        names = world.faults.active(organisation_bin)
    return await _with_effects(request, names, organisation_bin, proceed)


def page_faults(request: web.Request) -> list[str]:
    """Return the faults that the asked page's own script brings about."""
    world = world_of(request)
    if not world.faults:
        return []
    session = world.sessions.find(request.cookies.get("jwt", ""), world.clock.now())
    names = (
        world.faults.active(session.identity.organisation_bin)
        if session
        else world.faults.before_sign_in()
    )
    return [name for name in names if name not in EFFECTS and not name.startswith("mtls-")]


async def _with_effects(
    request: web.Request, names: list[str], organisation_bin: str, proceed: Proceed
) -> Answer:
    faults = world_of(request).faults
    for name in names:
        for where, effect in EFFECTS.get(name, ()):
            if where.covers(request):
                call = Call(
                    request, organisation_bin, proceed, faults.memory(organisation_bin, name)
                )
                proceed = partial(effect, call)
    return await proceed()


async def _given(answer: Answer) -> Answer:
    return answer


def _opened(request: web.Request, answer: Answer) -> Session | None:
    cookie = answer.cookies.get("jwt")
    world = world_of(request)
    return world.sessions.find(cookie.value, world.clock.now()) if cookie else None
