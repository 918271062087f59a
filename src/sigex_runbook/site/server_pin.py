"""Whom a browser is told to trust: the key of the one server that was verified."""

from __future__ import annotations

import base64
import hashlib
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import ServiceUnavailable, UsageError
from sigex_runbook.core.network.proxies import proxy_for, through

if TYPE_CHECKING:
    from cryptography import x509


_CONNECT_SECONDS = 10.0


def spki_pin(certificate_pem: bytes) -> str:
    """The pin of a certificate's public key: base64 of SHA-256 over its SubjectPublicKeyInfo."""
    from cryptography import x509  # keeps the command line quick

    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError as error:
        raise UsageError(
            "Файл не содержит сертификата в формате PEM; проверьте файл, переданный в --ca."
        ) from error
    return _pin(certificate)


def server_pin(address: str, ca_pem: bytes) -> str:
    """The pin of the key that the server at `address` proves to own, once `ca_pem` vouches for it.

    Pin this one, never the authority's key: Chromium compares a pin with every certificate of the
    sent chain and checks no signature when one matches, so anybody who appends the (public)
    authority's certificate to a chain of his own would pass (docs/adr/0003).
    """
    from cryptography import x509  # keeps the command line quick

    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        raise UsageError(f"Адрес «{address}» должен начинаться с https:// и содержать имя узла.")
    spki_pin(ca_pem)  # refuses what is no certificate, in our words
    context = ssl.create_default_context(cadata=ca_pem.decode("ascii"))
    proxy = proxy_for(address)
    try:
        with (
            httpx.Client(verify=context, proxy=proxy, trust_env=False) as client,
            client.stream("HEAD", address, timeout=_CONNECT_SECONDS) as answer,
        ):
            secured = answer.extensions["network_stream"].get_extra_info("ssl_object")
            certificate = secured.getpeercert(True)  # the bare one, which takes no names
    except httpx.HTTPError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise UsageError(
                f"Сертификат узла {parts.netloc} не подтверждён файлом из --ca"
                "; проверьте, тот ли это файл и тот ли адрес."
            ) from error
        raise ServiceUnavailable(
            f"Узел {parts.netloc} не отвечает ({why(error)}{through(proxy)}); проверьте адрес и "
            "запущен ли сервис."
        ) from error
    if certificate is None:
        raise ServiceUnavailable(f"Узел {parts.netloc} не показал сертификата; проверьте адрес.")
    return _pin(x509.load_der_x509_certificate(certificate))


def _pin(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives import serialization

    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(key).digest()).decode("ascii")
