"""Organisations of the imitated service: their people, their keys and their present settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sigex_emulator.clock import milliseconds
from sigex_emulator.pki.authority import PersonalKey, SystemKey
from sigex_emulator.pki.identity import read_identity
from sigex_emulator.pki.people import Role
from sigex_emulator.pki.signers import status_fields

from .audit import AuditTrail, Author
from .document_settings import DEFAULT_SETTINGS
from .documents import Document, signature_by
from .identifiers import Identifiers
from .keys import WorldKeys
from .seeds import OrganisationSeed
from .settings import AccessBlock, OrganisationSettings, TlsCertificate, public_key_of

_SEED_AGE = timedelta(days=30)


@dataclass(slots=True)
class Organisation:
    """An organisation with its keys and its present settings.

    What changes the settings here leaves audit and time of the change as they are.
    """

    organisation_bin: str
    name: str
    people: tuple[PersonalKey, ...]
    system_keys: list[SystemKey]
    settings: OrganisationSettings
    audit: AuditTrail = field(default_factory=AuditTrail)
    document_ids: list[str] = field(default_factory=list)
    recorded: bool = True
    """Whether it has a settings record; a first registered signature makes one (3.2, K)."""

    superseded: tuple[OrganisationSettings, datetime] | None = None
    """Settings whose rights still count, and until when (switch `effect_delay`)."""

    def in_force(self, now: datetime) -> OrganisationSettings:
        """Return the settings whose rights count now."""
        if self.superseded and now < self.superseded[1]:
            return self.superseded[0]
        return self.settings

    def key_of(self, role: Role) -> PersonalKey:
        """Return the key of the organisation's person of this role."""
        return next(key for key in self.people if key.person.role == role)

    def index_of(self, description: str) -> int:
        """Return the position of the first information system of this description."""
        for index, entry in enumerate(self.settings.tls_certificates):
            if entry.description == description:
                return index
        raise KeyError(description)

    def grant(self, block: str, description: str) -> None:
        """Tick an information system in one block."""
        index, listed = self.index_of(description), self.settings.blocks[block]
        if index not in listed.tls_certificate_indices:
            indices = (*listed.tls_certificate_indices, index)
            self._put_block(block, replace(listed, tls_certificate_indices=indices))

    def revoke(self, block: str, description: str) -> None:
        """Untick an information system in one block."""
        index, listed = self.index_of(description), self.settings.blocks[block]
        indices = tuple(one for one in listed.tls_certificate_indices if one != index)
        self._put_block(block, replace(listed, tls_certificate_indices=indices))

    def give_right(self, block: str, entry: str) -> None:
        """List a person (`IIN…`) or an authority (an OID) in one block."""
        listed = self.settings.blocks[block]
        if entry.startswith("IIN"):
            self._put_block(block, replace(listed, iins=(*listed.iins, entry)))
        else:
            self._put_block(block, replace(listed, authorities=(*listed.authorities, entry)))

    def remove_right(self, block: str, entry: str) -> None:
        """Take a person (`IIN…`) or an authority (an OID) out of one block."""
        listed = self.settings.blocks[block]
        changed = replace(
            listed,
            iins=tuple(one for one in listed.iins if one != entry),
            authorities=tuple(one for one in listed.authorities if one != entry),
        )
        self._put_block(block, changed)

    def list_system(self, description: str, key: SystemKey) -> None:
        """Put one more information system at the end of the list."""
        systems = (*self.settings.tls_certificates, _entry(description, key))
        self.settings = replace(self.settings, tls_certificates=systems)

    def set_disabled(self, description: str, *, disabled: bool) -> None:
        """Disable or enable an information system."""
        index, entries = self.index_of(description), list(self.settings.tls_certificates)
        entries[index] = replace(entries[index], disabled=disabled)
        self.settings = replace(self.settings, tls_certificates=tuple(entries))

    def _put_block(self, block: str, changed: AccessBlock) -> None:
        self.settings = self.settings.with_block(block, changed)


def settled(seed: OrganisationSeed, keys: WorldKeys, now: datetime) -> Organisation:
    """Build an organisation as it stands before anybody touches it; it has no documents yet."""
    system_keys = list(keys.systems[seed.organisation_bin])
    employee = seed.person("settings_employee")
    listed = (
        AccessBlock(iins=(employee.user_id,))
        if seed.settings_right == "iin"
        else AccessBlock(authorities=(*AccessBlock().authorities, employee.authorities[-1]))
    )
    settings = OrganisationSettings(
        tls_certificates=tuple(_entry(key.description, key) for key in system_keys),
        modified_at=milliseconds(now - _SEED_AGE),
    ).with_block("organizationSettings", listed)
    organisation = Organisation(
        seed.organisation_bin,
        seed.name,
        tuple(keys.people[person.iin] for person in seed.people),
        system_keys,
        settings,
    )
    organisation.audit.append(
        OrganisationSettings().as_json(),
        settings.as_json(),
        Author(iin=seed.person("head").user_id),
        settings.modified_at,
    )
    return organisation


def seeded_documents(
    seed: OrganisationSeed, keys: WorldKeys, identifiers: Identifiers, now: datetime
) -> Iterator[Document]:
    """Make the documents that an organisation has from the start."""
    for number, one in enumerate(seed.documents, start=1):
        signed_at = now - timedelta(days=one.days_old)
        stored_at = milliseconds(signed_at)
        signer = read_identity(keys.people[seed.person(one.signer).iin].certificate)
        status = status_fields(keys.authority, signed_at)
        signature = signature_by(signer, number, stored_at, status)
        yield Document(
            document_id=identifiers.document_id(),
            title=one.title,
            description=f"{seed.name}: учебный документ эмулятора",
            stored_at=stored_at,
            signatures=(signature,),
            settings={**DEFAULT_SETTINGS, "private": one.private},
            data=f"{one.title}\n{seed.name}\n".encode(),
            archived=one.archived,
        )


def _entry(description: str, key: SystemKey) -> TlsCertificate:
    return TlsCertificate(
        description, key.certificate_pem, public_key=public_key_of(key.certificate)
    )
