"""TLS of both ports: an ordinary one for people, mutual TLS for information systems.

sigex-facts 5: TLS 1.3 only, the client certificate is optional in the handshake, and only its
public key counts. Python's TLS knows no "accept any client certificate": a key becomes acceptable
when its certificate is loaded as a trust anchor, which works on a live context. So a certificate
that no organisation lists is refused by TLS itself (what the service does then is U).
"""

from __future__ import annotations

import contextlib
import ssl
import tempfile
from pathlib import Path

from sigex_runbook.emulator.access import read_certificate
from sigex_runbook.emulator.certification import (
    CertificationAuthority,
    ec_key,
    pem,
    private_key_pem,
)
from sigex_runbook.emulator.clock import Clock
from sigex_runbook.emulator.messages import ApiError

_NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME: dates of a client certificate are ignored (5, K)."""


class ServerIdentity:
    """The server's key and certificate, ready to be loaded into a TLS context.

    Python loads a chain from files only, so both live in a temporary directory for a moment.
    """

    def __init__(self, authority: CertificationAuthority, clock: Clock) -> None:
        key = ec_key()
        certificate = authority.issue_server_certificate(key, clock.now())
        # The root goes along: a client may pin its key and must then see it in the handshake.
        self._chain = pem(certificate) + authority.certificate_pem
        self._key = private_key_pem(key)

    def people_context(self) -> ssl.SSLContext:
        """Return the context of the port for people."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._load(context)
        return context

    def systems_context(self) -> SystemsTrust:
        """Return the context of the port for information systems."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        with contextlib.suppress(ValueError):  # an unlisted flag: refused by some Python builds
            context.verify_flags = ssl.VerifyFlags(int(context.verify_flags) | _NO_CHECK_TIME)
        # A resumed session would carry a certificate past its removal from the list.
        context.num_tickets = 0
        self._load(context)
        return SystemsTrust(context)

    def _load(self, context: ssl.SSLContext) -> None:
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory) / "server.pem"
            file.touch(mode=0o600)
            file.write_text(self._key + self._chain, encoding="ascii")
            context.load_cert_chain(file)


class SystemsTrust:
    """The live context of the mTLS port and the certificates it lets in."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = context
        self._known: set[str] = set()

    def trust(self, certificate: str) -> None:
        """Let a certificate's owner in from now on; one with a short key stays out."""
        if certificate in self._known:
            return
        self._known.add(certificate)
        with contextlib.suppress(ApiError):
            read_certificate(certificate)
            self.context.load_verify_locations(cadata=certificate)
