"""The emulator's own OpenAPI 3.1 description of the API that it imitates.

Served at `/emulator/openapi.json`: the namespace `/emulator/` holds what is not imitated. It is
built from `routes.py` for the port that is asked, and never by hand.
"""

from __future__ import annotations

import re
from typing import Any

from aiohttp import web

from sigex_emulator.world.switches import EmptyLists

from .answers import json_answer
from .routes import Parameter, Route, routes_of
from .shapes import DOCUMENT_ID, NAMED, QR_ID, either, named, with_empty_lists
from .visit import PORT, Port, world_of

PATH = "/emulator/openapi.json"

_IN_PATH = re.compile(r"{(\w+)}")
_PATH_SHAPES = {"document_id": DOCUMENT_ID, "qr_id": QR_ID}
_SECURITY = {
    "people": {
        "type": "apiKey",
        "in": "cookie",
        "name": "jwt",
        "description": "set by POST /api/auth",
    },
    "systems": {"type": "mutualTLS"},
}


async def get_description(request: web.Request) -> web.Response:
    """Answer the description of the port that was asked."""
    reading = world_of(request).switches.empty_lists
    return json_answer(describe(request.app[PORT], reading))


def describe(port: Port, reading: EmptyLists = "empty") -> dict[str, Any]:
    """Return the OpenAPI document of one port; `reading` is how its lists may be empty."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes_of(port):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    described = {
        "openapi": "3.1.0",
        "info": {
            "title": "SIGEX emulator",
            "version": "emulator",
            "description": (
                "What the emulator imitates of the API of sigex.kz; not the service's own "
                "description. Errors, too, come with HTTP 200: look for the field `message`. "
                "Calls of the service that are not imitated say so, and are not described."
            ),
        },
        "paths": paths,
        "components": {
            "schemas": dict(NAMED),
            "securitySchemes": {"caller": _SECURITY[port]},
        },
    }
    return described if reading == "empty" else dict(with_empty_lists(described, reading))


def _operation(route: Route) -> dict[str, Any]:
    parameters = [_in_path(name) for name in _IN_PATH.findall(route.path)]
    operation: dict[str, Any] = {
        "summary": route.summary,
        "parameters": [*parameters, *map(_in_query, route.parameters)],
        "responses": {
            "200": {
                "description": "An answer or an error",
                "content": {"application/json": {"schema": either(route.answer, named("Error"))}},
            }
        },
        "security": [{"caller": []}] if route.signed_in else [],
    }
    if route.raw_body:
        operation["requestBody"] = _body("application/octet-stream", {})
    elif route.body is not None:
        operation["requestBody"] = _body("application/json", {"schema": route.body})
    return operation


def _body(media_type: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {media_type: content}}


def _in_path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": _PATH_SHAPES[name]}


def _in_query(parameter: Parameter) -> dict[str, Any]:
    note = {"description": parameter.note} if parameter.note else {}
    return {"name": parameter.name, "in": "query", "schema": parameter.shape, **note}
