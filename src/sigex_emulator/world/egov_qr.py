"""Signing by QR code with a phone: the operations and their steps (sigex-facts 4.3, 8, K).

    registered ──data posted──> offered ──phone fetched──> fetched ──phone signed──> signed

The service hands on what one side sends to the other and looks into none of it (8, K(S2)). An
operation lives for a limited time (how long is U). Steps are pure: each takes an operation and
returns the next one. Data may be sent again until a phone has them, and the last ones count (8, K).
What no source says is I: a step that is repeated with the same words changes nothing, since clients
repeat held calls when a connection is lost (K); any other step out of its turn is "Invalid QR
signing state"; an operation that is unknown or ran out "is not active", and one that runs out while
a call is held for it ends that call with "timeout".
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sigex_emulator.bell import Bell
from sigex_emulator.messages import ApiError, Message

Stage = Literal["registered", "offered", "fetched", "signed"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One code and what became of it so far."""

    qr_id: str
    description: str
    expires_at: datetime
    back_url: str = ""
    """Where the phone shall lead afterwards (8, K(four clients))."""

    stage: Stage = "registered"
    offered: bytes = b""
    phone_key: str = ""
    """What the one phone that followed the code goes on under; nobody else knows it."""

    signed: bytes = b""

    def offer(self, data: bytes) -> Operation:
        """Take what shall be signed; raises ApiError when a phone has something else already."""
        if self.stage in {"registered", "offered"}:
            return replace(self, stage="offered", offered=data)
        if data != self.offered:
            raise ApiError(Message.QR_WRONG_STATE)
        return self

    def open(self, phone_key: str) -> Operation:
        """Let a phone follow the code, once; raises ApiError for a second one (K)."""
        if self.phone_key:
            raise ApiError(Message.QR_WRONG_STATE)
        return replace(self, phone_key=phone_key)

    def fetch(self, phone_key: str) -> Operation:
        """Give the data to the phone that followed the code."""
        self._require(phone_key)
        if self.stage == "registered":
            raise ApiError(Message.QR_WRONG_STATE)
        return replace(self, stage="fetched") if self.stage == "offered" else self

    def sign(self, phone_key: str, data: bytes) -> Operation:
        """Take what that phone made of the data: signatures, or word that its owner refused."""
        self._require(phone_key)
        if self.stage == "fetched":
            return replace(self, stage="signed", signed=data)
        if self.stage != "signed" or data != self.signed:
            raise ApiError(Message.QR_WRONG_STATE)
        return self

    def _require(self, phone_key: str) -> None:
        if not phone_key or phone_key != self.phone_key:
            raise ApiError(Message.QR_WRONG_STATE)


class OperationBook:
    """Operations that did not run out; every change of one rings the bell."""

    def __init__(self) -> None:
        self.changed = Bell()
        self._operations: dict[str, Operation] = {}
        self._waiting: dict[tuple[str, str], object] = {}
        self._lock = threading.Lock()

    def register(self, operation: Operation, now: datetime, most: int) -> None:
        """Begin an operation; raises ApiError when too many wait for their signatures."""
        with self._lock:
            for old in [one for one in self._operations.values() if one.expires_at <= now]:
                self._forget(old.qr_id)
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

    def close(self, qr_id: str) -> None:
        """End an operation before its time."""
        with self._lock:
            self._forget(qr_id)
        self.changed.ring()

    def wait(self, qr_id: str, call: str) -> Callable[[], bool]:
        """Note that a call is held from now on; returns what tells whether it is still the last.

        Of two calls of one kind only the last is served (sigex-facts 8, K(S2)).
        """
        held = object()
        with self._lock:
            self._waiting[qr_id, call] = held
        self.changed.ring()
        return lambda: self._waiting.get((qr_id, call), held) is held

    def clear(self) -> None:
        """Forget every operation."""
        with self._lock:
            self._operations.clear()
            self._waiting.clear()
        self.changed.ring()

    def _find(self, qr_id: str, now: datetime) -> Operation:
        operation = self._operations.get(qr_id)
        if operation is None or operation.expires_at <= now:
            raise ApiError(Message.QR_NOT_ACTIVE)
        return operation

    def _forget(self, qr_id: str) -> None:
        self._operations.pop(qr_id, None)
        for waiting in [one for one in self._waiting if one[0] == qr_id]:
            del self._waiting[waiting]


def register(qr_id: str, posted: dict[str, Any], now: datetime, lifetime: timedelta) -> Operation:
    """Return a new operation for what was posted; raises ApiError."""
    description, done = posted.get("description"), posted.get("whenDone", {})
    back_url = done.get("backUrl", "") if isinstance(done, dict) else None
    if not isinstance(description, str) or not isinstance(back_url, str):
        raise ApiError(Message.INVALID_STRUCTURE)
    return Operation(qr_id, description, now + lifetime, back_url)
