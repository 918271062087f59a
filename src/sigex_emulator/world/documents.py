"""Documents kept by the service, and their settings (sigex-facts 3.2, 3.5, K(S2))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sigex_emulator.messages import ApiError, Message

DEFAULT_SETTINGS: Mapping[str, Any] = {
    "private": False,
    "signaturesLimit": 0,
    "switchToPrivateAfterLimitReached": False,
    "unique": [],
    "strictSignersRequirements": False,
    "sequentialSignersRequirements": False,
    "signersRequirements": [],
    "publicDuringPreregistration": False,
    "publicWhileLessThanSignatures": 0,
    "documentAccess": [],
    "forceArchive": False,
    "tempStorageAfterRegistration": 0,
}
"""Names are K (sigex-facts 3.5); default values are I. An absent key falls back to these."""


@dataclass(frozen=True, slots=True)
class DocumentSignature:
    """Who signed, for whom and when; the shape in answers is I."""

    sign_id: int
    user_id: str
    business_id: str | None
    stored_at: int

    def as_json(self) -> dict[str, Any]:
        """Return the signature as listed in an answer."""
        business = {"businessId": self.business_id} if self.business_id else {}
        return {
            "signId": self.sign_id,
            "userId": self.user_id,
            **business,
            "storedAt": self.stored_at,
        }


@dataclass(frozen=True, slots=True)
class Registrator:
    """The information system that registered a document (sigex-facts 3.2, K)."""

    business_id: str
    certificate: str

    def as_json(self) -> dict[str, Any]:
        """Return the registrator as the API writes it."""
        return {"businessId": self.business_id, "certificate": self.certificate}


@dataclass(frozen=True, slots=True)
class Document:
    """One registered document."""

    document_id: str
    title: str
    description: str
    stored_at: int
    signatures: tuple[DocumentSignature, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=lambda: dict(DEFAULT_SETTINGS))
    registrator: Registrator | None = None
    data: bytes = b""
    archived: bool = False
    temporarily_stored_until: int = 0
    email_notifications: Mapping[str, Any] = field(default_factory=dict)

    @property
    def private(self) -> bool:
        """Whether the document is restricted to its parties, or became so with its last signer."""
        limit = self.settings["signaturesLimit"]
        full = 0 < limit <= len(self.signatures)
        switched = self.settings["switchToPrivateAfterLimitReached"] and full
        return bool(self.settings["private"] or switched)

    @property
    def open_to_all(self) -> bool:
        """Whether even stored data need no sign-in: two modes do so (sigex-facts 3.5, K).

        That a mode also opens a private document while it lasts is I.
        """
        unsigned = self.settings["publicDuringPreregistration"] and not self.signatures
        return unsigned or len(self.signatures) < self.settings["publicWhileLessThanSignatures"]

    def stored(self, now_ms: int) -> bool:
        """Tell whether the data are there: archived, or in temporary storage (3.2, K)."""
        return self.archived or now_ms < self.temporarily_stored_until

    @property
    def business_ids(self) -> frozenset[str]:
        """Organisations whose employee signed or whose information system registered it."""
        signed_for = {one.business_id for one in self.signatures if one.business_id}
        registered = {self.registrator.business_id} if self.registrator else set()
        return frozenset(signed_for | registered)

    @property
    def opened_to(self) -> frozenset[str]:
        """Persons and organisations named in `documentAccess`; plain ids there are I."""
        return frozenset(self.settings["documentAccess"])

    def as_listed(self, *, with_signatures: bool) -> dict[str, Any]:
        """Return the document as `GET /api` lists it (sigex-facts 3.2, K)."""
        listed: dict[str, Any] = {
            "documentId": self.document_id,
            "storedAt": self.stored_at,
            "title": self.title,
            "description": self.description,
            "dataArchived": self.archived,
            "signedDataSize": len(self.data),
            "signaturesTotal": len(self.signatures),
        }
        if self.registrator:
            listed["registrator"] = self.registrator.as_json()
        if with_signatures:
            listed["signatures"] = [one.as_json() for one in self.signatures]
        return listed

    def as_json(self, now_ms: int, *, after_signature: int = 0) -> dict[str, Any]:
        """Return the document as `GET /api/{id}` answers it (sigex-facts 3.2, K)."""
        body: dict[str, Any] = {
            "title": self.title,
            "description": self.description,
            "signedDataSize": len(self.data),
            "settings": dict(self.settings),
            "signaturesTotal": len(self.signatures),
            "signatures": [
                one.as_json() for one in self.signatures if one.sign_id > after_signature
            ],
            "dataArchived": self.archived,
            "tempStorage": now_ms < self.temporarily_stored_until,
            "canBeArchived": not self.archived,
            "emailNotifications": dict(self.email_notifications),
            "signatureEmailNotifications": {},
        }
        if self.registrator:
            body["registrator"] = self.registrator.as_json()
        return body


_LARGEST = 2**31 - 1


def read_settings(posted: Any) -> dict[str, Any]:
    """Read posted document settings: an absent key takes its default, not its old value.

    (sigex-facts 3.5, K.) Raises ApiError for an unknown key or a value of another kind (I).
    """
    if not isinstance(posted, dict):
        raise ApiError(Message.INVALID_STRUCTURE)
    for key, value in posted.items():
        # bool is an int to Python, not to the API, hence the exact comparison
        if key not in DEFAULT_SETTINGS or type(value) is not type(DEFAULT_SETTINGS[key]):
            raise ApiError(Message.INVALID_STRUCTURE)
        if type(value) is int and not 0 <= value <= _LARGEST:
            raise ApiError(Message.INVALID_STRUCTURE)
    opened_to = posted.get("documentAccess", [])
    if any(not isinstance(one, str) for one in opened_to):
        raise ApiError(Message.INVALID_STRUCTURE)
    return {**DEFAULT_SETTINGS, **posted}
