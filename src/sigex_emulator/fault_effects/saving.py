"""Saving that stores something else, later, twice or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sigex_emulator.api.visit import CALLER, world_of
from sigex_emulator.fault_effects.calls import (
    AUTH,
    LOAD,
    SAVE,
    Answer,
    Call,
    changes_answer,
    disturbs,
    ticked,
)
from sigex_emulator.pki.authority import ec_key, self_signed_system_key
from sigex_emulator.pki.identity_numbers import complete
from sigex_emulator.world.audit import Author
from sigex_emulator.world.settings import (
    GUIDE_BLOCKS,
    AccessBlock,
    OrganisationSettings,
    public_key_of,
)

_STRANGER = f"IIN{complete('70010130099')}"

Twist = Callable[[OrganisationSettings, OrganisationSettings], OrganisationSettings]


def _stores(name: str) -> Callable[[Twist], Twist]:
    """Register a fault that stores something else than what was posted, and notes that."""

    def register(twist: Twist) -> Twist:
        async def disturb(call: Call) -> Answer:
            before = call.settings
            answer = await call.proceed()
            _restate(call, before, twist(before, call.settings))
            return answer

        disturbs(name, SAVE)(disturb)
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
        after = ticked(after, "packagesAccess", old | new)
    return after


@_stores("save-other-system-instead")
def _other_system(
    before: OrganisationSettings, after: OrganisationSettings
) -> OrganisationSettings:
    for block in _changed_blocks(before, after)[:1]:
        indices = set(after.blocks[block].tls_certificate_indices)
        kept = indices - _new_indices(before, after, block)
        after = ticked(after, block, kept | _others(after, indices))
    return after


@_stores("save-other-system-also")
def _other_system_also(
    before: OrganisationSettings, after: OrganisationSettings
) -> OrganisationSettings:
    for block in _changed_blocks(before, after)[:1]:
        indices = set(after.blocks[block].tls_certificate_indices)
        after = ticked(after, block, indices | _others(after, indices))
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


@_stores("save-change-hidden")
@_stores("save-employee-added")
def _employee_added(
    before: OrganisationSettings,  # noqa: ARG001
    after: OrganisationSettings,
) -> OrganisationSettings:
    listed = after.blocks["documentsAccess"]
    return after.with_block("documentsAccess", replace(listed, iins=(*listed.iins, _STRANGER)))


@changes_answer("save-change-hidden", LOAD)
def _hide_stranger(call: Call, body: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001
    listed = body["documentsAccess"]
    shown = [one for one in listed["iins"] if one != _STRANGER]
    return {**body, "documentsAccess": {**listed, "iins": shown}}


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


@disturbs("save-certificate-changed", SAVE)
async def _certificate_changed(call: Call) -> Answer:
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


@disturbs("save-twice", SAVE)
async def _twice(call: Call) -> Answer:
    await call.proceed()
    return await call.proceed()


@disturbs("save-audit-missing", SAVE)
async def _audit_missing(call: Call) -> Answer:
    answer = await call.proceed()
    world_of(call.request).organisations[call.organisation_bin].audit.forget_last()
    return answer


@disturbs("save-stored-late", SAVE)
async def _store_later(call: Call) -> Answer:
    before = call.settings
    answer = await call.proceed()
    call.memory["stored"] = call.settings
    call.store(before)
    return answer


@disturbs("save-stored-late", LOAD)
async def _store_now(call: Call) -> Answer:
    answer = await call.proceed()
    if "stored" in call.memory:
        call.store(call.memory.pop("stored"))
    return answer


@disturbs("save-undone-at-sign-out", SAVE)
@disturbs("save-reset-at-next-read", SAVE)
@disturbs("save-lost-later", SAVE)
async def _note_before(call: Call) -> Answer:
    before = call.settings
    answer = await call.proceed()
    call.memory["before"] = before
    return answer


@disturbs("save-reset-at-next-read", LOAD)
async def _reset_block(call: Call) -> Answer:
    before = call.memory.pop("before", None)
    if before is not None:
        call.store(_block_lost(before, call.settings))
    return await call.proceed()


@disturbs("save-lost-later", LOAD)
async def _lose_after_read(call: Call) -> Answer:
    answer = await call.proceed()
    if "before" in call.memory:
        call.store(call.memory.pop("before"))
    return answer


@disturbs("save-undone-at-sign-out", AUTH)
async def _lose_at_sign_out(call: Call) -> Answer:
    signs_out = call.request[CALLER] is not None
    answer = await call.proceed()
    if signs_out and "before" in call.memory:
        call.store(call.memory.pop("before"))
    return answer
