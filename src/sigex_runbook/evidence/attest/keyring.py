"""The signing key: made on first use in a folder of this user, or given by the operator, as a file
or on a token."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from cryptography.exceptions import UnsupportedAlgorithm
from filelock import FileLock
from platformdirs import user_data_path
from pydantic import BaseModel, ConfigDict, ValidationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.given.private_keys import NotKey, any_private_key_in
from sigex_runbook.core.secret_ref import SecretRef

from .pkcs11_key import Pkcs11Signer
from .trust import Trust, TrustedKey

FOLDER_VARIABLE = "SIGEX_RUNBOOK_KEYS"
KEY = "signing-key.pem"
NAMED = "signing-key.json"
TRUST = "trust.json"
DEFAULT_DAYS = 730

SealingKey = CryptoSigner | Pkcs11Signer
"""What signs: a key in a file or in a variable, or one on a token."""

_PEM = "-----BEGIN"
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_folder() -> Path:
    """Where this user's key and trust.json lie: SIGEX_RUNBOOK_KEYS, else the system's own place."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else user_data_path("sigex-runbook", appauthor=False) / "keys"


@dataclass(frozen=True, slots=True)
class Keyring:
    """One user's signing key and the trust.json that goes with it."""

    folder: Path

    @property
    def key(self) -> Path:
        """The private key's file."""
        return self.folder / KEY

    @property
    def on_token(self) -> Path:
        """The file that names a key on a token; while it is there, that key signs."""
        return self.folder / NAMED

    @property
    def trust_file(self) -> Path:
        """The file to hand to those who verify."""
        return self.folder / TRUST

    def signer(self) -> SealingKey:
        """The signer; its key is made when there is none yet.

        Raises UsageError when others may read the key, its window is over, or its token is in no
        state to sign.
        """
        if self.is_empty():
            self.make()
        key = self.signer_key()
        _insist_valid(self.trust(), key.keyid)
        named = self._named()
        if named is not None:
            return Pkcs11Signer.open(named.key, named.pin, key)
        return load_private_key(self.key)

    def trust(self) -> Trust:
        """What trust.json says; nothing when there is none."""
        return Trust.load(self.trust_file) if self.trust_file.exists() else Trust()

    def is_empty(self) -> bool:
        """Whether there is no key yet."""
        return not (self.key.exists() or self.on_token.exists())

    def make(self, *, days: int = DEFAULT_DAYS, now: datetime | None = None) -> TrustedKey:
        """Make the key (ECDSA P-256: readers of PDF know it) and name it in trust.json. One that is
        there already stays."""
        with self._locked():
            if self.is_empty():
                signer = CryptoSigner.generate_ecdsa()
                _write_private(self.key, signer.private_bytes)
            key = self.signer_key()
            return self.trust().key(key.keyid) or self._vouch(key, days, now or datetime.now(UTC))

    def rotate(self, *, days: int = DEFAULT_DAYS, now: datetime | None = None) -> TrustedKey:
        """A new key in place of the old one, whose window ends now. The old key's file is
        destroyed, a key on a token is left there: what it signed stays verifiable by its public
        half in trust.json."""
        moment = (now or datetime.now(UTC)).replace(microsecond=0)
        with self._locked():
            self._retire(self.signer_key(), moment)
            signer = CryptoSigner.generate_ecdsa()
            _write_private(self.key, signer.private_bytes)
            self.on_token.unlink(missing_ok=True)
            return self._vouch(signer.public_key, days, moment)

    def take(
        self, reference: str, pin: str, *, days: int = DEFAULT_DAYS, now: datetime | None = None
    ) -> TrustedKey:
        """From now on a token's key signs; the one before it is retired as by `rotate`.

        The same key again renames its place and PIN only. Raises UsageError when the token does not
        sign, or when the window of its key is over.
        """
        signer = Pkcs11Signer.open(reference, pin)
        key = signer.public_key
        moment = (now or datetime.now(UTC)).replace(microsecond=0)
        with self._locked():
            old = None if self.is_empty() else self.signer_key()
            known = self.trust().key(key.keyid)
            if known is not None and not known.valid_at(moment):
                raise UsageError(
                    "Срок этого ключа по trust.json закончился: его заменили или он устарел. "
                    "Сделайте на токене новый ключ и назовите его номер."
                )
            if old is not None and old.keyid != key.keyid:
                self._retire(old, moment)
            if known is None:
                known = self._vouch(key, days, moment)
            place = SecretRef.from_text(pin)
            named = _Named(
                format="sigex-signing-key/1",
                keyid=key.keyid,
                key=signer.reference,
                pin=place.from_anywhere if place else pin,
            )
            beside = self.on_token.with_name(f"{NAMED}.new")
            beside.write_text(named.model_dump_json(indent=2) + "\n", encoding="utf-8")
            os.replace(beside, self.on_token)  # noqa: PTH105 - atomic on every system
            self.key.unlink(missing_ok=True)
            return known

    def signer_key(self) -> SSlibKey:
        """The public half of the key that is there. Raises UsageError without one."""
        named = self._named()
        if named is None:
            return load_private_key(self.key).public_key
        known = self.trust().key(named.keyid)
        if known is None:
            raise UsageError(
                f"Ключа на токене, названного в {self.on_token}, нет в trust.json рядом. Верните "
                "trust.json на место или удалите этот файл и назовите ключ заново: «sigex-runbook "
                "key token»."
            )
        return known.key

    def _named(self) -> _Named | None:
        """The key on a token, where one is named."""
        try:
            return _Named.model_validate_json(self.on_token.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            raise UsageError(
                f"Файл {self.on_token}, в котором назван ключ на токене, не разобрать. Удалите его "
                "и назовите ключ заново: «sigex-runbook key token»."
            ) from error

    def _retire(self, key: SSlibKey, now: datetime) -> None:
        """End its window; one that is over stays as it is."""
        known = self.trust().key(key.keyid)
        if known is not None and known.valid_until > now:
            self.trust().with_key(replace(known, valid_until=now)).save(self.trust_file)

    def _vouch(self, key: SSlibKey, days: int, now: datetime) -> TrustedKey:
        start = now.replace(microsecond=0)
        trusted = TrustedKey(key, start, start + timedelta(days=days))
        self.trust().with_key(trusted).save(self.trust_file)
        return trusted

    def _locked(self) -> FileLock:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UsageError(
                f"Папку ключа подписи {self.folder} создать нельзя ({why(error)}). Проверьте "
                f"права или укажите другую в переменной {FOLDER_VARIABLE}."
            ) from error
        return FileLock(self.folder / ".lock")


class _Named(BaseModel):
    """`signing-key.json`: where the key on a token and its PIN are, never the PIN itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["sigex-signing-key/1"]
    keyid: str
    key: str
    pin: str


def signer_of(reference: str | None, pin: str | None = None) -> SealingKey:
    """The signer of a given key (`signer_from`), or else this user's own. Raises UsageError."""
    return signer_from(reference, pin) if reference else Keyring(key_folder()).signer()


def signer_from(reference: str, pin: str | None = None) -> SealingKey:
    """A given key's signer.

    `reference` is a path, `file:PATH`, `env:NAME` (the variable holds the PEM text), or
    `hsm:NUMBER?label=TOKEN` for PKCS#11. `pin` says where its PIN is: `env:NAME` or `file:PATH`.
    Raises UsageError.
    """
    if reference.startswith(("hsm:", "pkcs11:")):
        return Pkcs11Signer.open(reference, pin)
    if _PEM in reference:
        raise UsageError(
            "Вместо ключа подписи укажите, где он: путь к файлу PEM, env:ПЕРЕМЕННАЯ или "
            "hsm:НОМЕР?label=ТОКЕН. Сам ключ в командной строке видят все; смените его."
        )
    named = SecretRef.from_text(reference) or SecretRef(file=Path(reference))
    if named.file is not None:
        return load_private_key(named.file)
    text = named.read("Ключ подписи")
    return _crypto_signer(text.encode("utf-8"), f"в переменной {named.env}")


def load_private_key(path: Path) -> CryptoSigner:
    """The signer of a PEM file that nobody else may read. Raises UsageError."""
    try:
        mode = path.stat().st_mode
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"Ключ подписи {path} не читается ({why(error)}). Проверьте путь; новый делает "
            "«sigex-runbook key make»."
        ) from error
    if os.name == "posix" and mode & _OTHERS:
        raise UsageError(
            f"Ключ подписи {path} доступен другим пользователям. Закройте его: chmod 600 «{path}»; "
            "если его могли прочесть, смените: «sigex-runbook key rotate»."
        )
    return _crypto_signer(data, str(path))


def _crypto_signer(pem: bytes, where: str) -> CryptoSigner:
    try:
        return CryptoSigner(any_private_key_in(pem))
    except (ValueError, UnsupportedAlgorithm) as error:
        # Never the library's own words: they might quote the key.
        told = f" ({error})" if isinstance(error, NotKey) else ""
        raise UsageError(
            f"Ключ подписи {where} не годится{told}: нужен Ed25519 или ECDSA P-256 в PEM (PKCS#8) "
            "без пароля. Сделайте его командой «sigex-runbook key make»."
        ) from None


def _insist_valid(trust: Trust, keyid: str) -> None:
    known = trust.key(keyid)
    if known is not None and not known.valid_at(datetime.now(UTC)):
        raise UsageError(
            "Срок ключа подписи по trust.json закончился или ещё не начался. Смените ключ: "
            "«sigex-runbook key rotate», и передайте новый trust.json проверяющим."
        )


def _write_private(path: Path, pem: bytes) -> None:
    """Write a private key whole; at no moment may others read it."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(pem)
        out.flush()
        os.fsync(out.fileno())
    os.replace(beside, path)  # noqa: PTH105 - atomic on every system
