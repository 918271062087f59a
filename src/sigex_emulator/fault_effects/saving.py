"""Saving that stores something else, later, twice or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sigex_emulator.api.visit import CALLER, world_of
from sigex_emulator.pki.authority import ec_key, self_signed_system_key
from sigex_emulator.pki.identity_numbers import complete
from sigex_emulator.world.audit import Author
from sigex_emulator.world.settings import (
    GUIDE_BLOCKS,
    AccessBlock,
    OrganisationSettings,
    public_key_of,
)

from .calls import (
    AUTH,
    LOAD,
    SAVE,
    Answer,
    Answered,
    Call,
    changes_answer,
    effect_of,
    ticked,
)

_STRANGER = f"IIN{complete('70010130099')}"


@dataclass(frozen=True, slots=True)
class Change:
    """What a save changed: an organisation's settings before it and after it."""

    before: OrganisationSettings
    after: OrganisationSettings

    @property
    def block(self) -> str:
        """The first of the guide's blocks that differs; empty when none does."""
        blocks = (one for one in GUIDE_BLOCKS if self.before.blocks[one] != self.after.blocks[one])
        return next(blocks, "")

    @property
    def ticked(self) -> set[int]:
        """The information systems that are ticked in this block now."""
        return set(self.after.blocks[self.block].tls_certificate_indices)

    @property
    def added(self) -> set[int]:
        """Those of them that were not ticked before."""
        return self.ticked - set(self.before.blocks[self.block].tls_certificate_indices)

    @property
    def another(self) -> set[int]:
        """One information system that is not ticked there, if the list is long enough."""
        return set(sorted(set(range(len(self.after.tls_certificates))) - self.ticked)[:1])


Storing = Callable[[Change], OrganisationSettings]


def _stores(name: str) -> Callable[[Storing], Storing]:
    """Register a fault that stores something else than what was posted, and notes that."""

    def register(storing: Storing) -> Storing:
        async def effect(call: Call) -> Answer:
            before = call.settings
            answer = await call.proceed()
            _restate(call, before, storing(Change(before, call.settings)))
            return answer

        effect_of(name, SAVE)(effect)
        return storing

    return register


def _spoils_block(name: str) -> Callable[[Storing], Storing]:
    """Register a fault that stores something else when one of the guide's blocks was changed."""

    def register(storing: Storing) -> Storing:
        _stores(name)(lambda change: storing(change) if change.block else change.after)
        return storing

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


@_stores("save-not-stored")
def _not_stored(change: Change) -> OrganisationSettings:
    return change.before


@_spoils_block("save-block-lost")
def _block_lost(change: Change) -> OrganisationSettings:
    return change.after.with_block(change.block, change.before.blocks[change.block])


@_spoils_block("save-other-block-changed")
def _other_block(change: Change) -> OrganisationSettings:
    old = set(change.after.blocks["packagesAccess"].tls_certificate_indices)
    return ticked(change.after, "packagesAccess", old | change.added)


@_spoils_block("save-other-system-instead")
def _other_system(change: Change) -> OrganisationSettings:
    kept = change.ticked - change.added
    return ticked(change.after, change.block, kept | change.another)


@_spoils_block("save-other-system-also")
def _other_system_also(change: Change) -> OrganisationSettings:
    return ticked(change.after, change.block, change.ticked | change.another)


@_stores("save-employee-dropped")
def _employee_dropped(change: Change) -> OrganisationSettings:
    """Drop every IIN; where rights come from roles, the roles that are not the head's go."""
    without_people = {
        name: AccessBlock(tls_certificate_indices=block.tls_certificate_indices)
        for name, block in change.after.blocks.items()
    }
    return replace(change.after, blocks=without_people)


@_stores("save-change-hidden")
@_stores("save-employee-added")
def _employee_added(change: Change) -> OrganisationSettings:
    listed = change.after.blocks["documentsAccess"]
    return change.after.with_block(
        "documentsAccess", replace(listed, iins=(*listed.iins, _STRANGER))
    )


@changes_answer("save-change-hidden", LOAD)
def _hide_stranger(answered: Answered) -> dict[str, Any]:
    listed = answered.body["documentsAccess"]
    shown = [one for one in listed["iins"] if one != _STRANGER]
    return {**answered.body, "documentsAccess": {**listed, "iins": shown}}


@_stores("save-authorities-dropped")
def _authorities_dropped(change: Change) -> OrganisationSettings:
    listed = replace(change.after.blocks["documentsAccess"], authorities=())
    return change.after.with_block("documentsAccess", listed)


@_stores("save-webhooks-changed")
def _webhooks_changed(change: Change) -> OrganisationSettings:
    return replace(
        change.after, webhook_urls=(*change.after.webhook_urls, "https://elsewhere.example/hook")
    )


@_stores("save-archive-changed")
def _archive_changed(change: Change) -> OrganisationSettings:
    return replace(
        change.after,
        data_archive_enabled=not change.after.data_archive_enabled,
        data_archive_contact_email=change.after.data_archive_contact_email
        or "archive@elsewhere.example",
    )


@_stores("save-contact-changed")
def _contact_changed(change: Change) -> OrganisationSettings:
    return replace(change.after, subscription_contact_email="contact@elsewhere.example")


@_stores("save-description-changed")
def _description_changed(change: Change) -> OrganisationSettings:
    *others, last = change.after.tls_certificates
    changed = replace(last, description=f"{last.description} (копия)")
    return replace(change.after, tls_certificates=(*others, changed))


@effect_of("save-certificate-changed", SAVE)
async def _certificate_changed(call: Call) -> Answer:
    before = call.settings
    answer = await call.proceed()
    *others, last = call.settings.tls_certificates
    key = self_signed_system_key(last.description, ec_key(), world_of(call.request).clock.now())
    changed = replace(last, body=key.certificate_pem, public_key=public_key_of(key.certificate))
    _restate(call, before, replace(call.settings, tls_certificates=(*others, changed)))
    return answer


@_spoils_block("save-system-disabled")
def _system_disabled(change: Change) -> OrganisationSettings:
    entries = [
        replace(entry, disabled=True) if index in change.added else entry
        for index, entry in enumerate(change.after.tls_certificates)
    ]
    return replace(change.after, tls_certificates=tuple(entries))


@_stores("save-list-turned")
def _list_turned(change: Change) -> OrganisationSettings:
    return replace(change.after, tls_certificates=change.after.tls_certificates[::-1])


@effect_of("save-twice", SAVE)
async def _twice(call: Call) -> Answer:
    await call.proceed()
    return await call.proceed()


@effect_of("save-audit-missing", SAVE)
async def _audit_missing(call: Call) -> Answer:
    answer = await call.proceed()
    world_of(call.request).organisations[call.organisation_bin].audit.forget_last()
    return answer


@effect_of("save-stored-late", SAVE)
async def _store_later(call: Call) -> Answer:
    before = call.settings
    answer = await call.proceed()
    call.memory["stored"] = call.settings
    call.store(before)
    return answer


@effect_of("save-stored-late", LOAD)
async def _store_now(call: Call) -> Answer:
    answer = await call.proceed()
    if "stored" in call.memory:
        call.store(call.memory.pop("stored"))
    return answer


@effect_of("save-undone-at-sign-out", SAVE)
@effect_of("save-reset-at-next-read", SAVE)
@effect_of("save-lost-later", SAVE)
async def _note_before(call: Call) -> Answer:
    before = call.settings
    answer = await call.proceed()
    call.memory["before"] = before
    return answer


@effect_of("save-reset-at-next-read", LOAD)
async def _reset_block(call: Call) -> Answer:
    before = call.memory.pop("before", None)
    if before is not None:
        change = Change(before, call.settings)
        call.store(_block_lost(change) if change.block else change.after)
    return await call.proceed()


@effect_of("save-lost-later", LOAD)
async def _lose_after_read(call: Call) -> Answer:
    answer = await call.proceed()
    if "before" in call.memory:
        call.store(call.memory.pop("before"))
    return answer


@effect_of("save-undone-at-sign-out", AUTH)
async def _lose_at_sign_out(call: Call) -> Answer:
    signs_out = call.request[CALLER] is not None
    answer = await call.proceed()
    if signs_out and "before" in call.memory:
        call.store(call.memory.pop("before"))
    return answer
