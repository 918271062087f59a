"""Registering a document: `POST /api`, then `POST /api/{id}/data` (sigex-facts 3.2, K(S2))."""

from __future__ import annotations

import base64
import hashlib

from aiohttp import web

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.pki import oids
from sigex_emulator.pki.identity import Identity
from sigex_emulator.world.callers import SystemCaller
from sigex_emulator.world.document_settings import lets_sign_first
from sigex_emulator.world.documents import Document, Registrator
from sigex_emulator.world.registrations import (
    CompletedRegistration,
    PostedRegistration,
    Registration,
    read_registration,
)
from sigex_emulator.world.world import World

from .answers import json_answer, posted_json
from .organisation import whole_settings
from .visit import CALLER, document_id_of, world_of


async def post_registration(request: web.Request) -> web.Response:
    """Begin a registration: signed by anyone; unsigned only over mTLS, without any grant (K, I).

    A detached signature can be read here, and whose it is; whether it fits is seen when the bytes
    come.
    """
    posted = read_registration(await posted_json(request))
    world, caller, digest = world_of(request), request[CALLER], ""
    if posted.signature is not None:
        digest = _accepted(world, posted, posted.signature)
    elif not isinstance(caller, SystemCaller):
        raise ApiError(Message.ACCESS_DENIED if caller else Message.AUTHENTICATION_REQUIRED)
    registrator = None
    if isinstance(caller, SystemCaller):
        certificate = base64.b64encode(caller.certificate).decode()
        registrator = Registrator(f"BIN{caller.organisation_bin}", certificate)
    sign_id = world.identifiers.sign_id() if posted.signature is not None else 0
    document_id = world.identifiers.document_id()
    world.registrations.begin(Registration(document_id, posted, registrator, sign_id, digest))
    return json_answer({"documentId": document_id, "signId": sign_id})


def _accepted(world: World, posted: PostedRegistration, signature: str) -> str:
    """Return the digest of a signature that may begin a document; raises ApiError for others."""
    # pyHanko is slow to import
    from sigex_emulator.pki.signatures import claimed_signer, digest_of, read_signed_data

    if posted.sign_type == "xml":
        raise ApiError(Message.NOT_IMITATED)
    signed_data = read_signed_data(signature)
    digest = digest_of(signed_data)
    if world.is_submitted(digest):
        raise ApiError(Message.ALREADY_SUBMITTED)
    if not lets_sign_first(posted.settings, claimed_signer(signed_data)):
        raise ApiError(Message.NOT_CONFORMING)
    return digest


async def post_data(request: web.Request) -> web.Response:
    """Complete a registration with the document's bytes, which must say their length (8, K).

    The same bytes may come again (I), since whoever lost the answer must be able to repeat.
    """
    document_id = document_id_of(request)
    if request.content_length is None:
        raise ApiError(Message.NO_LENGTH)
    data = await request.read()
    world = world_of(request)
    registration = world.registrations.find(document_id)
    if registration is None:
        return json_answer(_answer(world, _completed_before(world, document_id, data)))
    signer = await _signer(world, registration, data)
    return json_answer(_answer(world, world.complete_registration(registration, data, signer)))


async def _signer(world: World, registration: Registration, data: bytes) -> Identity | None:
    signature = registration.posted.signature
    if signature is None:
        return None
    from sigex_emulator.pki.signatures import verify_sign_in

    try:
        return await verify_sign_in(signature, data, world.authority, world.clock.now())
    except ApiError as error:
        if error.message is Message.INVALID_NONCE:  # its word for "other bytes were signed"
            raise ApiError(Message.NOT_CORRESPONDING) from error
        raise


def _completed_before(world: World, document_id: str, data: bytes) -> CompletedRegistration:
    document = world.documents.get(document_id)
    if document is None:
        raise ApiError(Message.DOCUMENT_NOT_FOUND)
    if document.data != data:
        raise ApiError(Message.NOT_CORRESPONDING)
    return CompletedRegistration(document, created_user_settings=False)


def _answer(world: World, completed: CompletedRegistration) -> dict[str, object]:
    """Return the answer; settings that came into being are there whole (8, K(S2)).

    Of a person's there is nothing to show: `/api/settings` is not imitated.
    """
    document: Document = completed.document
    answer: dict[str, object] = {
        "documentId": document.document_id,
        "signedDataSize": len(document.data),
        "digests": {oids.SHA256: base64.b64encode(hashlib.sha256(document.data).digest()).decode()},
        "dataArchived": document.archived,
        "tempStorage": not document.archived and document.stored(world.now_ms),
    }
    if completed.created_user_settings:
        answer["automaticallyCreatedUserSettings"] = {}
    if completed.created_org_for:
        answer["automaticallyCreatedOrgSettings"] = whole_settings(world, completed.created_org_for)
    return answer
