"""The signing key: made on first use in a folder of this user, or given by the operator."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from filelock import FileLock
from platformdirs import user_data_path
from securesystemslib.exceptions import UnsupportedLibraryError
from securesystemslib.signer import CryptoSigner, HSMSigner, Signer, SSlibKey

from sigex_runbook.errors import UsageError
from sigex_runbook.reasons import why

from .trust import Trust, TrustedKey

FOLDER_VARIABLE = "SIGEX_RUNBOOK_KEYS"
KEY = "signing-key.pem"
TRUST = "trust.json"
DEFAULT_DAYS = 730

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
    def trust_file(self) -> Path:
        """The file to hand to those who verify."""
        return self.folder / TRUST

    def signer(self) -> CryptoSigner:
        """The signer; its key is made when there is none yet.

        Raises UsageError when others may read the key or its window is over.
        """
        if not self.key.exists():
            self.make()
        signer = load_private_key(self.key)
        _insist_valid(self.trust(), signer.public_key)
        return signer

    def trust(self) -> Trust:
        """What trust.json says; nothing when there is none."""
        return Trust.load(self.trust_file) if self.trust_file.exists() else Trust()

    def make(self, *, days: int = DEFAULT_DAYS, now: datetime | None = None) -> TrustedKey:
        """Make the key (Ed25519) and name it in trust.json. One that is there already stays."""
        with self._locked():
            if self.key.exists():
                signer = load_private_key(self.key)
                known = self.trust().key(signer.public_key.keyid)
                if known is not None:
                    return known
            else:
                signer = CryptoSigner.generate_ed25519()
                _write_private(self.key, signer.private_bytes)
            return self._vouch(signer.public_key, days, now or datetime.now(UTC))

    def rotate(self, *, days: int = DEFAULT_DAYS, now: datetime | None = None) -> TrustedKey:
        """A new key in place of the old one, whose window ends now. The old key is destroyed: what
        it signed stays verifiable by its public half in trust.json."""
        moment = (now or datetime.now(UTC)).replace(microsecond=0)
        old = self.signer_key()
        with self._locked():
            trust = self.trust()
            known = trust.key(old.keyid)
            if known is not None:
                trust.with_key(replace(known, valid_until=moment)).save(self.trust_file)
            signer = CryptoSigner.generate_ed25519()
            _write_private(self.key, signer.private_bytes)
            return self._vouch(signer.public_key, days, moment)

    def signer_key(self) -> SSlibKey:
        """The public half of the key that is there. Raises UsageError without one."""
        return load_private_key(self.key).public_key

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


def signer_from(reference: str, pin: str | None = None) -> Signer:
    """A given key's signer.

    `reference` is a path, `file:PATH`, `env:NAME` (the variable holds the PEM text), or
    `hsm:ID?label=TOKEN` for PKCS#11. `pin` says where its PIN is: `env:NAME` or `file:PATH`.
    Raises UsageError.
    """
    scheme, colon, rest = reference.partition(":")
    match scheme if colon else "":
        case "env":
            text = os.environ.get(rest)
            if text is None:
                raise UsageError(
                    f"Ключ подписи: переменная окружения {rest} не задана. Задайте её и повторите."
                )
            return _crypto_signer(text.encode("utf-8"), f"в переменной {rest}")
        case "hsm":
            return _token_signer(reference, pin or "")
        case "file":
            return load_private_key(Path(rest))
        case _:
            return load_private_key(Path(reference))


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
        return CryptoSigner(load_pem_private_key(pem, None))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # Never the library's own words: they might quote the key.
        raise UsageError(
            f"Ключ подписи {where} не годится: нужен Ed25519 или ECDSA P-256 в PEM (PKCS#8) без "
            "пароля. Сделайте его командой «sigex-runbook key make»."
        ) from None


def _secret(reference: str) -> str:
    """A PIN by reference; the text itself is never taken."""
    scheme, _, rest = reference.partition(":")
    if scheme == "env" and rest in os.environ:
        return os.environ[rest]
    if scheme == "file" and Path(rest).is_file():
        return Path(rest).read_text(encoding="utf-8").rstrip("\r\n")
    raise UsageError(
        "Для ключа на токене укажите, где взять ПИН-код: --signing-pin env:ИМЯ (переменная должна "
        "быть задана) или file:ПУТЬ."
    )


def _token_signer(reference: str, pin: str) -> Signer:
    from urllib.parse import parse_qsl, urlparse

    code = _secret(pin)

    def ask(_: str) -> str:
        return code

    uri = urlparse(reference)
    try:
        number = int(uri.path) if uri.path else None
        label = dict(parse_qsl(uri.query)).get("label")
        named, public = HSMSigner.import_(number, label, ask)
        return Signer.from_priv_key_uri(named, public, ask)
    except UnsupportedLibraryError:
        raise UsageError(
            "Для ключа на токене нужна библиотека PKCS#11: pip install 'sigex-runbook[token]'."
        ) from None
    except Exception as error:
        raise UsageError(
            f"Токен не отвечает как надо ({why(error)}). Проверьте, что он "
            "вставлен, в PYKCS11LIB указана его библиотека, а номер ключа и метка верны."
        ) from error


def _insist_valid(trust: Trust, key: SSlibKey) -> None:
    known = trust.key(key.keyid)
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
