"""Whom a browser is told to trust: the key of the one server that was verified."""

from __future__ import annotations

import base64
from urllib.parse import urlsplit

import httpx

from sigex_runbook.core.access import key_fingerprint
from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import ServiceUnavailable, UsageError
from sigex_runbook.core.given.certificates import NotCertificate
from sigex_runbook.core.network.proxies import proxy_for, through
from sigex_runbook.core.network.tls import context_trusting

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
        context = context_trusting(ca)
    except NotCertificate as error:
        raise UsageError(
            f"Файл, переданный в --ca, не читается как сертификат: {error}. Проверьте его."
        ) from error
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
    return spki_pin(certificate)
