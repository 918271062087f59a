"""`/api/egovQr` (sigex-facts 4.3, 8, K(S2, S10, clients)): both sides of a signing by QR code.

The code's address is known, what a phone is answered there is not: it follows the little that
clients and public relays of eGov mobile show of it (I), under `…/egov/{qr_id}`.
"""

from __future__ import annotations

import base64
import contextlib
import io
from asyncio import timeout
from collections.abc import Callable

from aiohttp import web

from sigex_emulator.clock import milliseconds
from sigex_emulator.messages import ApiError, Message
from sigex_emulator.world import egov_qr
from sigex_emulator.world.egov_qr import Operation

from .answers import json_answer, posted_bytes, posted_object
from .held import alarm, is_in_vain
from .visit import ADDRESSES, PORT, world_of

_PIXELS_PER_MODULE = 5
_LAUNCHERS = {
    "eGovMobileLaunchLink": "https://m.egov.kz/mobileSign/",
    "eGovBusinessLaunchLink": "https://m.egov.kz/businessSign/",
}
"""The first is K(two clients), the second I from it."""


async def post_egov_qr(request: web.Request) -> web.Response:
    """Begin an operation and answer its picture, links and addresses."""
    world = world_of(request)
    now = world.clock.now()
    operation = egov_qr.register(
        world.identifiers.qr_id(), await posted_object(request), now, world.switches.qr_lifetime
    )
    world.egov_qr.register(operation, now, world.switches.qr_operations)
    link = _phone_address(request, operation.qr_id)
    return json_answer(
        {
            "expireAt": milliseconds(operation.expires_at),
            "qrCode": _picture(f"mobileSign:{link}"),
            **{name: f"{address}?link={link}?mgovSign" for name, address in _LAUNCHERS.items()},
            **_addresses(request, operation, "dataURL"),
            **_addresses(request, operation, "signURL"),
        }
    )


async def post_data(request: web.Request) -> web.Response:
    """Take what shall be signed; the answer waits until a phone fetched it."""
    data = await posted_bytes(request)
    world, qr_id = world_of(request), request.match_info["qr_id"]
    world.egov_qr.take(qr_id, world.clock.now(), lambda one: one.offer(data))
    operation = await _hold(request, lambda one: one.stage in {"fetched", "signed"})
    return json_answer(
        {
            "expireAt": milliseconds(operation.expires_at),
            **_addresses(request, operation, "signURL"),
        }
    )


async def get_signatures(request: web.Request) -> web.Response:
    """Answer what the phone sent; the answer waits for it.

    Before there is anything to sign the question closes the operation (8, I(two commits)).
    """
    world, qr_id = world_of(request), request.match_info["qr_id"]
    if world.egov_qr.find(qr_id, world.clock.now()).stage == "registered":
        world.egov_qr.close(qr_id)
        raise ApiError(Message.QR_WRONG_STATE)
    operation = await _hold(request, lambda one: one.stage == "signed")
    return _handed_on(operation.signed)


async def get_phone(request: web.Request) -> web.Response:
    """Tell the one phone that follows the code what is asked of it and where the data are."""
    world, qr_id = world_of(request), request.match_info["qr_id"]
    key = world.identifiers.phone_key()
    operation = world.egov_qr.take(qr_id, world.clock.now(), lambda one: one.open(key))
    done = {"whenDone": {"backUrl": operation.back_url}} if operation.back_url else {}
    return json_answer(
        {
            "description": operation.description,
            "expiry_date": operation.expires_at.isoformat(),
            "document": {
                "uri": f"{_phone_address(request, qr_id)}/data?key={key}",
                "auth_type": "None",
                "auth_token": "",
            },
            **done,
        }
    )


async def get_phone_data(request: web.Request) -> web.Response:
    """Give that phone the data; if it is quicker than the page, it waits for them."""
    world, qr_id = world_of(request), request.match_info["qr_id"]
    await _hold(request, lambda one: one.stage != "registered")
    key = request.query.get("key", "")
    operation = world.egov_qr.take(qr_id, world.clock.now(), lambda one: one.fetch(key))
    return _handed_on(operation.offered)


async def put_phone_data(request: web.Request) -> web.Response:
    """Take what that phone made of the data."""
    data = await posted_bytes(request)
    world, key = world_of(request), request.query.get("key", "")
    world.egov_qr.take(
        request.match_info["qr_id"], world.clock.now(), lambda one: one.sign(key, data)
    )
    return json_answer({})


async def _hold(request: web.Request, ready: Callable[[Operation], bool]) -> Operation:
    """Wait until an operation is ready and return it; raises ApiError when it will not be."""
    world, qr_id = world_of(request), request.match_info["qr_id"]
    operation = world.egov_qr.find(qr_id, world.clock.now())
    is_last = world.egov_qr.wait(qr_id, f"{request.method} {request.path}")
    with alarm(request, world.egov_qr.changed, world.clock.moved) as event:
        while not is_in_vain(request):
            event.clear()
            now = world.clock.now()
            if operation.expires_at <= now:
                raise ApiError(Message.QR_TIMEOUT)
            operation = world.egov_qr.find(qr_id, now)
            if not is_last():
                raise ApiError(Message.OTHER_ENDPOINT)
            if ready(operation):
                return operation
            with contextlib.suppress(TimeoutError):
                async with timeout((operation.expires_at - now).total_seconds()):
                    await event.wait()
    raise ApiError(Message.QR_NOT_ACTIVE)


def _handed_on(data: bytes) -> web.Response:
    """Answer the very bytes that the other side sent."""
    return web.Response(body=data, content_type="application/json", charset="utf-8")


def _phone_address(request: web.Request, qr_id: str) -> str:
    return f"{request.app[ADDRESSES]['people']}/api/egovQr/egov/{qr_id}"


def _addresses(request: web.Request, operation: Operation, name: str) -> dict[str, str]:
    """Return an address for people, for information systems, and for whoever asks (K(S2))."""
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
