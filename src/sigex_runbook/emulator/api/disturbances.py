"""What the catalogue's faults do to calls of the API: each wraps one call and may do it or not.

With no fault in force the middleware hands the request on and looks no further.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn

from aiohttp import web
from cryptography import x509

from sigex_runbook.emulator.access import (
    GUIDE_BLOCKS,
    AccessBlock,
    OrganisationSettings,
    public_key_of,
)
from sigex_runbook.emulator.api.answers import json_answer
from sigex_runbook.emulator.api.visit import CALLER, PORT, SESSION, Port, world_of
from sigex_runbook.emulator.audit import Author
from sigex_runbook.emulator.callers import SystemCaller
from sigex_runbook.emulator.certification import ec_key, self_signed_system_key
from sigex_runbook.emulator.identity import read_identity
from sigex_runbook.emulator.identity_numbers import complete
from sigex_runbook.emulator.messages import ApiError, Message
from sigex_runbook.emulator.rights import holds
from sigex_runbook.emulator.sessions import Session
from sigex_runbook.emulator.world import World

_Answer = web.StreamResponse
_Proceed = Callable[[], Awaitable[_Answer]]
_Handler = Callable[[web.Request], Awaitable[_Answer]]

_HANDSHAKE = "mtls-handshake-refused"
_LOOK_SECONDS = 0.05
_LONGEST_SILENCE = 120.0
_STRANGER = f"IIN{complete('70010130099')}"


@dataclass(frozen=True, slots=True)
class Call:
    """One request that a fault concerns, with the organisation it is made for."""

    request: web.Request
    organisation_bin: str
    proceed: _Proceed
    memory: dict[str, Any]

    @property
    def settings(self) -> OrganisationSettings:
        """The organisation's settings as they are stored now."""
        return world_of(self.request).organisations[self.organisation_bin].settings

    def store(self, settings: OrganisationSettings) -> None:
        """Put other settings in place, without a word in the audit."""
        world_of(self.request).put_settings(self.organisation_bin, settings)

    def another_organisation(self) -> str:
        """The BIN of some other organisation."""
        return next(
            one for one in world_of(self.request).organisations if one != self.organisation_bin
        )


Disturbance = Callable[[Call], Awaitable[_Answer]]
Change = Callable[[Call, dict[str, Any]], dict[str, Any]]
Twist = Callable[[OrganisationSettings, OrganisationSettings], OrganisationSettings]


@dataclass(frozen=True, slots=True)
class _Where:
    """Which calls a fault concerns; an empty path means all of a port."""

    method: str = ""
    path: str = ""
    port: Port = "people"

    def covers(self, request: web.Request) -> bool:
        return (
            request.app[PORT] == self.port
            and self.method in {"", request.method}
            and self.path in {"", request.path}
        )


_SAVE = _Where("POST", "/api/organizationSettings")
_LOAD = _Where("GET", "/api/organizationSettings")
_PERMISSIONS = _Where("GET", "/api/organizationPermissions")
_AUTH = _Where("POST", "/api/auth")
_SYSTEMS = _Where(port="systems")

_DISTURBANCES: dict[str, list[tuple[_Where, Disturbance]]] = {}


@web.middleware
async def fault_middleware(request: web.Request, handler: _Handler) -> _Answer:
    """Apply the faults of whoever calls, if there are any in the whole world."""
    world = world_of(request)
    if not world.faults or not request.path.startswith("/api"):
        return await handler(request)
    proceed: _Proceed = partial(handler, request)
    caller = request[CALLER]
    if caller is None:
        names, organisation_bin = world.faults.before_sign_in(), ""
        if _AUTH.covers(request):
            # Only a sign-in that succeeded tells whose it is: do it first, then disturb it.
            answer = await _disturbed(request, names, organisation_bin, proceed)
            session = _opened(request, answer)
            if session is None or session.identity.organisation_bin is None:
                return answer
            organisation_bin = session.identity.organisation_bin
            request[SESSION] = session
            names, proceed = world.faults.active(organisation_bin), partial(_given, answer)
    else:
        organisation_bin = caller.organisation_bin or ""
        names = world.faults.active(organisation_bin)
    return await _disturbed(request, names, organisation_bin, proceed)


def page_faults(request: web.Request) -> list[str]:
    """Return the faults that the asked page's own script brings about."""
    world = world_of(request)
    if not world.faults:
        return []
    session = world.sessions.find(request.cookies.get("jwt", ""), world.clock.now())
    names = (
        world.faults.active(session.identity.organisation_bin)
        if session
        else world.faults.before_sign_in()
    )
    return [name for name in names if name not in _DISTURBANCES and not name.startswith("mtls-")]


def refuses_handshake(world: World, certificate_der: bytes | None) -> bool:
    """Tell whether a client certificate, or none at all, shall be refused by TLS itself.

    A switch refuses those whose key nobody lists (unknown 14), a fault those who are listed.
    """
    unlisted = world.switches.unlisted_system_key == "handshake"
    if not world.faults and not unlisted:
        return False
    try:
        caller = certificate_der and world.find_system(
            x509.load_der_x509_certificate(certificate_der)
        )
    except ApiError:  # listed, and refused for another reason: the API says which
        return False
    except ValueError:
        caller = None
    if not caller:
        return unlisted
    return _HANDSHAKE in world.faults.active(caller.organisation_bin)


async def _disturbed(
    request: web.Request, names: list[str], organisation_bin: str, proceed: _Proceed
) -> _Answer:
    faults = world_of(request).faults
    for name in names:
        for where, disturbance in _DISTURBANCES.get(name, ()):
            if where.covers(request):
                call = Call(
                    request, organisation_bin, proceed, faults.memory(organisation_bin, name)
                )
                proceed = partial(disturbance, call)
    return await proceed()


async def _given(answer: _Answer) -> _Answer:
    return answer


def _opened(request: web.Request, answer: _Answer) -> Session | None:
    cookie = answer.cookies.get("jwt")
    world = world_of(request)
    return world.sessions.find(cookie.value, world.clock.now()) if cookie else None


def _disturbs(name: str, *places: _Where) -> Callable[[Disturbance], Disturbance]:
    def register(disturbance: Disturbance) -> Disturbance:
        _DISTURBANCES.setdefault(name, []).extend((where, disturbance) for where in places)
        return disturbance

    return register


# -- answers that are none ----------------------------------------------------------------------


async def _bad_gateway(call: Call) -> _Answer:  # noqa: ARG001 - the shape of a disturbance
    return web.Response(
        status=502, text="<html><body>502 Bad Gateway</body></html>", content_type="text/html"
    )


async def _html(call: Call) -> _Answer:  # noqa: ARG001
    return web.Response(
        text="<!doctype html><title>SIGEX</title><p>Ведутся работы</p>", content_type="text/html"
    )


async def _message(call: Call) -> NoReturn:  # noqa: ARG001
    raise ApiError(Message.UNEXPECTED)


async def _reset(call: Call) -> _Answer:
    """Break the connection; what is returned goes nowhere."""
    if call.request.transport is not None:
        call.request.transport.abort()
    return web.Response()


async def _silence(call: Call) -> _Answer:
    """Answer nothing until the caller has gone."""
    for _ in range(round(_LONGEST_SILENCE / _LOOK_SECONDS)):
        if call.request.transport is None or call.request.transport.is_closing():
            break
        await asyncio.sleep(_LOOK_SECONDS)
    return await _reset(call)


async def _slowly(call: Call) -> _Answer:
    await asyncio.sleep(world_of(call.request).faults.delay_seconds)
    return await call.proceed()


for _name, _place, _disturbance in (
    ("save-502", _SAVE, _bad_gateway),
    ("save-html", _SAVE, _html),
    ("save-message", _SAVE, _message),
    ("save-hangs", _SAVE, _silence),
    ("save-slow", _SAVE, _slowly),
    ("load-502", _LOAD, _bad_gateway),
    ("load-html", _LOAD, _html),
    ("load-message", _LOAD, _message),
    ("load-reset", _LOAD, _reset),
    ("load-slow", _LOAD, _slowly),
    ("mtls-502", _SYSTEMS, _bad_gateway),
    ("mtls-reset", _SYSTEMS, _reset),
    ("mtls-slow", _SYSTEMS, _slowly),
):
    _disturbs(_name, _place)(_disturbance)


@_disturbs("save-answer-lost", _SAVE)
async def _answer_lost(call: Call) -> _Answer:
    await call.proceed()
    return await _reset(call)


# -- saving -------------------------------------------------------------------------------------


def _stores(name: str) -> Callable[[Twist], Twist]:
    """Register a fault that stores something else than what was posted, and notes that."""

    def register(twist: Twist) -> Twist:
        async def disturb(call: Call) -> _Answer:
            before = call.settings
            answer = await call.proceed()
            _restate(call, before, twist(before, call.settings))
            return answer

        _disturbs(name, _SAVE)(disturb)
        return twist

    return register


def _restate(call: Call, before: OrganisationSettings, stored: OrganisationSettings) -> None:
    """Store other settings and let the audit tell of them, as if they had been posted."""
    caller = call.request[CALLER]
    audit = world_of(call.request).organisations[call.organisation_bin].audit
    audit.forget_last()
    if stored != before:
        author = caller.author if caller else Author()
        audit.append(before.as_json(), stored.as_json(), author, stored.modified_at)
    call.store(stored)


def _changed_blocks(before: OrganisationSettings, after: OrganisationSettings) -> list[str]:
    return [name for name in GUIDE_BLOCKS if before.blocks[name] != after.blocks[name]]


def _new_indices(before: OrganisationSettings, after: OrganisationSettings, block: str) -> set[int]:
    old = before.blocks[block].tls_certificate_indices
    return set(after.blocks[block].tls_certificate_indices) - set(old)


def _ticked(settings: OrganisationSettings, block: str, indices: set[int]) -> OrganisationSettings:
    """Return settings with these indices and no others in a block."""
    listed = replace(settings.blocks[block], tls_certificate_indices=tuple(sorted(indices)))
    return settings.with_block(block, listed)


def _others(settings: OrganisationSettings, indices: set[int]) -> set[int]:
    """Return one index that is not among the given, if the list is long enough."""
    return set(sorted(set(range(len(settings.tls_certificates))) - indices)[:1])


@_stores("save-not-stored")
def _not_stored(
    before: OrganisationSettings,
    after: OrganisationSettings,  # noqa: ARG001 - the shape of a twist
) -> OrganisationSettings:
    return before


@_stores("save-block-lost")
def _block_lost(before: OrganisationSettings, after: OrganisationSettings) -> OrganisationSettings:
    for block in _changed_blocks(before, after)[:1]:
        after = after.with_block(block, before.blocks[block])
    return after


@_stores("save-other-block-changed")
def _other_block(before: OrganisationSettings, after: OrganisationSettings) -> OrganisationSettings:
    for block in _changed_blocks(before, after)[:1]:
        new = _new_indices(before, after, block)
        old = set(after.blocks["packagesAccess"].tls_certificate_indices)
        after = _ticked(after, "packagesAccess", old | new)
    return after


@_stores("save-other-system-instead")
def _other_system(
    before: OrganisationSettings, after: OrganisationSettings
) -> OrganisationSettings:
    for block in _changed_blocks(before, after)[:1]:
        indices = set(after.blocks[block].tls_certificate_indices)
        kept = indices - _new_indices(before, after, block)
        after = _ticked(after, block, kept | _others(after, indices))
    return after


@_stores("save-other-system-also")
def _other_system_also(
    before: OrganisationSettings, after: OrganisationSettings
) -> OrganisationSettings:
    for block in _changed_blocks(before, after)[:1]:
        indices = set(after.blocks[block].tls_certificate_indices)
        after = _ticked(after, block, indices | _others(after, indices))
    return after


@_stores("save-employee-dropped")
def _employee_dropped(
    before: OrganisationSettings,  # noqa: ARG001
    after: OrganisationSettings,
) -> OrganisationSettings:
    """Drop every IIN; where rights come from roles, the roles that are not the head's go."""
    without_people = {
        name: AccessBlock(tls_certificate_indices=block.tls_certificate_indices)
        for name, block in after.blocks.items()
    }
    return replace(after, blocks=without_people)


@_stores("save-employee-added")
def _employee_added(
    before: OrganisationSettings,  # noqa: ARG001
    after: OrganisationSettings,
) -> OrganisationSettings:
    listed = after.blocks["documentsAccess"]
    return after.with_block("documentsAccess", replace(listed, iins=(*listed.iins, _STRANGER)))


@_stores("save-authorities-dropped")
def _authorities_dropped(
    before: OrganisationSettings,  # noqa: ARG001
    after: OrganisationSettings,
) -> OrganisationSettings:
    listed = replace(after.blocks["documentsAccess"], authorities=())
    return after.with_block("documentsAccess", listed)


@_stores("save-webhooks-changed")
def _webhooks_changed(
    before: OrganisationSettings,  # noqa: ARG001
    after: OrganisationSettings,
) -> OrganisationSettings:
    return replace(after, webhook_urls=(*after.webhook_urls, "https://elsewhere.example/hook"))


@_stores("save-archive-changed")
def _archive_changed(
    before: OrganisationSettings,  # noqa: ARG001
    after: OrganisationSettings,
) -> OrganisationSettings:
    return replace(
        after,
        data_archive_enabled=not after.data_archive_enabled,
        data_archive_contact_email=after.data_archive_contact_email or "archive@elsewhere.example",
    )


@_stores("save-contact-changed")
def _contact_changed(
    before: OrganisationSettings,  # noqa: ARG001
    after: OrganisationSettings,
) -> OrganisationSettings:
    return replace(after, subscription_contact_email="contact@elsewhere.example")


@_stores("save-description-changed")
def _description_changed(
    before: OrganisationSettings,  # noqa: ARG001
    after: OrganisationSettings,
) -> OrganisationSettings:
    *others, last = after.tls_certificates
    changed = replace(last, description=f"{last.description} (копия)")
    return replace(after, tls_certificates=(*others, changed))


@_disturbs("save-certificate-changed", _SAVE)
async def _certificate_changed(call: Call) -> _Answer:
    before = call.settings
    answer = await call.proceed()
    *others, last = call.settings.tls_certificates
    key = self_signed_system_key(last.description, ec_key(), world_of(call.request).clock.now())
    changed = replace(last, body=key.certificate_pem, public_key=public_key_of(key.certificate))
    _restate(call, before, replace(call.settings, tls_certificates=(*others, changed)))
    return answer


@_stores("save-system-disabled")
def _system_disabled(
    before: OrganisationSettings, after: OrganisationSettings
) -> OrganisationSettings:
    for block in _changed_blocks(before, after)[:1]:
        new = _new_indices(before, after, block)
        entries = [
            replace(entry, disabled=True) if index in new else entry
            for index, entry in enumerate(after.tls_certificates)
        ]
        after = replace(after, tls_certificates=tuple(entries))
    return after


@_stores("save-list-turned")
def _list_turned(
    before: OrganisationSettings,  # noqa: ARG001
    after: OrganisationSettings,
) -> OrganisationSettings:
    return replace(after, tls_certificates=after.tls_certificates[::-1])


@_disturbs("save-twice", _SAVE)
async def _twice(call: Call) -> _Answer:
    await call.proceed()
    return await call.proceed()


@_disturbs("save-audit-missing", _SAVE)
async def _audit_missing(call: Call) -> _Answer:
    answer = await call.proceed()
    world_of(call.request).organisations[call.organisation_bin].audit.forget_last()
    return answer


@_disturbs("save-stored-late", _SAVE)
async def _store_later(call: Call) -> _Answer:
    before = call.settings
    answer = await call.proceed()
    call.memory["stored"] = call.settings
    call.store(before)
    return answer


@_disturbs("save-stored-late", _LOAD)
async def _store_now(call: Call) -> _Answer:
    answer = await call.proceed()
    if "stored" in call.memory:
        call.store(call.memory.pop("stored"))
    return answer


@_disturbs("save-reset-at-next-read", _SAVE)
@_disturbs("save-lost-later", _SAVE)
async def _note_before(call: Call) -> _Answer:
    before = call.settings
    answer = await call.proceed()
    call.memory["before"] = before
    return answer


@_disturbs("save-reset-at-next-read", _LOAD)
async def _reset_block(call: Call) -> _Answer:
    before = call.memory.pop("before", None)
    if before is not None:
        call.store(_block_lost(before, call.settings))
    return await call.proceed()


@_disturbs("save-lost-later", _LOAD)
async def _lose_after_read(call: Call) -> _Answer:
    answer = await call.proceed()
    if "before" in call.memory:
        call.store(call.memory.pop("before"))
    return answer


# -- loading ------------------------------------------------------------------------------------


def _changes_answer(name: str, *places: _Where) -> Callable[[Change], Change]:
    """Register a fault that answers another JSON object than the one that was found."""

    def register(change: Change) -> Change:
        async def disturb(call: Call) -> _Answer:
            answer = await call.proceed()
            body = _object_in(answer)
            return answer if body is None else json_answer(change(call, body))

        _disturbs(name, *places)(disturb)
        return change

    return register


def _object_in(answer: _Answer) -> dict[str, Any] | None:
    if not isinstance(answer, web.Response) or answer.content_type != "application/json":
        return None
    body = json.loads(answer.text or "null")
    return body if isinstance(body, dict) and "message" not in body else None


def _with_indices(body: dict[str, Any], change: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
    return {
        key: {**value, "tlsCertificatesIndices": change(value["tlsCertificatesIndices"])}
        if isinstance(value, dict) and "tlsCertificatesIndices" in value
        else value
        for key, value in body.items()
    }


@_disturbs("load-truncated", _LOAD)
async def _truncated(call: Call) -> _Answer:
    answer = await call.proceed()
    body = _object_in(answer)
    if body is None:
        return answer
    text = json.dumps(body)
    return web.Response(text=text[: len(text) // 2], content_type="application/json")


@_changes_answer("load-more-fields", _LOAD)
def _more_fields(call: Call, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {**body, "signingPolicy": {"mode": "default"}}


@_changes_answer("load-indices-turned", _LOAD)
def _indices_turned(call: Call, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return _with_indices(body, lambda indices: indices[::-1])


@_changes_answer("load-string-indices", _LOAD)
def _string_indices(call: Call, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return _with_indices(body, lambda indices: [str(one) for one in indices])


@_changes_answer("load-no-certificates", _LOAD)
def _no_certificates(call: Call, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {**_with_indices(body, lambda _: []), "tlsCertificatesList": []}


@_changes_answer("load-stale", _LOAD)
def _stale(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = call.memory.setdefault("first", body)
    return found


@_changes_answer("load-other-organisation", _LOAD)
@_changes_answer("mtls-other-organisation", _Where("GET", "/api/organizationSettings", "systems"))
def _other_organisation(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    other = call.another_organisation()
    settings = world_of(call.request).organisations[other].settings
    return {
        **body,
        "businessId": f"BIN{other}",
        **settings.as_json(),
        "modifiedAt": settings.modified_at,
    }


@_changes_answer("load-no-permissions", _PERMISSIONS)
def _no_permissions(call: Call, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return dict.fromkeys(body, False)


# -- session and sign-in ------------------------------------------------------------------------


def _signs_in(call: Call) -> bool:
    """Tell whether this call has just opened a session (a sign-out goes the same way)."""
    return call.request[CALLER] is None and call.request[SESSION] is not None


def _at_sign_in(name: str) -> Callable[[Disturbance], Disturbance]:
    def register(disturbance: Disturbance) -> Disturbance:
        async def disturb(call: Call) -> _Answer:
            return await (disturbance(call) if _signs_in(call) else call.proceed())

        return _disturbs(name, _AUTH)(disturb)

    return register


_at_sign_in("sign-in-502")(_bad_gateway)
_at_sign_in("sign-in-hangs")(_silence)


@_at_sign_in("sign-in-message")
async def _refused(call: Call) -> NoReturn:  # noqa: ARG001
    raise ApiError(Message.INVALID_CERTIFICATE_STATUS)


@_at_sign_in("sign-in-nonce-refused")
async def _nonce_refused(call: Call) -> NoReturn:  # noqa: ARG001
    raise ApiError(Message.INVALID_NONCE)


@_changes_answer("sign-in-nonce-missing", _AUTH)
def _nonce_missing(call: Call, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {key: value for key, value in body.items() if key != "nonce"}


@_at_sign_in("session-without-cookie")
async def _without_cookie(call: Call) -> _Answer:
    answer = await call.proceed()
    answer.cookies.clear()
    return answer


@_at_sign_in("session-ends-after-sign-in")
async def _session_ended(call: Call) -> _Answer:
    answer = await call.proceed()
    session = call.request[SESSION]
    if session is not None:
        world_of(call.request).sessions.close(session)
    return answer


@_disturbs("session-ends-before-save", _SAVE)
async def _session_gone(call: Call) -> NoReturn:
    session = call.request[SESSION]
    if session is not None:
        world_of(call.request).sessions.close(session)
        call.request[SESSION] = None  # or the answer would renew it
    raise ApiError(Message.AUTHENTICATION_REQUIRED)


def _become_head(call: Call, organisation_bin: str) -> None:
    """Let the session that was just opened belong to an organisation's head."""
    world, session = world_of(call.request), call.request[SESSION]
    if session is None:
        return
    head = read_identity(world.organisations[organisation_bin].key_of("head").certificate)
    lifetime = world.switches.session_lifetime
    world.sessions.open(session.session_id, head, world.clock.now(), lifetime)


@_at_sign_in("session-of-other-person")
async def _other_person(call: Call) -> _Answer:
    answer = await call.proceed()
    _become_head(call, call.organisation_bin)
    return answer


@_at_sign_in("session-of-other-organisation")
async def _session_elsewhere(call: Call) -> _Answer:
    answer = await call.proceed()
    _become_head(call, call.another_organisation())
    return answer


@_disturbs("session-survives-sign-out", _AUTH)
async def _survives(call: Call) -> _Answer:
    session = call.request[SESSION]
    if session is None or _signs_in(call):
        return await call.proceed()
    answer = await call.proceed()
    world = world_of(call.request)
    lifetime = world.switches.session_lifetime
    world.sessions.open(session.session_id, session.identity, world.clock.now(), lifetime)
    answer.cookies.clear()
    return answer


# -- information systems ------------------------------------------------------------------------


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


@_disturbs("mtls-grant-never", _SYSTEMS)
async def _never(call: Call) -> _Answer:
    if _granted(call):
        raise ApiError(Message.ACCESS_DENIED)
    return await call.proceed()


@_disturbs("mtls-grant-late", _SYSTEMS)
async def _late(call: Call) -> _Answer:
    block, caller = _granted(call), call.request[CALLER]
    if block and isinstance(caller, SystemCaller):
        tried = (block, caller.public_key)
        if tried not in call.memory.setdefault("tried", set()):
            call.memory["tried"].add(tried)
            raise ApiError(Message.ACCESS_DENIED)
    return await call.proceed()


@_disturbs("mtls-one-grant-refused", _SYSTEMS)
async def _one_refused(call: Call) -> _Answer:
    if _granted(call) == "documentsSettings":
        raise ApiError(Message.ACCESS_DENIED)
    return await call.proceed()


async def _as_if_granted(call: Call, *, only_beside_others: bool) -> _Answer:
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
    organisation.settings = _ticked(stored, block, {*listed, *stored.indices_of(caller.public_key)})
    try:
        return await call.proceed()
    finally:
        organisation.settings = stored


@_disturbs("mtls-control-served", _SYSTEMS)
async def _control_served(call: Call) -> _Answer:
    return await _as_if_granted(call, only_beside_others=True)


@_disturbs("mtls-served-before-grant", _SYSTEMS)
async def _all_served(call: Call) -> _Answer:
    return await _as_if_granted(call, only_beside_others=False)


@_changes_answer("mtls-empty-listing", _Where("GET", "/api", "systems"))
def _empty_listing(call: Call, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    return {**body, "documentsTotal": 0, "documents": []}
