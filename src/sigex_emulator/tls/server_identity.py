"""TLS of both ports: an ordinary one for people, mutual TLS for information systems.

sigex-facts 5, K(S2): TLS 1.3 only on the second one, where the client certificate is optional in
the handshake.
"""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

from sigex_emulator.clock import Clock
from sigex_emulator.pki.authority import CertificationAuthority, ec_key, pem, private_key_pem


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

    def systems_context(self) -> ssl.SSLContext:
        """Return the context of the port for information systems, which trusts nobody yet."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        self._load(context)
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory) / "server.pem"
            file.touch(mode=0o600)
            file.write_text(self._key + self._chain, encoding="ascii")
            context.load_cert_chain(file)
