"""TLS to a service whose authority an operator names."""

from __future__ import annotations

import ssl

from sigex_runbook.core.given.certificates import NotCertificate, certificates_in


def context_trusting(given: bytes) -> ssl.SSLContext:
    """TLS as a client that believes the certificates of a file and no others.

    Raises NotCertificate when there are none, or such that OpenSSL does not take.
    """
    # In PEM: at the end of DER OpenSSL takes an old complaint, of a token's library, for its own.
    authorities = "".join(map(ssl.DER_cert_to_PEM_cert, certificates_in(given)))
    try:
        return ssl.create_default_context(cadata=authorities)
    except ssl.SSLError as error:
        raise NotCertificate("он испорчен") from error
