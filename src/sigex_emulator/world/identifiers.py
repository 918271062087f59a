"""Where new identifiers come from: random in use, repeatable where a seed is given."""

from __future__ import annotations

import base64
import random
import secrets
import string

_ALPHABET = string.ascii_letters + string.digits
DOCUMENT_ID_LENGTH = 16
"""Length of a document id in samples (sigex-facts 3.2, K)."""

QR_ID_LENGTH = 16
"""Length of the id of a signing by QR code (sigex-facts 8, K(two clients))."""

_NONCE_BYTES = 32
_FIRST_SIGN_ID = 1000


class Identifiers:
    """Makes document ids, request ids, nonces and session ids.

    Document ids are repeatable: they come from a seed, so that the first document of the seeded
    world has the same id at every start. Nonces and session ids are secrets, never seeded.
    """

    def __init__(self, seed: str = "sigex-emulator") -> None:
        self._seed = seed
        self._documents = random.Random(seed)  # noqa: S311 - names, not secrets
        self._requests = 0
        self._signatures = 0

    def restart(self) -> None:
        """Begin the seeded sequence again."""
        self._documents = random.Random(self._seed)  # noqa: S311 - names, not secrets

    def document_id(self) -> str:
        """Return 16 letters and digits."""
        return "".join(self._documents.choices(_ALPHABET, k=DOCUMENT_ID_LENGTH))

    def request_id(self) -> int:
        """Return the next int64 for field `requestID`."""
        self._requests += 1
        return self._requests

    def sign_id(self) -> int:
        """Return the next number of a signature; those of the seeded world are lower."""
        self._signatures += 1
        return _FIRST_SIGN_ID + self._signatures

    def nonce(self) -> str:
        """Return fresh random bytes in base64."""
        return base64.b64encode(secrets.token_bytes(_NONCE_BYTES)).decode()

    def qr_id(self) -> str:
        """Return 16 unguessable letters and digits for a signing by QR code."""
        return "".join(secrets.choice(_ALPHABET) for _ in range(QR_ID_LENGTH))

    def phone_key(self) -> str:
        """Return an unguessable name for the phone that signs."""
        return secrets.token_urlsafe(24)

    def session_id(self) -> str:
        """Return an unguessable name for a session."""
        return secrets.token_urlsafe(24)
