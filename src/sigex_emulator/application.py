"""Puts the API together: routes, callers, and the promise of JSON with HTTP 200."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from email.utils import format_datetime
from ssl import SSLObject
from typing import cast

from aiohttp import web
from cryptography import x509

from sigex_emulator.api.answers import JsonAnswer, error_answer
from sigex_emulator.api.held import add_held_calls
from sigex_emulator.api.not_imitated import NOT_IMITATED, refuse
from sigex_emulator.api.routes import Handler, routes_of
from sigex_emulator.api.visit import ADDRESSES, CALLER, PORT, SESSION, WORLD, Port, is_api, world_of
from sigex_emulator.world.callers import Caller, PersonCaller, SystemCaller
from sigex_emulator.world.requests import RequestRecord
from sigex_emulator.world.world import World

from .api import cross_origin, description, sign_in
from .fault_effects import fault_middleware
from .messages import ApiError, Message

_log = logging.getLogger(__name__)


def make_application(world: World, port: Port, addresses: Mapping[Port, str]) -> web.Application:
    """Return an application that answers the API for people or for information systems.

    `addresses` are those of both ports, without a slash at the end.
    """
    application = web.Application(middlewares=[answer_middleware, fault_middleware])
    application[WORLD] = world
    application[PORT] = port
    application[ADDRESSES] = addresses
    add_held_calls(application)
    _add_routes(application.router, port)
    return application


def _add_routes(router: web.UrlDispatcher, port: Port) -> None:
    for route in routes_of(port):
        router.add_route(route.method, route.path, route.handler)
    for method, path in NOT_IMITATED:
        router.add_route(method, path, refuse)
    router.add_get(description.PATH, description.get_description, allow_head=False)


@web.middleware
async def answer_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find the caller, answer, and turn whatever goes wrong into a documented message.

    Pages share the port of the API; their own failures stay pages.
    """
    request[SESSION] = request[CALLER] = None
    if not is_api(request.path):
        return await handler(request)
    world = world_of(request)
    request = request.clone(client_max_size=world.switches.body_limit)
    message: Message | None = None
    try:
        _find_caller(request)
        _count_call(request)
        response = cross_origin.preflight(request) or await handler(request)
    except ApiError as error:
        message = error.message
    except web.HTTPRequestEntityTooLarge:
        message = Message.BODY_TOO_LARGE
    except web.HTTPMethodNotAllowed:
        message = Message.INVALID_METHOD
    except web.RequestPayloadError:  # a body that is not what its headers promise
        message = Message.INVALID_HEADERS
    except web.HTTPException:
        message = Message.UNKNOWN_ROUTE
    except Exception:  # noqa: BLE001 - the promise is an answer, never a 500
        _log.exception("the emulator failed on %s %s", request.method, request.path)
        message = Message.UNEXPECTED
    if message is not None:
        response = error_answer(message, world.identifiers.request_id())
    if isinstance(response, JsonAnswer):
        response.give_empty_lists(world.switches.empty_lists)
    response.headers["Date"] = format_datetime(world.clock.now(), usegmt=True)
    response.headers["Cache-Control"] = "no-store"
    cross_origin.open_answer(request, response)
    sign_in.renew_cookie(request, response)
    world.requests.append(
        RequestRecord(
            port=request.app[PORT],
            method=request.method,
            path=request.path_qs,
            caller=_name(request[CALLER]),
            message=message.value if message else None,
        )
    )
    return response


def _count_call(request: web.Request) -> None:
    world = world_of(request)
    caller = _name(request[CALLER]) or request.remote or ""
    if not world.calls.allows(caller, world.clock.now(), world.switches.calls_per_minute):
        raise ApiError(Message.RATE_LIMIT)


def _find_caller(request: web.Request) -> None:
    world = world_of(request)
    if request.app[PORT] == "systems":
        certificate = _peer_certificate(request)
        request[CALLER] = world.find_system(certificate) if certificate else None
        return
    session = world.sessions.find(request.cookies.get(sign_in.COOKIE, ""), world.clock.now())
    if session is not None:
        request[SESSION] = session
        request[CALLER] = PersonCaller(session.identity)


def _peer_certificate(request: web.Request) -> x509.Certificate | None:
    transport = request.transport
    tls = cast("SSLObject | None", transport.get_extra_info("ssl_object") if transport else None)
    der = tls.getpeercert(binary_form=True) if tls else None
    return x509.load_der_x509_certificate(der) if der else None


def _name(caller: Caller | None) -> str:
    if isinstance(caller, PersonCaller):
        return caller.identity.user_id
    if isinstance(caller, SystemCaller):
        return f"BIN{caller.organisation_bin}"
    return ""
