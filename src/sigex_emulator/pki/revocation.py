"""The test authority's OCSP responder: whether a person's certificate still holds.

Requests and answers are OCSP in DER (RFC 6960), so any tool can check them; they are handed over
in the process, because the responder's own address is no part of the imitated service. Which
message a sign-in then ends with: sigex-facts 3.6, I.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509 import ocsp

ResponderState = Literal["answering", "down", "busy", "stale"]
"""`down` answers nothing, `busy` says try later, `stale` repeats an answer that ran out."""

_LIFETIME = timedelta(hours=1)
_STALE = timedelta(days=2)


class ResponderDown(Exception):
    """The responder cannot be reached."""


class StatusResponder:
    """Answers for the certificates of one issuer, signed with the issuer's own key."""

    def __init__(self, issuer: x509.Certificate, key: rsa.RSAPrivateKey) -> None:
        self.state: ResponderState = "answering"
        self._issuer = issuer
        self._key = key
        self._issued: dict[int, x509.Certificate] = {}
        self._revoked: dict[int, datetime] = {}
        self._lock = threading.Lock()

    def note_issued(self, certificate: x509.Certificate) -> None:
        """Remember a certificate: about one that was never issued the answer is `unknown`."""
        with self._lock:
            self._issued[certificate.serial_number] = certificate

    def revoke(self, certificate: x509.Certificate, at: datetime) -> None:
        """Withdraw a certificate from a moment on."""
        with self._lock:
            self._revoked[certificate.serial_number] = at

    def restore(self) -> None:
        """Answer again, and forget every revocation."""
        with self._lock:
            self.state = "answering"
            self._revoked.clear()

    def answer(self, request: bytes, now: datetime) -> bytes:
        """Answer an OCSP request; raises ResponderDown."""
        asked = ocsp.load_der_ocsp_request(request)
        with self._lock:
            state = self.state
            certificate = self._issued.get(asked.serial_number)
            revoked_at = self._revoked.get(asked.serial_number)
        if state == "down":
            raise ResponderDown
        if state == "busy":
            return _bytes(
                ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
            )
        since = now - _STALE if state == "stale" else now
        builder = ocsp.OCSPResponseBuilder().responder_id(
            ocsp.OCSPResponderEncoding.HASH, self._issuer
        )
        status = ocsp.OCSPCertStatus.UNKNOWN
        if certificate is not None:
            revoked = revoked_at is not None and revoked_at <= now
            status = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
        builder = builder.add_response_by_hash(
            issuer_name_hash=asked.issuer_name_hash,
            issuer_key_hash=asked.issuer_key_hash,
            serial_number=asked.serial_number,
            algorithm=asked.hash_algorithm,
            cert_status=status,
            this_update=since,
            next_update=since + _LIFETIME,
            revocation_time=revoked_at if status is ocsp.OCSPCertStatus.REVOKED else None,
            revocation_reason=None,
        )
        return _bytes(builder.sign(self._key, hashes.SHA256()))


def _bytes(response: ocsp.OCSPResponse) -> bytes:
    return response.public_bytes(serialization.Encoding.DER)
