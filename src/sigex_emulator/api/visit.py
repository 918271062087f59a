"""What a request knows about its world and its caller."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from aiohttp import web

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.world.callers import Caller
from sigex_emulator.world.rights import holds
from sigex_emulator.world.sessions import Session
from sigex_emulator.world.settings import OrganisationSettings
from sigex_emulator.world.world import World

_DOCUMENT_ID = re.compile(r"[A-Za-z0-9]{16}", re.ASCII)

Port = Literal["people", "systems"]

WORLD: web.AppKey[World] = web.AppKey("world", World)
PORT: web.AppKey[Port] = web.AppKey("port", str)  # type: ignore[arg-type]
ADDRESSES: web.AppKey[Mapping[Port, str]] = web.AppKey("addresses", Mapping)
"""Where each port is, for answers that name an address."""

SESSION: web.RequestKey[Session | None] = web.RequestKey("session", object)  # type: ignore[arg-type]
CALLER: web.RequestKey[Caller | None] = web.RequestKey("caller", object)  # type: ignore[arg-type]


def is_api(path: str) -> bool:
    """Tell whether a path belongs to the imitated API."""
    return path == "/api" or path.startswith("/api/")


def world_of(request: web.Request) -> World:
    """Return the world that the request reached."""
    return request.app[WORLD]


def document_id_of(request: web.Request) -> str:
    """Return the document's id from the path; raises ApiError when it cannot be one."""
    document_id = request.match_info["document_id"]
    if not _DOCUMENT_ID.fullmatch(document_id):
        raise ApiError(Message.INVALID_DOCUMENT_ID)
    return document_id


def caller_of(request: web.Request) -> Caller:
    """Return who is calling; raises ApiError for an anonymous request."""
    caller = request[CALLER]
    if caller is None:
        raise ApiError(Message.AUTHENTICATION_REQUIRED)
    return caller


def organisation_of(request: web.Request) -> tuple[Caller, str, OrganisationSettings]:
    """Return the caller, his BIN and his organisation's settings.

    Raises ApiError for an anonymous request and for a private person.
    """
    caller = caller_of(request)
    settings = world_of(request).settings_of(caller.organisation_bin)
    if caller.organisation_bin is None or settings is None:
        raise ApiError(Message.NOT_AN_ORGANISATION)
    return caller, caller.organisation_bin, settings


def entitled(request: web.Request, block: str) -> tuple[Caller, str, OrganisationSettings]:
    """Return the same if the caller has the right of the block; raises ApiError otherwise."""
    caller, organisation_bin, settings = organisation_of(request)
    if not holds(caller, block, settings):
        raise ApiError(Message.ACCESS_DENIED)
    return caller, organisation_bin, settings
