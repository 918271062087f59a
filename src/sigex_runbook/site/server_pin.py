"""Whom a browser is told to trust: the key of the one server that was verified."""

from __future__ import annotations

import base64
import socket
import ssl
from urllib.parse import urlsplit

from sigex_runbook.core.access import key_fingerprint
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import ServiceUnavailable, UsageError
from sigex_runbook.core.given.certificates import NotCertificate, certificates_in

_CONNECT_SECONDS = 10.0


def spki_pin(given: bytes) -> str:
    """The pin of a certificate's public key: base64 of SHA-256 over its SubjectPublicKeyInfo."""
    return base64.b64encode(bytes.fromhex(key_fingerprint(given))).decode("ascii")


def server_pin(address: str, ca: bytes) -> str:
    """The pin of the key that the server at `address` proves to own, once `ca` vouches for it.

    Pin this one, never the authority's key: Chromium compares a pin with every certificate of the
    sent chain and checks no signature when one matches, so anybody who appends the (public)
    authority's certificate to a chain of his own would pass (docs/adr/0003).
    """
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        raise UsageError(f"Адрес «{address}» должен начинаться с https:// и содержать имя узла.")
    try:
        authorities = certificates_in(ca)
    except NotCertificate as error:
        raise UsageError(
            f"Файл, переданный в --ca, не читается как сертификат: {error}. Проверьте его."
        ) from error
    context = ssl.create_default_context(cadata=b"".join(authorities))
    target = (parts.hostname, parts.port or 443)
    try:
        with (
            socket.create_connection(target, timeout=_CONNECT_SECONDS) as raw,
            context.wrap_socket(raw, server_hostname=parts.hostname) as secured,
        ):
            certificate = secured.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError as error:
        raise UsageError(
            f"Сертификат узла {parts.netloc} не подтверждён файлом из --ca"
            "; проверьте, тот ли это файл и тот ли адрес."
        ) from error
    except OSError as error:
        raise ServiceUnavailable(
            f"Узел {parts.netloc} не отвечает ({why(error)}); проверьте адрес и запущен ли сервис."
        ) from error
    if certificate is None:
        raise ServiceUnavailable(f"Узел {parts.netloc} не показал сертификата; проверьте адрес.")
    return spki_pin(certificate)
