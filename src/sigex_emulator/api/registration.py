"""Registering a document: `POST /api`, then `POST /api/{id}/data` (sigex-facts 3.2, K(S2))."""

from __future__ import annotations

import base64
import hashlib

from aiohttp import web

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.pki import oids
from sigex_emulator.pki.identity import Identity
from sigex_emulator.world.callers import SystemCaller
from sigex_emulator.world.documents import Document, Registrator
from sigex_emulator.world.registrations import (
    CompletedRegistration,
    Registration,
    read_registration,
)
from sigex_emulator.world.world import World

from .answers import json_answer, posted_json
from .visit import CALLER, document_id_of, world_of


async def post_registration(request: web.Request) -> web.Response:
    """Begin a registration: signed by anyone; unsigned only over mTLS, without any grant (K, I).

    A detached signature can be read here; whether it fits is seen when the bytes come.
    """
    posted = read_registration(await posted_json(request))
    world, caller = world_of(request), request[CALLER]
    if posted.signature is not None:
        from sigex_emulator.pki.signatures import read_signed_data  # pyHanko is slow to import

        read_signed_data(posted.signature)
    elif not isinstance(caller, SystemCaller):
        raise ApiError(Message.ACCESS_DENIED if caller else Message.AUTHENTICATION_REQUIRED)
    registrator = None
    if isinstance(caller, SystemCaller):
        certificate = base64.b64encode(caller.certificate).decode()
        registrator = Registrator(f"BIN{caller.organisation_bin}", certificate)
    sign_id = world.identifiers.sign_id() if posted.signature is not None else 0
    document_id = world.identifiers.document_id()
    world.registrations.begin(Registration(document_id, posted, registrator, sign_id))
    return json_answer({"documentId": document_id, "signId": sign_id})


async def post_data(request: web.Request) -> web.Response:
    """Complete a registration with the document's bytes.

    The same bytes may come again (I), since whoever lost the answer must be able to repeat.
    """
    document_id = document_id_of(request)
    if request.content_length is None:  # the call is known to need the header
        raise ApiError(Message.INVALID_HEADERS)
    data = await request.read()
    world = world_of(request)
    registration = world.registrations.find(document_id)
    if registration is None:
        return json_answer(_answer(_completed_before(world, document_id, data), world.now_ms))
    signer = await _signer(world, registration, data)
    return json_answer(
        _answer(world.complete_registration(registration, data, signer), world.now_ms)
    )


async def _signer(world: World, registration: Registration, data: bytes) -> Identity | None:
    signature = registration.posted.signature
    if signature is None:
        return None
    from sigex_emulator.pki.signatures import verify_sign_in

    try:
        return await verify_sign_in(signature, data, world.authority, world.clock.now())
    except ApiError as error:
        if error.message is Message.INVALID_NONCE:  # its word for "other bytes were signed"
            raise ApiError(Message.INVALID_SIGNATURE) from error
        raise


def _completed_before(world: World, document_id: str, data: bytes) -> CompletedRegistration:
    document = world.documents.get(document_id)
    if document is None:
        raise ApiError(Message.DOCUMENT_NOT_FOUND)
    if document.data != data:
        raise ApiError(Message.INVALID_SIGNATURE)
    return CompletedRegistration(document, created_user_settings=False, created_org_settings=False)


def _answer(completed: CompletedRegistration, now_ms: int) -> dict[str, object]:
    document: Document = completed.document
    answer: dict[str, object] = {
        "documentId": document.document_id,
        "signedDataSize": len(document.data),
        "digests": {oids.SHA256: base64.b64encode(hashlib.sha256(document.data).digest()).decode()},
        "dataArchived": document.archived,
        "tempStorage": not document.archived and document.stored(now_ms),
    }
    if completed.created_user_settings:
        answer["automaticallyCreatedUserSettings"] = True
    if completed.created_org_settings:
        answer["automaticallyCreatedOrgSettings"] = True
    return answer
