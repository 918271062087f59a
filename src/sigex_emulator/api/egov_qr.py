"""`/api/egovQr` (sigex-facts 4.3, K(S2, S10)): both sides of a signing by QR code.

The phone's side is not in any source that we have: its calls and the words in the code are our own
(I), under `…/phone`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
from collections.abc import Callable

from aiohttp import web

from sigex_emulator.clock import milliseconds
from sigex_emulator.messages import ApiError, Message
from sigex_emulator.world import egov_qr
from sigex_emulator.world.egov_qr import Operation

from .answers import json_answer, posted_object
from .held import alarm, is_in_vain
from .visit import ADDRESSES, PORT, world_of

_PIXELS_PER_MODULE = 5


async def post_egov_qr(request: web.Request) -> web.Response:
    """Begin an operation and answer its picture, links and addresses."""
    world = world_of(request)
    now = world.clock.now()
    operation = egov_qr.register(
        world.identifiers.qr_id(), await posted_object(request), now, world.switches.qr_lifetime
    )
    world.egov_qr.register(operation, now, world.switches.qr_operations)
    link = f"{request.app[ADDRESSES]['people']}/api/egovQr/{operation.qr_id}/phone"
    return json_answer(
        {
            "expireAt": milliseconds(operation.expires_at),
            "qrCode": _picture(f"mobileSign:{link}"),
            "eGovMobileLaunchLink": f"mobileSign:{link}",
            "eGovBusinessLaunchLink": f"businessSign:{link}",
            **_addresses(request, operation, "dataURL"),
            **_addresses(request, operation, "signURL"),
        }
    )


async def post_data(request: web.Request) -> web.Response:
    """Take the documents to sign; the answer waits until a phone fetched them."""
    documents = egov_qr.read_documents(await posted_object(request))
    world, qr_id = world_of(request), request.match_info["qr_id"]
    offered = world.egov_qr.take(qr_id, world.clock.now(), lambda one: one.offer(documents))
    operation = await _hold(request, lambda one: one.stage in {"fetched", "signed"}, offered)
    return json_answer(
        {
            "expireAt": milliseconds(operation.expires_at),
            **_addresses(request, operation, "signURL"),
        }
    )


async def get_signatures(request: web.Request) -> web.Response:
    """Answer the signatures; the answer waits for them."""
    operation = await _hold(request, _signed)
    assert operation.signed is not None  # noqa: S101 - that is what was waited for
    return json_answer(operation.signed.as_json())


async def get_phone_data(request: web.Request) -> web.Response:
    """Give a phone the documents, once; a phone that is quicker than the page waits for them."""
    world, qr_id = world_of(request), request.match_info["qr_id"]
    await _hold(request, lambda one: one.stage != "registered")
    key = world.identifiers.qr_id()
    operation = world.egov_qr.take(qr_id, world.clock.now(), lambda one: one.fetch(key))
    assert operation.offered is not None  # noqa: S101 - it was fetched
    return json_answer(
        {
            "description": operation.description,
            "expireAt": milliseconds(operation.expires_at),
            "key": key,
            **operation.offered.as_json(),
        }
    )


async def post_phone_signatures(request: web.Request) -> web.Response:
    """Take a phone's signatures."""
    documents = egov_qr.read_documents(await posted_object(request))
    world, key = world_of(request), request.query.get("key", "")
    world.egov_qr.take(
        request.match_info["qr_id"], world.clock.now(), lambda one: one.sign(key, documents)
    )
    return json_answer({})


async def _hold(
    request: web.Request,
    ready: Callable[[Operation], bool],
    operation: Operation | None = None,
) -> Operation:
    """Wait until an operation is ready and return it; raises ApiError when it will not be.

    `operation` is what is known of it already.
    """
    world, qr_id = world_of(request), request.match_info["qr_id"]
    operation = operation or world.egov_qr.find(qr_id, world.clock.now())
    with alarm(request, world.egov_qr.changed, world.clock.moved) as event:
        while not is_in_vain(request):
            event.clear()
            now = world.clock.now()
            if operation.expires_at <= now:
                raise ApiError(Message.QR_TIMEOUT)
            operation = world.egov_qr.find(qr_id, now)
            if ready(operation):
                return operation
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout((operation.expires_at - now).total_seconds()):
                    await event.wait()
    raise ApiError(Message.QR_NOT_ACTIVE)


def _signed(operation: Operation) -> bool:
    if operation.stage == "registered":  # there is nothing yet that could be signed (I)
        raise ApiError(Message.QR_WRONG_STATE)
    return operation.stage == "signed"


def _addresses(request: web.Request, operation: Operation, name: str) -> dict[str, str]:
    """Return an address for people, for information systems, and for whoever asks (I)."""
    at, path = request.app[ADDRESSES], f"/api/egovQr/{operation.qr_id}"
    return {
        name: f"{at['people']}{path}",
        f"{name}mTLS": f"{at['systems']}{path}",
        f"{name}Auto": f"{at[request.app[PORT]]}{path}",
    }


def _picture(words: str) -> str:
    import segno  # when somebody asks for a code, not at the start

    drawn = io.BytesIO()
    segno.make_qr(words, error="m").save(drawn, kind="png", scale=_PIXELS_PER_MODULE)
    return base64.b64encode(drawn.getvalue()).decode()
