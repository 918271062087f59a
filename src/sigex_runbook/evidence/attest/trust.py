"""`trust.json`: whose signatures and whose clock a verifier believes. It never lies in a pack."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)
from pydantic import BaseModel, ConfigDict, ValidationError
from securesystemslib.signer import SSlibKey

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.given.certificates import NotCertificate, certificates_in
from sigex_runbook.core.validation import explain

from .statement import instant, instant_text

FORMAT = "sigex-trust/1"


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A public key whose signatures count, when they were made within its window."""

    key: SSlibKey
    valid_from: datetime
    valid_until: datetime

    @property
    def keyid(self) -> str:
        """The key's name in an envelope: a digest of the key itself."""
        return str(self.key.keyid)

    def valid_at(self, moment: datetime) -> bool:
        """Whether the window holds that moment."""
        return self.valid_from <= moment <= self.valid_until


@dataclass(frozen=True, slots=True)
class Authority:
    """A time authority: where it answers, and the certificates that are pinned for it."""

    url: str
    certificates: tuple[x509.Certificate, ...]

    def same_as(self, other: Authority) -> bool:
        """Whether the same certificates are pinned for the same address."""
        return self.url == other.url and set(self.certificates) == set(other.certificates)


@dataclass(frozen=True, slots=True)
class Trust:
    """What a verifier believes."""

    keys: tuple[TrustedKey, ...] = ()
    authorities: tuple[Authority, ...] = ()
    approvers: tuple[x509.Certificate, ...] = field(default=())

    def key(self, keyid: str) -> TrustedKey | None:
        """The key of that name."""
        return next((key for key in self.keys if key.keyid == keyid), None)

    def with_key(self, key: TrustedKey) -> Trust:
        """The same with one key added, or its window changed."""
        return replace(self, keys=(*(k for k in self.keys if k.keyid != key.keyid), key))

    def with_authority(self, authority: Authority) -> Trust:
        """The same with one authority, which is asked first. What was pinned before stays, also at
        the same address: what its earlier certificates stamped goes on verifying."""
        others = (known for known in self.authorities if not known.same_as(authority))
        return replace(self, authorities=(authority, *others))

    def to_text(self) -> str:
        """As a file, for people to read as well."""
        return (
            json.dumps(
                {
                    "format": FORMAT,
                    "keys": [
                        {
                            "keyid": key.keyid,
                            "public": public_pem(key.key),
                            "valid_from": instant_text(key.valid_from),
                            "valid_until": instant_text(key.valid_until),
                        }
                        for key in self.keys
                    ],
                    "authorities": [
                        {"url": one.url, "certificates": _pem(one.certificates)}
                        for one in self.authorities
                    ],
                    "approvers": [_pem((one,)) for one in self.approvers],
                },
                ensure_ascii=False,
                indent=2,
            )
            + "\n"
        )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a trust.json. Raises UsageError with the place and what to do."""
        told = f"Файл доверия {path} не разобрать:"
        again = "Возьмите его заново у того, кто его выдал."
        try:
            return cls.parse(path.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise UsageError(
                f"Файл доверия {path} не читается ({why(error)}). Укажите trust.json того, "
                "кому верите; свой показывает «sigex-runbook key»."
            ) from error
        except UnicodeError as error:
            raise UsageError(f"{told} {why(error)}. {again}") from error
        except ValidationError as error:
            raise UsageError(f"{told} {explain(error, 'файл')} {again}") from error
        except ValueError as error:
            raise UsageError(f"{told} {error}. {again}") from error

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a trust.json. Raises ValueError."""
        raw = _File.model_validate_json(text)
        trust = cls(
            tuple(_key(one) for one in raw.keys),
            tuple(Authority(one.url, _pinned(one.certificates)) for one in raw.authorities),
            tuple(c for one in raw.approvers for c in _pinned(one)),
        )
        if len({key.keyid for key in trust.keys}) != len(trust.keys):
            raise ValueError("один ключ указан дважды")
        return trust

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f"{path.name}.new")
        beside.write_text(self.to_text(), encoding="utf-8")
        os.replace(beside, path)  # noqa: PTH105 - atomic on every system


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Key(_Strict):
    keyid: str
    public: str
    valid_from: str
    valid_until: str


class _Authority(_Strict):
    url: str
    certificates: str


class _File(_Strict):
    format: Literal["sigex-trust/1"]
    keys: list[_Key]
    authorities: list[_Authority] = []
    approvers: list[str] = []


def _key(raw: _Key) -> TrustedKey:
    try:
        key = SSlibKey.from_crypto(load_pem_public_key(raw.public.encode()))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ValueError(f"ключ {raw.keyid[:12]}… не читается или не того вида") from error
    if key.keyid != raw.keyid:
        raise ValueError(f"ключ {raw.keyid[:12]}… назван не своим именем")
    return TrustedKey(key, instant(raw.valid_from), instant(raw.valid_until))


def public_der(key: SSlibKey) -> bytes:
    """The public key as DER (SubjectPublicKeyInfo)."""
    return _public_bytes(key, Encoding.DER)


def public_pem(key: SSlibKey) -> str:
    """The public key as PEM."""
    return _public_bytes(key, Encoding.PEM).decode("ascii")


def _public_bytes(key: SSlibKey, encoding: Encoding) -> bytes:
    public: Any = key._crypto_key()
    data: bytes = public.public_bytes(encoding, PublicFormat.SubjectPublicKeyInfo)
    return data


def read_certificates(given: bytes) -> tuple[x509.Certificate, ...]:
    """All certificates of a file, however it was saved. Raises NotCertificate."""
    found = certificates_in(given)
    try:
        return tuple(map(x509.load_der_x509_certificate, found))
    except (ValueError, x509.InvalidVersion) as error:
        raise NotCertificate("он испорчен") from error


def _pinned(pem: str) -> tuple[x509.Certificate, ...]:
    try:
        return read_certificates(pem.encode())
    except NotCertificate as error:
        raise ValueError(f"сертификат в нём не читается: {error}") from error


def _pem(certificates: tuple[x509.Certificate, ...]) -> str:
    return "".join(one.public_bytes(Encoding.PEM).decode("ascii") for one in certificates)


def always(key: SSlibKey) -> TrustedKey:
    """A key without a window, for checking one's own work."""
    return TrustedKey(key, datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
