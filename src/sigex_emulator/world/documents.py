"""Documents kept by the service, and their settings (sigex-facts 3.2, 3.5, K(S2))."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sigex_emulator.pki.identity import Identity

from .document_settings import DEFAULT_SETTINGS


@dataclass(frozen=True, slots=True)
class DocumentSignature:
    """Who signed, for whom and when."""

    sign_id: int
    user_id: str
    business_id: str | None
    stored_at: int
    signer: Mapping[str, Any]
    """What the signer's certificate says."""

    status: Mapping[str, Any]
    """What the OCSP answer said when the signature was registered."""

    digest: str = ""
    """Tells one signature from another; nothing for those of the seeded world."""

    def as_json(self) -> dict[str, Any]:
        """Return the signature as an answer lists it (sigex-facts 8, K(S2)); no time stamp."""
        business = {"businessId": self.business_id} if self.business_id else {}
        return {
            "userId": self.user_id,
            **business,
            **self.signer,
            "storedAt": self.stored_at,
            "signId": self.sign_id,
            "signType": "cms",
            "ocsp": dict(self.status),
        }


def signature_by(
    signer: Identity, sign_id: int, stored_at: int, status: Mapping[str, Any], digest: str = ""
) -> DocumentSignature:
    """Return the signature of a person, as the service keeps it."""
    return DocumentSignature(
        sign_id, signer.user_id, signer.business_id, stored_at, signer.signer, status, digest
    )


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
            "signatureEmailNotifications": [],  # of added signatures: nobody can add one
        }
        if self.registrator:
            body["registrator"] = self.registrator.as_json()
        return body
