"""`/api/auth` and `/api/authLog` (sigex-facts 3.2, 3.3, 4.1)."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from aiohttp import web

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.pki.identity import Identity
from sigex_emulator.world.callers import PersonCaller
from sigex_emulator.world.sessions import Session
from sigex_emulator.world.world import World

from .answers import json_answer, posted_object
from .visit import SESSION, caller_of, world_of

COOKIE = "jwt"


async def post_auth(request: web.Request) -> web.Response:
    """Prepare, sign in or sign out, by what is posted (K(S2))."""
    posted = await posted_object(request)
    if posted.get("logout") is True:
        return _sign_out(request)
    if not posted:
        return _prepare(request)
    return await _sign_in(request, posted)


async def get_auth(request: web.Request) -> web.Response:
    """Answer who is signed in (K(S2))."""
    return json_answer(_person(request).identity.body)


async def get_auth_log(request: web.Request) -> web.Response:
    """Answer the sign-ins of whoever is signed in (K(S2); newest first is I)."""
    identity = _person(request).identity
    events = [one.as_json() for one in world_of(request).sign_ins.get(identity.user_id, ())]
    business = {"businessId": identity.business_id} if identity.business_id else {}
    return json_answer(
        {
            "userId": identity.user_id,
            **business,
            "eventsTotal": len(events),
            "events": events[::-1],
        }
    )


async def refuse_auth(request: web.Request) -> web.Response:
    """Refuse certificate sign-in on the mTLS port (sigex-facts 5, K; the message is I)."""
    caller_of(request)
    unknown = world_of(request).switches.auth_on_mtls == "unauthenticated"
    raise ApiError(Message.AUTHENTICATION_REQUIRED if unknown else Message.TLS_ALREADY)


def open_session(request: web.Request, response: web.StreamResponse, identity: Identity) -> None:
    """Open a session for somebody and give him its cookie."""
    world = world_of(request)
    world.remember_sign_in(identity, request.remote or "")
    session_id = world.identifiers.session_id()
    opened = Session(session_id, identity, world.clock.now())
    _set_cookie(world, response, session_id, opened)


def renew_cookie(request: web.Request, response: web.StreamResponse) -> None:
    """Send a fresh cookie with any answer when the old one nears its end (3.3, K)."""
    session: Session | None = request[SESSION]
    if session is None or COOKIE in response.cookies:
        return
    world = world_of(request)
    now, lifetime = world.clock.now(), world.switches.session_lifetime
    if session.expires_at - now < lifetime / 3:
        _set_cookie(world, response, session.session_id, session)


def _prepare(request: web.Request) -> web.Response:
    world = world_of(request)
    nonce = world.identifiers.nonce()
    world.nonces.issue(nonce, world.clock.now(), world.switches.nonce_lifetime)
    return json_answer({"nonce": nonce})


async def _sign_in(request: web.Request, posted: dict[str, Any]) -> web.Response:
    from sigex_emulator.pki.signatures import verify_sign_in  # pyHanko is slow to import

    nonce, signature = posted.get("nonce"), posted.get("signature")
    external = posted.get("external", False)
    if (
        not isinstance(nonce, str)
        or not isinstance(signature, str)
        or not isinstance(external, bool)
    ):
        raise ApiError(Message.INVALID_STRUCTURE)
    world = world_of(request)
    now = world.clock.now()
    if not world.nonces.consume(nonce, now):
        raise ApiError(Message.INVALID_NONCE)
    try:
        signed_bytes = base64.b64decode(nonce, validate=True)
    except binascii.Error as error:
        raise ApiError(Message.INVALID_NONCE) from error
    identity = await verify_sign_in(signature, signed_bytes, world.authority, now)
    response = json_answer(identity.body)
    if not external:
        open_session(request, response, identity)
    return response


def _sign_out(request: web.Request) -> web.Response:
    session = request[SESSION]
    if session is not None:
        world_of(request).sessions.close(session)
    response = json_answer({})
    response.del_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Strict")
    return response


def _set_cookie(
    world: World, response: web.StreamResponse, session_id: str, session: Session
) -> None:
    lifetime = world.switches.session_lifetime
    token = world.sessions.open(session_id, session.identity, world.clock.now(), lifetime)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(lifetime.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="Strict",
    )


def _person(request: web.Request) -> PersonCaller:
    caller = caller_of(request)
    if not isinstance(caller, PersonCaller):
        raise ApiError(Message.TLS_ALREADY)
    return caller
