"""How answers and errors look on the wire (sigex-facts 3.1, K(S2))."""

from __future__ import annotations

import json
import math
from typing import Any

from aiohttp import web

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.world.switches import EmptyLists

from .visit import world_of

_ESCAPED = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def escaped_json(value: Any) -> str:
    """Return JSON with `<`, `>`, `&`, U+2028 and U+2029 written as `\\u` escapes.

    Outside strings none of them can occur in JSON, so the whole text may be translated.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPED)


class JsonAnswer(web.Response):
    """An answer that knows what its JSON says."""

    def __init__(self, value: Any) -> None:
        super().__init__(text=escaped_json(value), content_type="application/json", charset="utf-8")
        self._said = value

    def give_empty_lists(self, reading: EmptyLists) -> None:
        """Write empty lists as a switch says (sigex-facts 8, U); an answer begins with `empty`."""
        if reading != "empty":
            self.text = escaped_json(_with_empty_lists(self._said, reading))


def _with_empty_lists(value: Any, reading: EmptyLists) -> Any:
    if isinstance(value, list):
        return [_with_empty_lists(one, reading) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        key: None if member == [] else _with_empty_lists(member, reading)
        for key, member in value.items()
        if member != [] or reading == "null"
    }


def json_answer(value: Any) -> JsonAnswer:
    """Return an answer: HTTP 200 and JSON."""
    return JsonAnswer(value)


def error_answer(message: Message, request_id: int) -> JsonAnswer:
    """Return `{message, requestID}`, also with HTTP 200 (I)."""
    return json_answer({"message": message.value, "requestID": request_id})


async def posted_json(request: web.Request) -> Any:
    """Return the JSON value in the request body; raises ApiError when there is none.

    A service that writes `null` for an empty list takes it back for one (8, U): as if absent.
    """
    body = await request.read()
    try:
        value = json.loads(body.decode(), parse_constant=_no_number, parse_float=_number)
        # Half a surrogate pair may be written as an escape, but is no text and cannot be answered.
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:  # ValueError covers bad UTF-8 as well
        raise ApiError(Message.NOT_JSON) from error
    return _without_nulls(value) if world_of(request).switches.empty_lists == "null" else value


async def posted_bytes(request: web.Request) -> bytes:
    """Return the request body as it is; raises ApiError when it is no JSON."""
    await posted_json(request)
    return await request.read()


def _without_nulls(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    if isinstance(value, dict):
        return {key: _without_nulls(member) for key, member in value.items() if member is not None}
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
