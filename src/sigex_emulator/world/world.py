"""The state of the imitated service, and the handles by which a test changes it.

One `World` belongs to one emulator. The server reads and changes it in its own thread, a test in
another one; every change is one step under one lock.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from sigex_emulator.clock import Clock, ShiftedClock, milliseconds
from sigex_emulator.faults import FaultBook
from sigex_emulator.messages import ApiError, Message
from sigex_emulator.pki.authority import SystemKey, ec_key, self_signed_system_key
from sigex_emulator.pki.identity import Identity
from sigex_emulator.pki.refused_keys import revoke_again
from sigex_emulator.pki.revocation import ResponderState
from sigex_emulator.pki.signers import status_fields

from .audit import AuditTrail, Author
from .callers import SystemCaller
from .document_settings import DEFAULT_SETTINGS
from .documents import Document, Registrator
from .egov_qr import OperationBook
from .identifiers import Identifiers
from .keys import WorldKeys, make_keys
from .organisations import Organisation, seeded_documents, settled
from .registrations import (
    CompletedRegistration,
    Registration,
    RegistrationBook,
    registered_document,
)
from .requests import CallMeter, RequestRecord
from .seeds import STANDARD_WORLD, OrganisationSeed, WorldSeed
from .sessions import NonceBook, SessionBook, SignIn
from .settings import OrganisationSettings, certificate_digest, default_blocks, public_key_of
from .switches import Switches

_REMEMBERED_REQUESTS = 5000
_REMEMBERED_SIGN_INS = 100


_P = ParamSpec("_P")
_R = TypeVar("_R")


def _noted(
    change: Callable[Concatenate[World, _P], _R],
) -> Callable[Concatenate[World, _P], _R]:
    """Tell the listeners when a change is done."""

    @wraps(change)
    def act(world: World, /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        result = change(world, *args, **kwargs)
        for listener in world._listeners:
            listener()
        return result

    return act


class World:
    """Organisations, people, documents, sessions; `reset` brings the seeded state back."""

    def __init__(
        self,
        seed: WorldSeed = STANDARD_WORLD,
        *,
        clock: Clock | None = None,
        identifiers: Identifiers | None = None,
        switches: Switches | None = None,
        keys: WorldKeys | None = None,
    ) -> None:
        self.seed = seed
        self.clock: Clock = clock or ShiftedClock()
        self.identifiers = identifiers or Identifiers()
        self.switches = switches or Switches()
        self.lock = threading.RLock()
        self.nonces = NonceBook()
        self.sessions = SessionBook()
        self.egov_qr = OperationBook()
        self.requests: deque[RequestRecord] = deque(maxlen=_REMEMBERED_REQUESTS)
        self.organisations: dict[str, Organisation] = {}
        self.documents: dict[str, Document] = {}
        self.document_audits: dict[str, AuditTrail] = {}
        self.sign_ins: dict[str, deque[SignIn]] = {}
        self.registrations = RegistrationBook()
        self.profiles: set[str] = set()
        self.calls = CallMeter()
        self.faults = FaultBook()
        self._trust: list[Callable[[str], None]] = []
        self._listeners: list[Callable[[], None]] = []
        self.keys = keys or make_keys(seed, self.clock.now())
        self.authority = self.keys.authority
        self.refused_keys = self.keys.refused
        self.private_persons = tuple(self.keys.people[one.iin] for one in seed.private_persons)
        self.reset()

    # -- reading -----------------------------------------------------------------------------

    @property
    def now_ms(self) -> int:
        """The present moment as the API writes it."""
        return milliseconds(self.clock.now())

    def settings_of(self, organisation_bin: str | None) -> OrganisationSettings | None:
        """Return an organisation's settings, None for nobody's or an unknown organisation."""
        if organisation_bin is None:
            return None
        organisation = self.organisations.get(organisation_bin)
        return organisation.in_force(self.clock.now()) if organisation else None

    def archive_usage(self, organisation_bin: str) -> int:
        """Return the bytes of an organisation's archived documents."""
        business_id = f"BIN{organisation_bin}"
        with self.lock:
            return sum(
                len(document.data)
                for document in self.documents.values()
                if document.archived and business_id in document.business_ids
            )

    def is_submitted(self, digest: str) -> bool:
        """Tell whether a document has this signature already."""
        with self.lock:
            return any(
                one.digest == digest
                for document in self.documents.values()
                for one in document.signatures
            )

    def find_system(self, certificate: x509.Certificate) -> SystemCaller | None:
        """Return the information system that owns the certificate's key (sigex-facts 5, K).

        None when no organisation lists the key. Raises ApiError when every entry that lists it is
        disabled, and when the plan has no place for information systems.
        """
        public_key = public_key_of(certificate)
        disabled = False
        with self.lock:
            for organisation in self.organisations.values():
                settings = organisation.in_force(self.clock.now())
                if settings.indices_of(public_key):
                    if self.switches.plan == "without_systems":
                        raise ApiError(Message.NOT_ON_THIS_PLAN)
                    der = certificate.public_bytes(serialization.Encoding.DER)
                    return SystemCaller(
                        organisation.organisation_bin,
                        public_key,
                        certificate_digest(der),
                        der,
                    )
                disabled = disabled or _lists(settings, public_key)
        if disabled:
            raise ApiError(Message.TLS_DISABLED)
        return None

    # -- what the service does ---------------------------------------------------------------

    @_noted
    def save_settings(
        self,
        organisation_bin: str,
        posted: OrganisationSettings,
        author: Author,
        *,
        read_at: object = None,
    ) -> int:
        """Replace an organisation's settings as a whole and return the time of the change.

        Raises ApiError when a key already belongs to another organisation, since the caller would
        not be found by it, and when somebody else saved since `read_at`; both may be switched
        (unknowns 15, 12). No message of the list speaks of the latter.
        """
        with self.lock:
            organisation = self.organisations[organisation_bin]
            late = isinstance(read_at, int) and read_at != organisation.settings.modified_at
            if late and self.switches.concurrent_saves == "conflict":
                raise ApiError(Message.UNEXPECTED)
            keys = {entry.public_key for entry in posted.tls_certificates}
            for other in self.organisations.values():
                if self.switches.key_of_two_organisations == "allow":
                    break
                if other is not organisation and any(
                    entry.public_key in keys for entry in other.settings.tls_certificates
                ):
                    raise ApiError(Message.UNUSABLE_TLS_CERTIFICATE)
            original = organisation.settings
            # Never the same moment twice, so that a change can always be told by it.
            modified_at = max(self.now_ms, original.modified_at + 1)
            saved = replace(posted, modified_at=modified_at)
            now = self.clock.now()
            delay = self.switches.effect_delay
            organisation.superseded = (organisation.in_force(now), now + delay) if delay else None
            organisation.recorded = True
            organisation.settings = saved
            organisation.audit.append(
                original.as_json(), saved.as_json(), author, saved.modified_at
            )
        self._trust_systems(saved)
        return saved.modified_at

    @_noted
    def save_document_settings(
        self, document: Document, settings: dict[str, Any], author: Author
    ) -> None:
        """Replace a document's settings as a whole."""
        with self.lock:
            self.documents[document.document_id] = replace(document, settings=settings)
            self.document_audits[document.document_id].append(
                document.settings, settings, author, self.now_ms
            )

    @_noted
    def complete_registration(
        self, registration: Registration, data: bytes, signer: Identity | None
    ) -> CompletedRegistration:
        """Make a document of a registration whose bytes came and, if signed, were checked.

        Raises ApiError when another document has the same signature.
        """
        with self.lock:
            owner = signer.organisation_bin if signer else None
            if owner is None and registration.registrator:
                owner = registration.registrator.business_id.removeprefix("BIN")
            organisation = self.organisations.get(owner or "")
            archived = organisation is not None and organisation.settings.data_archive_enabled
            if registration.digest and self.is_submitted(registration.digest):
                raise ApiError(Message.ALREADY_SUBMITTED)
            now = self.clock.now()
            document = self.add_document(
                registered_document(
                    registration,
                    data,
                    signer,
                    status_fields(self.authority, now),
                    milliseconds(now),
                    archived=archived,
                )
            )
            self.registrations.end(registration)
            return CompletedRegistration(
                document,
                created_user_settings=signer is not None and self._new_profile(signer),
                created_org_for=self._new_record(signer) if signer else "",
            )

    @_noted
    def remember_sign_in(self, identity: Identity, ip: str) -> None:
        """Note a sign-in; it makes a profile for a person who is new here (3.3, K)."""
        with self.lock:
            self._new_profile(identity)
            self._know(identity.organisation_bin)
            log = self.sign_ins.setdefault(identity.user_id, deque(maxlen=_REMEMBERED_SIGN_INS))
            log.append(SignIn(self.now_ms, identity.serial_number, identity.issuer, ip))

    def _new_profile(self, identity: Identity) -> bool:
        """Make a settings profile for a person; False when there was one."""
        new = identity.user_id not in self.profiles
        self.profiles.add(identity.user_id)
        return new

    def _know(self, organisation_bin: str | None) -> None:
        """Give an organisation that is new here default settings, without a record of them."""
        if organisation_bin is not None and organisation_bin not in self.organisations:
            settings = OrganisationSettings(blocks=default_blocks(self.switches))
            self.organisations[organisation_bin] = Organisation(
                organisation_bin, "", (), [], settings, recorded=False
            )

    def _new_record(self, identity: Identity) -> str:
        """Make a settings record for a signer's organisation; nothing when there was one."""
        if identity.organisation_bin is None:
            return ""
        self._know(identity.organisation_bin)
        organisation = self.organisations[identity.organisation_bin]
        new = not organisation.recorded
        organisation.recorded = True
        return identity.organisation_bin if new else ""

    def on_new_certificate(self, trust: Callable[[str], None]) -> Callable[[], None]:
        """Call back with the PEM of every certificate that is listed now or later.

        Returns what ends it.
        """
        self._trust.append(trust)
        for organisation in list(self.organisations.values()):
            self._trust_systems(organisation.settings)
        return lambda: self._trust.remove(trust)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call back after every change of what a restart could keep."""
        self._listeners.append(listener)

    # -- handles for tests -------------------------------------------------------------------

    @_noted
    def reset(self) -> None:
        """Bring the seeded state back; keys, certificates and document ids stay the same."""
        with self.lock:
            self.faults.clear()
            self.sessions.close_all()
            self.nonces = NonceBook()
            self.egov_qr.clear()
            self.requests.clear()
            self.sign_ins.clear()
            self.registrations.clear()
            self.profiles.clear()
            self.calls = CallMeter()
            self.documents.clear()
            self.document_audits.clear()
            self.identifiers.restart()
            revoke_again(self.authority, self.refused_keys)
            self.organisations = {
                seed.organisation_bin: self._organisation(seed) for seed in self.seed.organisations
            }
        for organisation in self.organisations.values():
            self._trust_systems(organisation.settings)

    @_noted
    def put_settings(self, organisation_bin: str, settings: OrganisationSettings) -> None:
        """Put settings in place without validation, audit or a new time."""
        with self.lock:
            self.organisations[organisation_bin].settings = settings
        self._trust_systems(settings)

    @_noted
    def grant(self, organisation_bin: str, block: str, description: str) -> None:
        """Tick the first information system of this description in one block."""
        with self.lock:
            self.organisations[organisation_bin].grant(block, description)

    @_noted
    def revoke(self, organisation_bin: str, block: str, description: str) -> None:
        """Untick the first information system of this description in one block."""
        with self.lock:
            self.organisations[organisation_bin].revoke(block, description)

    @_noted
    def give_right(self, organisation_bin: str, block: str, entry: str) -> None:
        """List a person (`IIN…`) or an authority (an OID) in one block."""
        with self.lock:
            self.organisations[organisation_bin].give_right(block, entry)

    @_noted
    def remove_right(self, organisation_bin: str, block: str, entry: str) -> None:
        """Take a person (`IIN…`) or an authority (an OID) out of one block."""
        with self.lock:
            self.organisations[organisation_bin].remove_right(block, entry)

    @_noted
    def add_information_system(
        self, organisation_bin: str, description: str, key: SystemKey | None = None
    ) -> SystemKey:
        """Register one more information system, with a fresh key unless one is given."""
        added = key or self_signed_system_key(description, ec_key(), self.clock.now())
        with self.lock:
            organisation = self.organisations[organisation_bin]
            organisation.list_system(description, added)
        self._trust_systems(organisation.settings)
        return added

    @_noted
    def set_disabled(self, organisation_bin: str, description: str, *, disabled: bool) -> None:
        """Disable or enable the first information system of this description."""
        with self.lock:
            self.organisations[organisation_bin].set_disabled(description, disabled=disabled)

    def revoke_certificate(self, certificate: x509.Certificate) -> None:
        """Withdraw a person's certificate from now on; `reset` takes it back."""
        self.authority.responder.revoke(certificate, self.clock.now())

    def set_responder(self, state: ResponderState) -> None:
        """Let the OCSP responder answer, be down, be busy, or repeat a stale answer."""
        self.authority.responder.state = state

    @_noted
    def add_document(self, document: Document) -> Document:
        """Register a document as it is."""
        with self.lock:
            self.documents[document.document_id] = document
            self.document_audits[document.document_id] = AuditTrail()
        return document

    def add_registered_document(
        self, organisation_bin: str, description: str, title: str
    ) -> Document:
        """Add a private document that an information system registered and nobody signed yet."""
        entry = self.organisations[organisation_bin].settings.tls_certificates[
            self.organisations[organisation_bin].index_of(description)
        ]
        body = "".join(line for line in entry.body.splitlines() if not line.startswith("-----"))
        return self.add_document(
            Document(
                document_id=self.identifiers.document_id(),
                title=title,
                description="",
                stored_at=self.now_ms,
                settings={**DEFAULT_SETTINGS, "private": True},
                registrator=Registrator(f"BIN{organisation_bin}", body),
            )
        )

    # -- building ----------------------------------------------------------------------------

    def _organisation(self, seed: OrganisationSeed) -> Organisation:
        now = self.clock.now()
        organisation = settled(seed, self.keys, now)
        for document in seeded_documents(seed, self.keys, self.identifiers, now):
            self.add_document(document)
            organisation.document_ids.append(document.document_id)
        return organisation

    def _trust_systems(self, settings: OrganisationSettings) -> None:
        for trust in list(self._trust):
            for entry in settings.tls_certificates:
                trust(entry.body)


def _lists(settings: OrganisationSettings, public_key: bytes) -> bool:
    return any(entry.public_key == public_key for entry in settings.tls_certificates)
