"""Why a key file does not open: what it is, and whether the password is to blame.

The library says one thing of a wrong password and of a key that it does not know. It decrypts a
PKCS#8 alone, so what lies in the file under the password is given to it as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asn1crypto.keys
import asn1crypto.pkcs12
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key

from sigex_runbook.core.given.contents import CERTIFICATE, PKCS12, is_gost, kind_of, told
from sigex_runbook.core.given.private_keys import unknown_kind

_asn1: Any = asn1crypto  # without types

_BY_HAND = (
    "Войдите через NCALayer или по QR-коду eGov Mobile: укажите в заказе sign_in: "
    "{method: person} и запустите с --visible."
)
_GOST = kind_of("1.2.398.3.10.1")
_REMEDIES = (
    (f"{PKCS12} в виде", "Раскодируйте его из base64."),
    ("base64", "Раскодируйте его из base64."),
    ("PEM", "Соберите .p12: openssl pkcs12 -export -inkey КЛЮЧ -in СЕРТИФИКАТ -out КЛЮЧ.p12."),
    ("DER", "Соберите .p12: openssl pkcs12 -export -inkey КЛЮЧ -in СЕРТИФИКАТ -out КЛЮЧ.p12."),
    ("Java", "Переведите его: keytool -importkeystore -deststoretype PKCS12."),
    ("архив", "Распакуйте его и укажите файл .p12 из него."),
    (CERTIFICATE, "В сертификате ключа нет: ключ — в файле .p12, который выдали вместе с ним."),
)


def refusal(path: Path, data: bytes, password: str) -> str:
    """A sentence on a file that the library did not open."""
    found = told(data)
    if found != PKCS12:
        remedy = next((f"{what} " for sign, what in _REMEDIES if sign in found), "")
        return (
            f"Файл «{path}» не похож на ключ PKCS#12 (.p12): это {found}. {remedy}Проверьте "
            "sign_in.key_file в заказе."
        )
    try:
        pfx = _opened(data)
        hidden = [_kind(one, password) for one in _hidden(pfx)]
        check = _checked_by(pfx)
    except (ValueError, TypeError, LookupError, AttributeError):
        return f"Файл ключа «{path}» испорчен. Скопируйте его заново и повторите."
    if is_gost(check):
        return unusable(path, _GOST)
    if None in hidden or not hidden:
        return wrong_password(path, password)
    kinds = [kind for kind in hidden if kind]
    if kinds:
        return unusable(path, f"{kinds[0]} (пароль к нему подходит)")
    return (
        f"Ключ в «{path}» открылся, а сертификат при нём не читается. Получите файл ключа заново и "
        "повторите."
    )


def wrong_password(path: Path, password: str) -> str:
    """A sentence on a password, without a letter of it."""
    odd = ""
    if not password:
        odd = ": он пуст"
    elif "\n" in password.strip("\r\n"):
        odd = ": в нём несколько строк, а нужна одна"
    elif password != password.strip():
        odd = ": в начале или в конце у него пробел"
    elif password[0] == password[-1] and password[0] in "\"'":
        odd = ": он взят в кавычки"
    return f"Пароль не подходит к файлу ключа «{path}»{odd}. Проверьте sign_in.password в заказе."


def unusable(path: Path, kind: str) -> str:
    """A sentence on a key of a kind that only other programs sign with."""
    return f"Ключ в «{path}» не RSA и не EC: {kind}. Программа им не подписывает. {_BY_HAND}"


def _opened(data: bytes) -> Any:
    return _asn1.pkcs12.Pfx.load(data)


def _checked_by(pfx: Any) -> str:
    """The algorithm of the file's check sum; empty without one."""
    check = pfx["mac_data"]
    return str(check["mac"]["digest_algorithm"]["algorithm"].dotted) if check else ""


def _hidden(pfx: Any) -> Iterator[bytes]:
    """What lies under the password, each as an encrypted PKCS#8; an open key as it is."""
    for part in pfx.authenticated_safe:
        if part["content_type"].native == "encrypted_data":
            box = part["content"]["encrypted_content_info"]
            disguised = {
                "encryption_algorithm": box["content_encryption_algorithm"],
                "encrypted_data": box["encrypted_content"].native,
            }
            yield _asn1.keys.EncryptedPrivateKeyInfo(disguised).dump()
        else:
            for bag in _asn1.pkcs12.SafeContents.load(part["content"].native):
                if bag["bag_id"].native in {"pkcs8_shrouded_key_bag", "key_bag"}:
                    yield bag["bag_value"].untag().dump()


def _kind(hidden: bytes, password: str) -> str | None:
    """Which unknown kind of key it is; empty when it is none, None when it stays closed."""
    try:
        load_der_private_key(hidden, password.encode("utf-8") or None)
    except UnsupportedAlgorithm as error:
        return unknown_kind(error)
    except TypeError:  # no password where one is needed, or the other way round
        return _kind(hidden, "") if password else None
    except ValueError as error:
        return None if "password" in str(error).lower() else ""
    return ""
