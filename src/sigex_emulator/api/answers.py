"""How answers and errors look on the wire (sigex-facts 3.1, K(S2))."""

from __future__ import annotations

import json
import math
from typing import Any

from aiohttp import web

from sigex_emulator.messages import ApiError, Message

_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def escaped_json(value: Any) -> str:
    """Return JSON with `<`, `>`, `&`, U+2028 and U+2029 written as `\\u` escapes.

    Outside strings none of them can occur in JSON, so the whole text may be translated.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)


def json_answer(value: Any) -> web.Response:
    """Return an answer: HTTP 200 and JSON."""
    return web.Response(text=escaped_json(value), content_type="application/json", charset="utf-8")


def error_answer(message: Message, request_id: int) -> web.Response:
    """Return `{message, requestID}`, also with HTTP 200 (I)."""
    return json_answer({"message": message.value, "requestID": request_id})


async def posted_json(request: web.Request) -> Any:
    """Return the JSON value in the request body; raises ApiError when there is none."""
    body = await request.read()
    try:
        value = json.loads(body, parse_constant=_no_number, parse_float=_number)
        # Half a surrogate pair may be written as an escape, but is no text and cannot be answered.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:  # ValueError covers bad UTF-8 as well
        raise ApiError(Message.NOT_JSON) from error
    return value


def _no_number(name: str) -> None:
    """Refuse `NaN` and `Infinity`, which Python reads but JSON does not know."""
    raise ValueError(name)


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


async def posted_object(request: web.Request) -> dict[str, Any]:
    """Return the JSON object in the request body; raises ApiError when it is anything else."""
    value = await posted_json(request)
    if not isinstance(value, dict):
        raise ApiError(Message.INVALID_STRUCTURE)
    return value


def integer_parameter(request: web.Request, name: str, default: int) -> int:
    """Return a whole number from the query; raises ApiError when it is something else."""
    text = request.query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.removeprefix("-").isdigit() and len(text) < 20):
        raise ApiError(Message.INVALID_QUERY)
    return int(text)


def flag_parameter(request: web.Request, name: str) -> bool:
    """Return `true` or `false` from the query; raises ApiError when it is something else."""
    text = request.query.get(name, "")
    if text not in {"", "true", "false"}:
        raise ApiError(Message.INVALID_QUERY)
    return text == "true"
