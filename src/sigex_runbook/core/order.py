"""The order: what shall hold for one information system of one organisation, and who signs in.

The file is YAML, parsed once here; an unknown key, a bad BIN or a missing file is refused before
anything is touched. Past this door there are only frozen values.
"""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
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
from .errors import OrderError, UsageError
from .given.certificates import NotCertificate, certificates_in
from .given.letters import folded
from .given.paths import NotThere, file_at
from .given.private_keys import NotKey, private_key_in, public_half
from .given.strict_yaml import Lines, NotYaml, read_yaml
from .given.text import NotText, read_text
from .organisation import Bin
from .secret_ref import SecretRef
from .validation import Keys, dotted, explain, first_fault, keys_in, nearest, quoted, value_at

FORMAT = "sigex-access-order/1"

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
            data = self.certificate.read_bytes()
            several = len(certificates_in(data)) > 1  # to check a key takes long
            return key_fingerprint(data, self._public_key() if several else None)
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
        text = read_text(path)
    except FileNotFoundError:
        raise OrderError(
            f"Файл заказа «{path}» не найден. Проверьте путь; образец печатает команда "
            "«sigex-runbook sample-order»."
        ) from None
    except NotText as error:
        if path.is_dir():
            raise OrderError(
                f"«{path}» — папка, а не заказ. Укажите файлы заказов в ней."
            ) from error
        raise OrderError(
            f"Файл заказа «{path}» не читается ({error}). Сохраните его в UTF-8 и проверьте права."
        ) from error
    return parse_order(text, path=path, places=places)


def parse_order(text: str, *, path: Path, places: Mapping[str, str] | None = None) -> Order:
    """Check the text of an order; `path` names it in messages and anchors relative paths."""
    try:
        raw, lines = read_yaml(text)
    except NotYaml as error:
        raise OrderError(f"Заказ «{path}» — не YAML: {error}.") from None
    if not isinstance(raw, dict):
        raise OrderError(
            f"Заказ «{path}» пуст или не таблица ключей. Образец: «sigex-runbook sample-order»."
        )
    if raw.get("format") != FORMAT:
        raise OrderError(f"Заказ «{path}»: {_wrong_format(raw, lines)}")
    for keys, gone in missing_files(raw, path.parent, places):
        told = f"{keys[-1]}: {gone}"
        if keys[-1] == "file":  # its value may be the password itself, put in the wrong place
            told = (
                f"файл, названный в sign_in.password.file: {gone.safe} Укажите там путь к "
                "файлу с паролем, а не сам пароль."
            )
        raise OrderError(f"Заказ «{path}»: строка {lines.of(keys)}, {told}")
    try:
        return Order.model_validate(raw)
    except ValidationError as error:
        raise OrderError(f"Заказ «{path}»: {_explain(error, raw, lines)}") from error


def check_once(orders: Iterable[tuple[str, Order]]) -> None:
    """Nobody is ordered twice: the second run would undo or repeat the first. Raises UsageError
    with both orders by the names that their owner gave them."""
    for told in doubles(orders):
        raise UsageError(f"{told}; ничего не начато.")


def doubles(orders: Iterable[tuple[str, Order]]) -> Iterator[str]:
    """Each order for whom an earlier one is: a sentence without its full stop."""
    seen: dict[tuple[Bin, str], tuple[str, Order]] = {}
    for name, order in orders:
        number, system = order.organisation.bin, order.information_system
        marks = [(number, system.fingerprint), (number, folded(system.description))]
        if twin := next((seen[mark] for mark in marks if mark in seen), None):
            first, one = twin
            against = [
                f"{block}: {one.access[block]} и {order.access[block]}"
                for block in AccessBlock
                if one.access[block] is not order.access[block]
            ]
            told = f" и противоречат друг другу ({'; '.join(against)})" if against else ""
            yield (
                f"Заказы «{first}» и «{name}» — об одной организации (БИН {number}) и одной "
                f"информационной системе «{one.information_system.description}»{told}. Оставьте "
                "один из них"
            )
        for mark in marks:
            seen.setdefault(mark, (name, order))


def _wrong_format(raw: dict[str, Any], lines: Lines) -> str:
    if "format" not in raw:
        near = nearest("format", [str(key) for key in raw if str(key) not in Order.model_fields])
        return f"нет ключа format{near}. Первой строкой напишите: format: {FORMAT}."
    found = f"найдено {quoted(raw['format'])}" if raw["format"] is not None else "он пуст"
    near = nearest(str(raw["format"]), [FORMAT])
    return (
        f"строка {lines.of(['format'])}, ключ format: {found}, а эта версия понимает {FORMAT}"
        f"{near}. Обновите заказ или программу."
    )


def missing_files(
    raw: dict[str, Any], base: Path, places: Mapping[str, str] | None = None
) -> Iterator[tuple[Keys, NotThere]]:
    """Make every path absolute, in place; those at which no file stands."""
    known = ChainMap(dict(places or {}), os.environ)
    for keys in _PATHS:
        holder, key = value_at(raw, keys[:-1]), keys[-1]
        value = value_at(holder, (key,))
        if not isinstance(value, str) or not isinstance(holder, dict):
            continue  # the model says what is wrong with it
        try:
            holder[key] = file_at(value, base, known)
        except NotThere as gone:
            yield keys, gone


_PATHS: tuple[Keys, ...] = (
    ("locators",),
    ("information_system", "certificate"),
    ("information_system", "key"),
    ("control_system", "certificate"),
    ("control_system", "key"),
    ("sign_in", "key_file"),
    ("sign_in", "password", "file"),
)

_KEYS = {
    *AccessBlock,
    *(
        name
        for model in (Order, OrderedOrganisation, OrderedSystem, Pkcs12SignIn, Secret)
        for name in model.model_fields
    ),
}
"""Every key that an order may have."""


def _explain(error: ValidationError, raw: Any, lines: Lines) -> str:
    fault = first_fault(error)
    keys = keys_in(raw, fault["loc"])
    line = f"строка {lines.of(keys)}, " if keys else ""
    if keys[:2] == ("sign_in", "password") and fault["type"] != "missing":
        one = f" ({fault['ctx']['error']})" if fault["type"] == "value_error" else ""
        return (
            f"{line}«sign_in.password»: пароль в заказ не пишут, а говорят, где он{one}. Напишите "
            "password: {env: ИМЯ_ПЕРЕМЕННОЙ} или password: {file: путь к файлу с паролем}."
        )
    if fault["type"] == "union_tag_not_found":
        return (
            f"{line}«{dotted(keys)}»: не указан method. Добавьте method: pkcs12 или method: person."
        )
    return explain(error, "заказ", raw, lines, _KEYS)
