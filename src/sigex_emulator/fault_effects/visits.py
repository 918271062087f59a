"""Signing in that fails, and sessions that are another one's, end too early or too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from sigex_emulator.api.visit import CALLER, SESSION, world_of
from sigex_emulator.messages import ApiError, Message
from sigex_emulator.pki.identity import read_identity

from .calls import (
    AUTH,
    SAVE,
    Answer,
    Answered,
    Call,
    Effect,
    changes_answer,
    effect_of,
)
from .no_answers import BAD_GATEWAY, refusal, silence


def _signs_in(call: Call) -> bool:
    """Tell whether this call has just opened a session (a sign-out goes the same way)."""
    return call.request[CALLER] is None and call.request[SESSION] is not None


def _at_sign_in(name: str) -> Callable[[Effect], Effect]:
    def register(effect: Effect) -> Effect:
        async def at_sign_in(call: Call) -> Answer:
            return await (effect(call) if _signs_in(call) else call.proceed())

        return effect_of(name, AUTH)(at_sign_in)

    return register


_at_sign_in("sign-in-502")(BAD_GATEWAY)
_at_sign_in("sign-in-hangs")(silence)
_at_sign_in("sign-in-message")(refusal(Message.INVALID_CERTIFICATE_STATUS))
_at_sign_in("sign-in-nonce-refused")(refusal(Message.INVALID_NONCE))


@changes_answer("sign-in-nonce-missing", AUTH)
def _nonce_missing(answered: Answered) -> dict[str, Any]:
    return {key: value for key, value in answered.body.items() if key != "nonce"}


@_at_sign_in("session-without-cookie")
async def _without_cookie(call: Call) -> Answer:
    answer = await call.proceed()
    answer.cookies.clear()
    return answer


@_at_sign_in("session-ends-after-sign-in")
async def _session_ended(call: Call) -> Answer:
    answer = await call.proceed()
    session = call.request[SESSION]
    if session is not None:
        world_of(call.request).sessions.close(session)
    return answer


@effect_of("session-ends-before-save", SAVE)
async def _session_gone(call: Call) -> NoReturn:
    session = call.request[SESSION]
    if session is not None:
        world_of(call.request).sessions.close(session)
        call.request[SESSION] = None  # or the answer would renew it
    raise ApiError(Message.AUTHENTICATION_REQUIRED)


def _become_head(call: Call, organisation_bin: str) -> None:
    """Let the session that was just opened belong to an organisation's head."""
    world, session = world_of(call.request), call.request[SESSION]
    if session is None:
        return
    head = read_identity(world.organisations[organisation_bin].key_of("head").certificate)
    lifetime = world.switches.session_lifetime
    world.sessions.open(session.session_id, head, world.clock.now(), lifetime)


@_at_sign_in("session-of-other-person")
async def _other_person(call: Call) -> Answer:
    answer = await call.proceed()
    _become_head(call, call.organisation_bin)
    return answer


@_at_sign_in("session-of-other-organisation")
async def _session_elsewhere(call: Call) -> Answer:
    answer = await call.proceed()
    _become_head(call, call.another_organisation())
    return answer


@effect_of("session-survives-sign-out", AUTH)
async def _survives(call: Call) -> Answer:
    session = call.request[SESSION]
    if session is None or _signs_in(call):
        return await call.proceed()
    answer = await call.proceed()
    world = world_of(call.request)
    lifetime = world.switches.session_lifetime
    world.sessions.open(session.session_id, session.identity, world.clock.now(), lifetime)
    answer.cookies.clear()
    return answer
