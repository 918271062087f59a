"""Registering a document: first its signature or nothing, then its bytes (sigex-facts 3.2, K(S2)).

What S2 does not say is I: which fields may be missing, how long a half of a registration waits,
and that the same bytes may come twice. Before its bytes came a document can be read, without its
signature (8, I).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.pki.identity import Identity

from .document_settings import read_settings
from .documents import Document, Registrator, signature_by

_SIGN_TYPES = ("cms", "xml")
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class PostedRegistration:
    """What `POST /api` carried."""

    title: str
    description: str
    sign_type: str
    signature: str | None
    settings: Mapping[str, Any]
    email_notifications: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Registration:
    """A document that waits for its bytes."""

    document_id: str
    posted: PostedRegistration
    registrator: Registrator | None
    sign_id: int
    """0 for one that nobody signed yet (I)."""

    digest: str
    """Of the signature; nothing without one."""


def read_registration(posted: Any) -> PostedRegistration:
    """Read a posted registration; raises ApiError."""
    if not isinstance(posted, dict):
        raise ApiError(Message.INVALID_STRUCTURE)
    signature = posted.get("signature")
    notifications = posted.get("emailNotifications", {})
    title, description = posted.get("title", ""), posted.get("description", "")
    sign_type = posted.get("signType", "cms")
    if (
        not isinstance(title, str)
        or not isinstance(description, str)
        or not isinstance(notifications, dict)
        or not (signature is None or isinstance(signature, str))
        or sign_type not in _SIGN_TYPES
    ):
        raise ApiError(Message.INVALID_STRUCTURE)
    settings = read_settings(posted.get("settings", {}))
    return PostedRegistration(title, description, sign_type, signature, settings, notifications)


@dataclass(frozen=True, slots=True)
class CompletedRegistration:
    """A document that was just registered, and what came into being with it."""

    document: Document
    created_user_settings: bool
    created_org_for: str = ""
    """The BIN of the organisation whose settings came into being."""


def unfinished_document(registration: Registration) -> Document:
    """Return the document of a registration whose bytes did not come yet: nobody signed it."""
    posted = registration.posted
    return Document(
        document_id=registration.document_id,
        title=posted.title,
        description=posted.description,
        stored_at=0,
        settings=posted.settings,
        registrator=registration.registrator,
        email_notifications=posted.email_notifications,
    )


def registered_document(
    registration: Registration,
    data: bytes,
    signer: Identity | None,
    status: Mapping[str, Any],
    now_ms: int,
    *,
    archived: bool,
) -> Document:
    """Make the document of a registration whose bytes came.

    `status` is what the OCSP answer said of the signer, `archived` the owner's setting.
    """
    settings = registration.posted.settings
    keep = settings["tempStorageAfterRegistration"]
    signed = (
        (signature_by(signer, registration.sign_id, now_ms, status, registration.digest),)
        if signer
        else ()
    )
    return replace(
        unfinished_document(registration),
        stored_at=now_ms,
        signatures=signed,
        data=data,
        archived=archived or settings["forceArchive"],
        temporarily_stored_until=now_ms + keep if keep else 0,
    )


@dataclass(slots=True)
class RegistrationBook:
    """Registrations that wait; the oldest is forgotten when there are too many."""

    _waiting: OrderedDict[str, Registration] = field(default_factory=OrderedDict)

    def begin(self, registration: Registration) -> None:
        """Remember a registration until its bytes come."""
        self._waiting[registration.document_id] = registration
        while len(self._waiting) > _REMEMBERED:
            self._waiting.popitem(last=False)

    def find(self, document_id: str) -> Registration | None:
        """Return a registration that waits."""
        return self._waiting.get(document_id)

    def end(self, registration: Registration) -> None:
        """Forget a registration that is complete."""
        self._waiting.pop(registration.document_id, None)

    def clear(self) -> None:
        """Forget all of them."""
        self._waiting.clear()
