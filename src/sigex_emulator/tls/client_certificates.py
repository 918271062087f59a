"""Lets any client certificate through the TLS handshake, so that the API can judge its key.

sigex-facts 5, K(S2): only the public key is compared, every other field is ignored. Python's TLS
accepts a client certificate only if it can build a path to a trust anchor, and it knows anchors by
the whole certificate. Two measures together give the known rule:

- certificates that organisations list are let in from the moment they are listed;
- a certificate that is presented for the first time (a renewed one with a listed key, or a
  stranger's) becomes an anchor while its handshake runs, before it is verified. Possession of the
  private key is still proved by the handshake; whether the key is anybody's is the API's question.

The second measure needs a debugging hook of CPython's `ssl`. Where it is missing, such a
certificate is refused by TLS itself, as is one that comes when strangers filled their share of
memory. The same hook refuses whom a switch or a fault wants refused in the handshake, with a
certificate or without.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable
from typing import Any

from cryptography import x509

from sigex_emulator.messages import ApiError
from sigex_emulator.world.settings import require_usable_key

_HANDSHAKE = 22
_CERTIFICATE = 11
MOST_STRANGER_BYTES = 2**20  # an anchor cannot be taken out again: a limit, or memory would grow

_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME: the dates of a client certificate are ignored."""


class ClientCertificates:
    """The live TLS context of the mTLS port, and the certificates it lets in."""

    def __init__(
        self,
        context: ssl.SSLContext,
        refuses: Callable[[bytes | None], bool] = lambda _: False,
    ) -> None:
        """`refuses` is asked in every handshake about a certificate in DER, None for no one."""
        self.context = context
        self._refuses = refuses
        self._listed: set[bytes] = set()
        self._anchors: set[bytes] = set()
        self._stranger_bytes = 0
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        with contextlib.suppress(ValueError):  # Python does not list this flag: it may refuse it
            context.verify_flags = ssl.VerifyFlags(int(context.verify_flags) | _NO_CHECK_TIME)
        # A resumed session would carry a certificate past its removal from the list.
        context.num_tickets = 0
        self._sees_handshakes = hasattr(context, "_msg_callback")
        if self._sees_handshakes:
            setattr(context, "_msg_callback", self._on_message)  # noqa: B010 - typed nowhere

    def trust(self, certificate_pem: str) -> None:
        """Let a listed certificate in from now on; one with a short key stays out."""
        certificate = ssl.PEM_cert_to_DER_cert(certificate_pem)
        if self._sees_handshakes:
            self._listed.add(certificate)  # ten thousand anchors would cost seconds at the start
        else:
            self._add(certificate)

    def _on_message(
        self,
        _connection: Any,
        direction: str,
        _version: Any,
        content_type: int,
        message_type: int,
        message: bytes,
    ) -> None:
        if (direction, content_type, message_type) != ("read", _HANDSHAKE, _CERTIFICATE):
            return
        certificate = first_certificate(message)
        if self._refuses(certificate):
            raise ssl.SSLError(ssl.SSL_ERROR_SSL, "the emulator was told to refuse this handshake")
        if certificate is None or certificate in self._anchors:
            return
        if certificate in self._listed:
            self._add(certificate)
        elif self._stranger_bytes + len(certificate) <= MOST_STRANGER_BYTES:
            self._stranger_bytes += len(certificate)
            self._add(certificate)

    def _add(self, certificate_der: bytes) -> None:
        if certificate_der in self._anchors:
            return
        with contextlib.suppress(ApiError, ValueError, ssl.SSLError):
            require_usable_key(x509.load_der_x509_certificate(certificate_der))
            # In PEM: at the end of DER OpenSSL may take an old complaint for its own.
            self.context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(certificate_der))
            self._anchors.add(certificate_der)


def first_certificate(message: bytes) -> bytes | None:
    """Return the sender's own certificate from a TLS 1.3 Certificate message (RFC 8446, 4.4.2).

    None for an empty list, which is how a client says that it has no certificate.
    """
    certificates = 4 + 1 + message[4] + 3  # handshake header, request context, length of the list
    length = int.from_bytes(message[certificates : certificates + 3])
    certificate = message[certificates + 3 : certificates + 3 + length]
    return certificate if length and len(certificate) == length else None
