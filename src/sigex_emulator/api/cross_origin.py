"""Pages of other sites: what they may read (sigex-facts 6 #19, 8).

Known is that such pages register documents and sign by QR code, without anybody's cookie (8, K);
whether they may do anything else is for a switch to say (U).
"""

from __future__ import annotations

import re

from aiohttp import web

from .answers import json_answer
from .visit import world_of

_OPEN_CALLS = re.compile(r"/api/?|/api/egovQr(/.*)?|/api/[^/]+/data")


def preflight(request: web.Request) -> web.Response | None:
    """Answer the question that a browser asks before a call, if others are let in."""
    asked = request.headers.get("Access-Control-Request-Method")
    if request.method != "OPTIONS" or not asked or not _let_in(request):
        return None
    answer = json_answer({})
    answer.headers["Access-Control-Allow-Methods"] = "GET, POST"
    answer.headers["Access-Control-Allow-Headers"] = "Content-Type"
    return answer


def open_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Let the page that called read the answer; its cookies stay at home (SameSite=Strict, K)."""
    origin = request.headers.get("Origin")
    if origin and _let_in(request):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Vary"] = "Origin"


def _let_in(request: web.Request) -> bool:
    reading = world_of(request).switches.cross_origin
    open_call = reading == "open_calls" and _OPEN_CALLS.fullmatch(request.path)
    return reading == "any" or bool(open_call)
