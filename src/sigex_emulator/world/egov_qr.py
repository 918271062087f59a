"""Signing by QR code with a phone: the operations and their steps (sigex-facts 4.3, K(S2, S10)).

    registered ──data posted──> offered ──phone fetched──> fetched ──phone signed──> signed

An operation lives for a limited time (how long is U). Steps are pure: each takes an operation and
returns the next one. What no source says is I: a step that is repeated with the same words changes
nothing, since clients repeat held calls when a connection is lost (K); any other step out of its
turn is "Invalid QR signing state"; an operation that is unknown or ran out "is not active", and one
that runs out while a call is held for it ends that call with "timeout".
"""

from __future__ import annotations

import base64
import binascii
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sigex_emulator.bell import Bell
from sigex_emulator.messages import ApiError, Message

SIGN_METHODS = ("CMS_SIGN_ONLY", "CMS_WITH_DATA", "XML", "SIGN_BYTES_ARRAY", "MIX_SIGN")
MIMES = ("", "@file/pdf")
_NAMES = ("nameRu", "nameKz", "nameEn")
_INT64 = 2**63

Stage = Literal["registered", "offered", "fetched", "signed"]


@dataclass(frozen=True, slots=True)
class Document:
    """One document to sign, or one that is signed: then `data` is the signature."""

    number: int
    names: dict[str, str]
    meta: tuple[tuple[str, str], ...]
    mime: str
    data: str
    """Base64."""

    def as_json(self) -> dict[str, Any]:
        """Return the document as the API writes it, the same both ways."""
        return {
            "id": self.number,
            **self.names,
            "meta": [{"name": name, "value": value} for name, value in self.meta],
            "document": {"file": {"mime": self.mime, "data": self.data}},
        }


@dataclass(frozen=True, slots=True)
class Documents:
    """What is to be signed and how, or what was signed."""

    sign_method: str
    documents: tuple[Document, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the documents as the API writes them."""
        return {
            "signMethod": self.sign_method,
            "documentsToSign": [one.as_json() for one in self.documents],
        }


@dataclass(frozen=True, slots=True)
class Operation:
    """One code and what became of it so far."""

    qr_id: str
    description: str
    expires_at: datetime
    stage: Stage = "registered"
    offered: Documents | None = None
    phone_key: str = ""
    """What the one phone that fetched the data signs under; nobody else knows it."""

    signed: Documents | None = None

    def offer(self, documents: Documents) -> Operation:
        """Take the documents to sign; raises ApiError when others were taken before."""
        if self.stage == "registered":
            return replace(self, stage="offered", offered=documents)
        if documents != self.offered:
            raise ApiError(Message.QR_WRONG_STATE)
        return self

    def fetch(self, phone_key: str) -> Operation:
        """Give the documents to a phone, once; raises ApiError for a second one (K)."""
        if self.stage != "offered":
            raise ApiError(Message.QR_WRONG_STATE)
        return replace(self, stage="fetched", phone_key=phone_key)

    def sign(self, phone_key: str, documents: Documents) -> Operation:
        """Take the signatures of the phone that fetched the data.

        Raises ApiError when it is another phone, and when these are other documents.
        """
        if self.offered is None or not phone_key or phone_key != self.phone_key:
            raise ApiError(Message.QR_WRONG_STATE)
        if self.stage == "signed":
            if documents != self.signed:
                raise ApiError(Message.QR_WRONG_STATE)
            return self
        if [one.number for one in documents.documents] != [
            one.number for one in self.offered.documents
        ]:
            raise ApiError(Message.INVALID_STRUCTURE)
        return replace(self, stage="signed", signed=documents)


class OperationBook:
    """Operations that did not run out; every change of one rings the bell."""

    def __init__(self) -> None:
        self.changed = Bell()
        self._operations: dict[str, Operation] = {}
        self._lock = threading.Lock()

    def register(self, operation: Operation, now: datetime, most: int) -> None:
        """Begin an operation; raises ApiError when too many wait for their signatures."""
        with self._lock:
            for old in [one for one in self._operations.values() if one.expires_at <= now]:
                del self._operations[old.qr_id]
            if sum(one.stage != "signed" for one in self._operations.values()) >= most:
                raise ApiError(Message.QR_TOO_MANY)
            self._operations[operation.qr_id] = operation

    def find(self, qr_id: str, now: datetime) -> Operation:
        """Return an operation; raises ApiError when it is unknown or ran out."""
        with self._lock:
            return self._find(qr_id, now)

    def take(self, qr_id: str, now: datetime, step: Callable[[Operation], Operation]) -> Operation:
        """Let an operation take a step and return it; raises ApiError if it cannot."""
        with self._lock:
            operation = step(self._find(qr_id, now))
            self._operations[qr_id] = operation
        self.changed.ring()
        return operation

    def clear(self) -> None:
        """Forget every operation."""
        with self._lock:
            self._operations.clear()
        self.changed.ring()

    def _find(self, qr_id: str, now: datetime) -> Operation:
        operation = self._operations.get(qr_id)
        if operation is None or operation.expires_at <= now:
            raise ApiError(Message.QR_NOT_ACTIVE)
        return operation


def register(qr_id: str, posted: dict[str, Any], now: datetime, lifetime: timedelta) -> Operation:
    """Return a new operation for what was posted; raises ApiError."""
    return Operation(qr_id, _text(posted, "description"), now + lifetime)


def read_documents(posted: dict[str, Any]) -> Documents:
    """Return posted documents; raises ApiError when a field is missing or of another shape."""
    method, listed = posted.get("signMethod"), posted.get("documentsToSign")
    if method not in SIGN_METHODS or not isinstance(listed, list) or not listed:
        raise ApiError(Message.INVALID_STRUCTURE)
    return Documents(str(method), tuple(map(_read_document, listed)))


def _read_document(posted: Any) -> Document:
    document = _object(posted)
    number = document.get("id")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < _INT64:
        raise ApiError(Message.INVALID_STRUCTURE)
    meta = document.get("meta", [])
    if not isinstance(meta, list):
        raise ApiError(Message.INVALID_STRUCTURE)
    file = _object(_object(document.get("document")).get("file"))
    mime, data = file.get("mime"), _text(file, "data")
    if mime not in MIMES:
        raise ApiError(Message.INVALID_STRUCTURE)
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(Message.INVALID_STRUCTURE) from error
    return Document(
        number=number,
        names={name: _text(document, name) for name in _NAMES},
        meta=tuple((_text(_object(one), "name"), _text(one, "value")) for one in meta),
        mime=str(mime),
        data=data,
    )


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ApiError(Message.INVALID_STRUCTURE)
    return value


def _text(values: dict[str, Any], name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str):
        raise ApiError(Message.INVALID_STRUCTURE)
    return value
