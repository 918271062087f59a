"""Who signed in, as the service remembers it (sigex-facts 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


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
