"""Nonces, sign-ins, sessions, the `jwt` cookie (sigex-facts 3.2, 3.3, K; lifetimes, claims U)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sigex_emulator.pki.identity import Identity


class NonceBook:
    """Nonces that were given out: each is good once, for a limited time."""

    def __init__(self) -> None:
        self._expiry: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._expiry)

    def issue(self, nonce: str, now: datetime, lifetime: timedelta) -> None:
        """Remember a nonce that was just given out, and forget those that ran out."""
        with self._lock:
            for old in [one for one, expiry in self._expiry.items() if expiry <= now]:
                del self._expiry[old]
            self._expiry[nonce] = now + lifetime

    def consume(self, nonce: str, now: datetime) -> bool:
        """Use a nonce up; False when it was never given, already used, or is too old.

        It is used up by any attempt, also by one whose signature then fails (I).
        """
        with self._lock:
            expiry = self._expiry.pop(nonce, None)
        return expiry is not None and now < expiry


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in visit."""

    session_id: str
    identity: Identity
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignIn:
    """One successful sign-in, for `/api/authLog`."""

    auth_at: int
    serial_number: str
    issuer: str
    ip: str

    def as_json(self) -> dict[str, Any]:
        """Return the event as the API writes it (sigex-facts 3.2, K)."""
        return {
            "authAt": self.auth_at,
            "serialNumber": self.serial_number,
            "issuer": self.issuer,
            "ip": self.ip,
        }


class SessionBook:
    """Open sessions, and the tokens that name them."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(32)
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(self, session_id: str, identity: Identity, now: datetime, lifetime: timedelta) -> str:
        """Open a session, or prolong it under its name, and return its token."""
        session = Session(session_id, identity, now + lifetime)
        with self._lock:
            for old in [name for name, one in self._sessions.items() if one.expires_at <= now]:
                del self._sessions[old]
            self._sessions[session_id] = session
        return self._token(session, now)

    def find(self, token: str, now: datetime) -> Session | None:
        """Return the session a token names, if the token is ours and neither has expired."""
        claims = self._claims(token)
        if claims is None or claims.get("exp", 0) <= now.timestamp():
            return None
        with self._lock:
            session = self._sessions.get(str(claims.get("jti")))
        return session if session and now < session.expires_at else None

    def close(self, session: Session) -> None:
        """End a session: its tokens stop working (I; a bare JWT would outlive the sign-out)."""
        with self._lock:
            self._sessions.pop(session.session_id, None)

    def close_all(self) -> None:
        """End every session, as a restart of the service would."""
        with self._lock:
            self._sessions.clear()

    def _token(self, session: Session, now: datetime) -> str:
        claims = {
            "sub": session.identity.user_id,
            "iat": int(now.timestamp()),
            "exp": int(session.expires_at.timestamp()),
            "jti": session.session_id,
        }
        signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
        return f"{signed}.{self._seal(signed)}"

    def _claims(self, token: str) -> dict[str, Any] | None:
        signed, _, seal = token.rpartition(".")
        if not hmac.compare_digest(self._seal(signed).encode(), seal.encode()):
            return None
        try:
            payload = signed.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        except (IndexError, ValueError, binascii.Error):
            return None
        return claims if isinstance(claims, dict) else None

    def _seal(self, signed: str) -> str:
        digest = hmac.new(self._secret, signed.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _part(value: dict[str, Any]) -> str:
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()
