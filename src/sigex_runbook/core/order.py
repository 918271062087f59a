"""The order: what shall hold for one information system of one organisation, and who signs in.

The file is YAML, parsed once here; an unknown key, a bad BIN or a missing file is refused before
anything is touched. Past this door there are only frozen values.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from .access import AccessBlock, key_fingerprint
from .error_causes import why
from .errors import OrderError
from .given.certificates import NotCertificate
from .given.private_keys import NotKey, private_key_in, public_half
from .organisation import Bin
from .secret_ref import SecretRef
from .strict_yaml import NotYaml, read_yaml
from .validation import explain, first_fault

FORMAT = "sigex-access-order/1"

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


_KIND, _KINDS = 4, "456"
"""The fifth digit of a BIN tells the kind of organisation; in an ИИН it is a day's first digit."""


class Wish(StrEnum):
    """What the order wants of one access block."""

    GRANTED = "granted"
    REVOKED = "revoked"
    LEAVE = "leave"


def _as_bin(value: object) -> object:
    """A BIN is text: YAML reads unquoted digits as a number and drops leading zeros."""
    if isinstance(value, bool | int | float):
        raise ValueError("БИН надо взять в кавычки: без них YAML теряет ведущие нули.")
    if not isinstance(value, str):
        return value
    number = Bin(value)
    if number.text[_KIND] not in _KINDS:
        # Not quoted: it may well be a person's number.
        raise ValueError(
            "это не БИН: пятая цифра БИН — 4, 5 или 6, а здесь другая, как в ИИН человека. "
            "Укажите БИН организации."
        )
    return number


WrittenBin = Annotated[Bin, BeforeValidator(_as_bin), PlainSerializer(str)]
"""A BIN as a person writes it in a file: text, and not a person's number."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class OrderedOrganisation(_Strict):
    """Whose settings are changed."""

    bin: WrittenBin
    name: str | None = None


class OrderedSystem(_Strict):
    """An information system by description and certificate; the key lets the run act as it."""

    description: Annotated[str, Field(min_length=1)]
    certificate: Path
    key: Path | None = None

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate's public key, hex; read once, when the order is checked."""
        try:
            return key_fingerprint(self.certificate.read_bytes(), self._public_key())
        except (NotCertificate, OSError) as error:
            told = why(error) if isinstance(error, OSError) else error
            raise ValueError(
                f"файл «{self.certificate}» не читается как сертификат: {told}. Укажите в "
                "certificate сертификат информационной системы (PEM или DER)"
            ) from error

    def _public_key(self) -> bytes | None:
        """What tells the system's own certificate in a file of several; the channel speaks of a key
        that is none."""
        with suppress(NotKey, OSError):
            return public_half(private_key_in(self.key.read_bytes())) if self.key else None
        return None

    @model_validator(mode="after")
    def _is_certified(self) -> Self:
        _ = self.fingerprint
        return self


class Secret(SecretRef):
    """The key's password in an order: a mapping with `env` or `file`."""

    def read(self, what: str = "Пароль ключа из sign_in.password") -> str:
        """The password itself. Raises UsageError when the reference leads nowhere."""
        return super().read(what)


class Pkcs12SignIn(_Strict):
    """Sign in with the employee's key file; the runbook stands in for NCALayer."""

    method: Literal["pkcs12"]
    key_file: Path
    password: Secret

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that it names: the key's, and the password's if it is in one."""
        return (self.key_file, *(one for one in (self.password.file,) if one is not None))


class PersonSignIn(_Strict):
    """A person signs in by hand in the visible window."""

    method: Literal["person"]

    @property
    def files(self) -> tuple[Path, ...]:
        """None."""
        return ()


class Order(_Strict):
    """One order, checked. Paths are absolute, the four blocks are all named."""

    format: Literal["sigex-access-order/1"]
    organisation: OrderedOrganisation
    information_system: OrderedSystem
    control_system: OrderedSystem | None = None
    access: dict[AccessBlock, Wish]
    probe_document: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{16}$")] | None = None
    sign_in: Annotated[Pkcs12SignIn | PersonSignIn, Field(discriminator="method")]
    locators: Path | None = None

    @model_validator(mode="after")
    def _all_blocks(self) -> Self:
        missing = [block.value for block in AccessBlock if block not in self.access]
        if missing:
            raise ValueError(
                f"в access не названы блоки: {', '.join(missing)}; для каждого укажите "
                "granted, revoked или leave"
            )
        if (
            self.control_system is not None
            and self.control_system.fingerprint == self.information_system.fingerprint
        ):
            raise ValueError(
                "control_system и information_system имеют один и тот же ключ; для контроля нужна "
                "другая информационная система"
            )
        return self


def load_order(path: Path, places: Mapping[str, str] | None = None) -> Order:
    """Read one order file.

    `places` gives values for `${NAME}` in paths (the emulator's folder is `${EMULATOR}`); the
    process environment serves the rest. Relative paths start at the order file's folder.
    Raises OrderError with one sentence that names the file, the place and the next action.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise OrderError(
            f"Файл заказа {path} не найден. Проверьте путь; образец печатает команда "
            "«sigex-runbook sample-order»."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise OrderError(
            f"Файл заказа {path} не читается ({why(error)}). Сохраните его в UTF-8 и проверьте "
            "права."
        ) from error
    return parse_order(text, path=path, places=places)


def parse_order(text: str, *, path: Path, places: Mapping[str, str] | None = None) -> Order:
    """Check the text of an order; `path` names it in messages and anchors relative paths."""
    try:
        raw = read_yaml(text)
    except NotYaml as error:
        raise OrderError(f"Заказ {path} — не YAML: {error}. Исправьте файл.") from None
    if not isinstance(raw, dict):
        raise OrderError(
            f"Заказ {path} пуст или не таблица ключей. Образец: «sigex-runbook sample-order»."
        )
    if raw.get("format") != FORMAT:
        raise OrderError(
            f"Заказ {path}: в ключе format не {FORMAT}, а другого эта версия не понимает. "
            "Обновите заказ или программу."
        )
    _resolve_paths(raw, path, {**os.environ, **(places or {})})
    try:
        return Order.model_validate(raw)
    except ValidationError as error:
        raise OrderError(f"Заказ {path}: {_explain(error)}") from error


def _resolve_paths(raw: dict[str, Any], order: Path, places: Mapping[str, str]) -> None:
    """Make every path absolute and insist that it is there, in place."""
    for holder, key in _paths(raw):
        value = holder[key]
        if not isinstance(value, str):
            continue  # the model says what is wrong with it
        secret = key == "file"  # its value may be the password itself, put in the wrong place

        def place(match: re.Match[str], value: str = value, secret: bool = secret) -> str:
            name = match[1]
            if name not in places:
                hint = (
                    "Она есть только при встроенном эмуляторе; с --target укажите настоящие пути "
                    "или задайте переменную EMULATOR."
                    if name == "EMULATOR"
                    else "Задайте её или впишите путь."
                )
                raise OrderError(
                    f"Заказ {order}: переменная в sign_in.password.file не задана. {hint}"
                    if secret
                    else f"Заказ {order}: в пути «{value}» переменная {name} не задана. {hint}"
                )
            return places[name]

        try:
            resolved = (order.parent / _REFERENCE.sub(place, value)).resolve()
            there = resolved.is_file()
        except (OSError, ValueError):  # a name that no file can have
            there, resolved = False, Path(value)
        if not there:
            raise OrderError(
                f"Заказ {order}: файл, названный в sign_in.password.file, не найден. Укажите там "
                "путь к файлу с паролем, а не сам пароль."
                if secret
                else f"Заказ {order}: файл {resolved} ({key}) не найден. Проверьте путь в заказе."
            )
        holder[key] = resolved


def _paths(raw: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    found = [(raw, "locators")] if raw.get("locators") is not None else []
    for system in ("information_system", "control_system"):
        holder = raw.get(system)
        if isinstance(holder, dict):
            found += [
                (holder, key) for key in ("certificate", "key") if holder.get(key) is not None
            ]
    sign_in = raw.get("sign_in")
    if isinstance(sign_in, dict):
        if sign_in.get("key_file") is not None:
            found.append((sign_in, "key_file"))
        password = sign_in.get("password")
        if isinstance(password, dict) and password.get("file") is not None:
            found.append((password, "file"))
    return found


def _explain(error: ValidationError) -> str:
    fault = first_fault(error)
    if fault["type"] == "extra_forbidden" and "password" in fault["loc"][:-1]:
        return "«sign_in.password»: нужен ключ env (имя переменной) или file (путь), другого нет."
    if fault["type"] == "union_tag_not_found":
        where = ".".join(str(part) for part in fault["loc"])
        return f"«{where}»: не указан method. Добавьте method: pkcs12 или method: person."
    return explain(error, "заказ")
