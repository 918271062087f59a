"""The line to the service: its address, and TLS with or without a certificate of ours."""

from __future__ import annotations

import re
import secrets
import ssl
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
)

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.given.certificates import NotCertificate, certificates_in, public_key_of
from sigex_runbook.core.given.private_keys import NotKey, PrivateKey, private_key_in, public_half
from sigex_runbook.core.network.tls import context_trusting

_RSA_BITS, _EC_BITS = 2048, 224
"""The least that the information systems' port takes (sigex-facts 5)."""


def check_address(address: str, option: str) -> str:
    """An https address without path or user part; raises UsageError for anything else."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if (
        parts.scheme != "https"
        or re.fullmatch(r"[0-9A-Za-z.:_-]+", parts.hostname or "") is None
        or parts.username is not None
        or parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
    ):
        raise UsageError(
            f"Адрес «{address}» в {option} не подходит: нужен вид https://имя:порт без пути."
        )
    return f"https://{parts.netloc}"


def tls_context(
    ca: Path | None, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """TLS as a client: the system's authorities, or `ca` alone; with a certificate, TLS 1.3 only.

    Raises UsageError when a file is no certificate or key, or the two are no pair.
    """
    context = ssl.create_default_context() if ca is None else _trusting(ca)
    if certificate is not None and key is not None:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        _load_pair(context, certificate, key)
    return context


def _trusting(ca: Path) -> ssl.SSLContext:
    try:
        return context_trusting(ca.read_bytes())
    except NotCertificate as error:
        told = str(error)
    except OSError as error:
        told = why(error)
    raise UsageError(
        f"Файл «{ca}» (--ca) не читается как сертификат ({told}). Укажите сертификат УЦ, которому "
        "доверять."
    )


def _load_pair(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """Give OpenSSL the pair as it wants it: the system's own certificate first. It takes files
    alone, so the key goes through one under a password that nobody else knows."""
    own, whole = _own_key(key), _chain(certificate, key)
    mine = next((one for one in whole if public_key_of(one) == public_half(own)), None)
    if mine is None:
        raise UsageError(
            f"Ключ «{key}» не от сертификата «{certificate}». Укажите в заказе ключ и сертификат "
            "одной информационной системы."
        )
    password = secrets.token_hex()
    lock = BestAvailableEncryption(password.encode("ascii"))
    pem = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode("ascii")
    chain = map(ssl.DER_cert_to_PEM_cert, [mine, *(one for one in whole if one != mine)])
    try:
        with TemporaryDirectory() as folder:
            pair = Path(folder) / "pair.pem"
            pair.write_text(pem + "".join(chain), encoding="ascii")
            context.load_cert_chain(pair, password=password)
    except ssl.SSLError as error:
        raise UsageError(
            f"Сертификат «{certificate}» не читается: для TLS он не годится. Укажите в заказе "
            "сертификат информационной системы RSA или EC."
        ) from error
    except OSError as error:
        raise UsageError(
            f"Временную папку создать нельзя ({why(error)}): она нужна для соединения с ключом. "
            "Освободите место и повторите."
        ) from error


def _own_key(path: Path) -> PrivateKey:
    try:
        key = private_key_in(path.read_bytes())
    except NotKey as error:
        raise UsageError(
            f"Файл «{path}» не читается как ключ информационной системы: {error}. Укажите в "
            "заказе (key) её ключ RSA или EC без пароля."
        ) from None
    except OSError as error:
        raise UsageError(
            f"Ключ информационной системы «{path}» не читается ({why(error)}). Проверьте путь и "
            "права."
        ) from error
    if key.key_size < (_RSA_BITS if isinstance(key, RSAPrivateKey) else _EC_BITS):
        raise UsageError(
            f"Ключ информационной системы «{path}» слишком короткий: {key.key_size} бит. Сервис "
            f"принимает RSA от {_RSA_BITS} и EC от {_EC_BITS} бит; выпустите новый."
        )
    return key


def _chain(path: Path, key: Path) -> tuple[bytes, ...]:
    """The certificates of the file; the key's file may hold them too."""
    try:
        return certificates_in(path.read_bytes())
    except NotCertificate as error:
        raise UsageError(
            f"Файл «{path}» не читается как сертификат: {error}. Укажите в заказе (certificate) "
            f"сертификат информационной системы, чей ключ — «{key}»."
        ) from None
    except OSError as error:
        raise UsageError(
            f"Сертификат «{path}» не читается ({why(error)}). Проверьте путь и права."
        ) from error
