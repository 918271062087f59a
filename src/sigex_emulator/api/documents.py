"""Calls about documents (sigex-facts 3.2, 3.5, K(S2))."""

from __future__ import annotations

import base64

from aiohttp import web

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.world.callers import Caller, PersonCaller
from sigex_emulator.world.document_settings import read_settings
from sigex_emulator.world.documents import Document
from sigex_emulator.world.registrations import unfinished_document
from sigex_emulator.world.rights import may_change, may_view

from .answers import flag_parameter, integer_parameter, json_answer, posted_json
from .visit import CALLER, caller_of, document_id_of, entitled, world_of

_FOREVER = 2**62


async def list_documents(request: web.Request) -> web.Response:
    """List documents, newest first, `until` excluded (I, so that paging ends)."""
    caller = caller_of(request)
    world = world_of(request)
    since = integer_parameter(request, "from", 0)
    until = integer_parameter(request, "until", _FOREVER)
    with_signatures = flag_parameter(request, "includeSignatures")
    archived_only = flag_parameter(request, "dataArchived")
    words = request.query.get("searchQuery", "").casefold()
    found = [
        document
        for document in _listed(request, caller)
        if since <= document.stored_at < until
        and (document.archived or not archived_only)
        and words in f"{document.title} {document.description}".casefold()
    ]
    found.sort(key=lambda document: document.stored_at, reverse=True)
    return json_answer(
        {
            "documentsTotal": len(found),
            "documents": [
                document.as_listed(with_signatures=with_signatures)
                for document in found[: world.switches.listing_limit]
            ],
        }
    )


async def get_document(request: web.Request) -> web.Response:
    """Answer one document; a public one needs no sign-in, an unfinished one is unsigned (I)."""
    waiting = world_of(request).registrations.find(document_id_of(request))
    document = unfinished_document(waiting) if waiting else _document(request)
    _require_view(request, document)
    return json_answer(
        document.as_json(
            world_of(request).now_ms, after_signature=integer_parameter(request, "lastSignId", 0)
        )
    )


async def get_data(request: web.Request) -> web.Response:
    """Answer the stored bytes: for who is signed in, but for two modes of a document (K)."""
    document = _document(request)
    if not document.open_to_all:
        caller_of(request)
    _require_view(request, document)
    if not document.stored(world_of(request).now_ms):
        raise ApiError(Message.ARCHIVE_NOT_FOUND)
    return json_answer(
        {
            "documentId": document.document_id,
            "document": base64.b64encode(document.data).decode(),
            "signedDataSize": len(document.data),
        }
    )


async def post_settings(request: web.Request) -> web.Response:
    """Replace a document's settings as a whole."""
    document, caller = _changeable(request)
    settings = read_settings(await posted_json(request))
    world_of(request).save_document_settings(document, settings, caller.author)
    return json_answer({"documentId": document.document_id})


async def get_settings_audit(request: web.Request) -> web.Response:
    """Answer the changes of a document's settings; the right that it needs is U (#20)."""
    if world_of(request).switches.audit_right == "documentsAccess":
        document = _document(request)
        caller_of(request)
        _require_view(request, document)
    else:
        document, _ = _changeable(request)
    audit = world_of(request).document_audits[document.document_id]
    events = audit.after(integer_parameter(request, "lastEventId", 0))
    return json_answer(
        {
            "documentId": document.document_id,
            "eventsTotal": len(audit),
            "events": [event.as_json() for event in events],
        }
    )


def _listed(request: web.Request, caller: Caller) -> list[Document]:
    """Return what a listing covers, before its filters.

    `organization=true` needs `documentsList`, also for one's own documents; with `false` a person
    sees what he signed and an information system sees nothing (K).
    """
    world = world_of(request)
    documents = list(world.documents.values())
    if flag_parameter(request, "organization"):
        try:
            _, organisation_bin, _ = entitled(request, "documentsList")
        except ApiError as error:
            if error.message is Message.ACCESS_DENIED and world.switches.refused_listing == "empty":
                return []
            raise
        business_id = f"BIN{organisation_bin}"
        return [document for document in documents if business_id in document.business_ids]
    if not isinstance(caller, PersonCaller):
        return []
    identity = caller.identity
    return [
        document
        for document in documents
        if any(
            one.user_id == identity.user_id and one.business_id == identity.business_id
            for one in document.signatures
        )
    ]


def _document(request: web.Request) -> Document:
    document_id = document_id_of(request)
    document = world_of(request).documents.get(document_id)
    if document is None:
        raise ApiError(Message.DOCUMENT_NOT_FOUND)
    return document


def _require_view(request: web.Request, document: Document) -> None:
    caller = request[CALLER]
    settings = world_of(request).settings_of(caller.organisation_bin) if caller else None
    if not may_view(document, caller, settings):
        raise ApiError(
            Message.ACCESS_DENIED if caller is not None else Message.AUTHENTICATION_REQUIRED
        )


def _changeable(request: web.Request) -> tuple[Document, Caller]:
    document = _document(request)
    caller = caller_of(request)
    settings = world_of(request).settings_of(caller.organisation_bin)
    if not may_change(document, caller, settings):
        raise ApiError(Message.ACCESS_DENIED)
    return document, caller
