"""Loading that answers something else than what is stored."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from aiohttp import web

from sigex_emulator.api.visit import world_of

from .calls import (
    LOAD,
    LOAD_OF_SYSTEMS,
    PERMISSIONS,
    Answer,
    Answered,
    Call,
    changes_answer,
    effect_of,
    object_in,
)


def _with_indices(body: dict[str, Any], change: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
    return {
        key: {**value, "tlsCertificatesIndices": change(value["tlsCertificatesIndices"])}
        if isinstance(value, dict) and "tlsCertificatesIndices" in value
        else value
        for key, value in body.items()
    }


@effect_of("load-truncated", LOAD)
async def _truncated(call: Call) -> Answer:
    answer = await call.proceed()
    body = object_in(answer)
    if body is None:
        return answer
    text = json.dumps(body)
    return web.Response(text=text[: len(text) // 2], content_type="application/json")


@changes_answer("load-more-fields", LOAD, LOAD_OF_SYSTEMS)
def _more_fields(answered: Answered) -> dict[str, Any]:
    return {**answered.body, "signingPolicy": {"mode": "default"}}


@changes_answer("load-indices-turned", LOAD)
def _indices_turned(answered: Answered) -> dict[str, Any]:
    return _with_indices(answered.body, lambda indices: indices[::-1])


@changes_answer("load-string-indices", LOAD)
def _string_indices(answered: Answered) -> dict[str, Any]:
    return _with_indices(answered.body, lambda indices: [str(one) for one in indices])


@changes_answer("load-no-certificates", LOAD)
def _no_certificates(answered: Answered) -> dict[str, Any]:
    return {**_with_indices(answered.body, lambda _: []), "tlsCertificatesList": []}


@changes_answer("load-stale", LOAD)
def _stale(answered: Answered) -> dict[str, Any]:
    found: dict[str, Any] = answered.memory.setdefault("first", answered.body)
    return found


@changes_answer("load-other-organisation", LOAD)
@changes_answer("mtls-other-organisation", LOAD_OF_SYSTEMS)
def _other_organisation(answered: Answered) -> dict[str, Any]:
    other = answered.another_organisation()
    settings = world_of(answered.request).organisations[other].settings
    return {
        **answered.body,
        "businessId": f"BIN{other}",
        **settings.as_json(),
        "modifiedAt": settings.modified_at,
    }


@changes_answer("load-no-permissions", PERMISSIONS)
def _no_permissions(answered: Answered) -> dict[str, Any]:
    return dict.fromkeys(answered.body, False)
