"""Information systems whose grants have no effect, a late one, or one too many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aiohttp import web

from sigex_emulator.api.visit import CALLER, world_of
from sigex_emulator.messages import ApiError, Message
from sigex_emulator.world.callers import SystemCaller
from sigex_emulator.world.rights import holds

from .calls import (
    LOAD_OF_SYSTEMS,
    SAVE,
    SYSTEMS,
    Answer,
    Answered,
    Call,
    Where,
    changes_answer,
    effect_of,
    ticked,
)


def _block_of(request: web.Request) -> str | None:
    """Return the access block that lets an information system make this call (sigex-facts 5)."""
    if request.path in {"/api", "/api/"}:
        return "documentsList"
    if request.path.startswith("/api/organizationSettings"):
        return "organizationSettings"
    if request.path.endswith(("/settings", "/settingsAudit")):
        return "documentsSettings"
    return "documentsAccess" if "document_id" in request.match_info else None


def _granted(call: Call) -> str | None:
    """Return the block of this call if the calling information system holds it."""
    caller, block = call.request[CALLER], _block_of(call.request)
    held = caller is not None and block is not None and holds(caller, block, call.settings)
    return block if held else None


@effect_of("mtls-grant-never", SYSTEMS)
async def _never(call: Call) -> Answer:
    if _granted(call):
        raise ApiError(Message.ACCESS_DENIED)
    return await call.proceed()


@effect_of("mtls-grant-late", SYSTEMS)
async def _late(call: Call) -> Answer:
    block, caller = _granted(call), call.request[CALLER]
    if block and isinstance(caller, SystemCaller):
        tried = (block, caller.public_key)
        if tried not in call.memory.setdefault("tried", set()):
            call.memory["tried"].add(tried)
            raise ApiError(Message.ACCESS_DENIED)
    return await call.proceed()


@effect_of("mtls-one-grant-refused", SYSTEMS)
async def _one_refused(call: Call) -> Answer:
    if _granted(call) == "documentsSettings":
        raise ApiError(Message.ACCESS_DENIED)
    return await call.proceed()


async def _as_if_granted(call: Call, *, only_beside_others: bool) -> Answer:
    """Do a call as if the calling information system held the right that it needs."""
    caller, block = call.request[CALLER], _block_of(call.request)
    if not isinstance(caller, SystemCaller) or block is None:
        return await call.proceed()
    organisation = world_of(call.request).organisations[call.organisation_bin]
    listed = organisation.settings.blocks[block].tls_certificate_indices
    if only_beside_others and not listed:
        return await call.proceed()
    await call.request.read()  # nothing to wait for below: nobody else sees the borrowed right
    stored = organisation.settings
    organisation.settings = ticked(stored, block, {*listed, *stored.indices_of(caller.public_key)})
    try:
        return await call.proceed()
    finally:
        organisation.settings = stored


@effect_of("mtls-control-served", SYSTEMS)
async def _control_served(call: Call) -> Answer:
    return await _as_if_granted(call, only_beside_others=True)


@effect_of("mtls-served-before-grant", SYSTEMS)
async def _all_served(call: Call) -> Answer:
    return await _as_if_granted(call, only_beside_others=False)


@changes_answer("mtls-empty-listing", Where("GET", "/api", "systems"))
def _empty_listing(answered: Answered) -> dict[str, Any]:
    return {**answered.body, "documentsTotal": 0, "documents": []}


@changes_answer("mtls-other-document", SYSTEMS)
def _other_document(answered: Answered) -> dict[str, Any]:
    if answered.request.method != "GET" or _block_of(answered.request) != "documentsAccess":
        return answered.body
    return {
        **answered.body,
        "title": "Другой документ",
        "settings": {**answered.body["settings"], "private": False},
    }


@effect_of("mtls-document-opened", SYSTEMS)
async def _opens_document(call: Call) -> Answer:
    answer = await call.proceed()
    if call.request.method == "POST" and _block_of(call.request) == "documentsSettings":
        documents = world_of(call.request).documents
        document = documents[call.request.match_info["document_id"]]
        opened = replace(document, settings={**document.settings, "private": False})
        documents[document.document_id] = opened
    return answer


@changes_answer("mtls-other-listing", Where("GET", "/api", "systems"))
def _other_listing(answered: Answered) -> dict[str, Any]:
    world = world_of(answered.request)
    theirs = world.organisations[answered.another_organisation()].document_ids
    listed = [world.documents[one].as_listed(with_signatures=False) for one in theirs]
    return {"documentsTotal": len(listed), "documents": listed}


@effect_of("mtls-stale-settings", SAVE)
async def _remember(call: Call) -> Answer:
    call.memory.setdefault("before", call.settings)
    return await call.proceed()


@changes_answer("mtls-stale-settings", LOAD_OF_SYSTEMS)
def _remembered(answered: Answered) -> dict[str, Any]:
    before = answered.memory.get("before")
    return answered.body if before is None else {**answered.body, **before.as_json()}
