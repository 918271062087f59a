"""The line to the service: its address, and TLS with or without a certificate of ours."""

from __future__ import annotations

import re
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import EnvironmentMissing, UsageError


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

    Raises UsageError when a file is no PEM or key and certificate are no pair.
    """
    try:
        context = ssl.create_default_context(cafile=ca)
    except (ssl.SSLError, OSError) as error:
        raise UsageError(
            f"Файл {ca} (--ca) не читается как сертификат PEM ({why(error)}). Проверьте путь."
        ) from error
    if certificate is not None and key is not None:
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        try:
            context.load_cert_chain(certificate, key, password=_no_password)
        except ssl.SSLError as error:
            raise UsageError(
                f"Ключ {key} не от сертификата {certificate}. Укажите в заказе ключ и сертификат "
                "одной информационной системы."
                if error.reason == "KEY_VALUES_MISMATCH"
                else f"Файл {key} не читается как ключ информационной системы. Укажите в заказе "
                "ключ RSA или EC в формате PEM без пароля."
            ) from None
        except OSError as error:
            raise UsageError(
                f"Ключ информационной системы {key} не читается ({why(error)}). Проверьте путь и "
                "права."
            ) from error
    return context


def _no_password() -> str:
    """OpenSSL would ask on the terminal and the run would hang; say so instead."""
    raise EnvironmentMissing(
        "Ключ информационной системы зашифрован паролем: сохраните для проверки ключ без пароля."
    )
