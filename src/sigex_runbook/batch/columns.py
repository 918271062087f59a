"""The columns of a table of orders: where in an order a cell's value goes, and in which words it
is written. What an order may say is the order's own affair."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.given.letters import folded
from sigex_runbook.core.order import Secret, Wish
from sigex_runbook.core.validation import Keys, dotted, nearest, quoted, value_at

from .cells import DATE, SHORTENED, Cell, Unread


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """One column: the keys of an order that its cells fill, and its names, the template's first.

    `words` are what its cells may say, by the order's value, the template's first.
    """

    keys: Keys
    names: tuple[str, ...]
    needed: bool = False
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)


_WISHES: dict[str, Sequence[str]] = {
    Wish.GRANTED: ("да", "предоставить"),
    Wish.REVOKED: ("нет", "отозвать"),
    Wish.LEAVE: ("не трогать", "оставить"),
}
_METHODS = {"pkcs12": ("ключ в файле", "файл"), "person": ("человек",)}

BIN = Column(("organisation", "bin"), ("БИН", "bin"), needed=True)
_CERTIFICATE = Column(
    ("information_system", "certificate"), ("Сертификат ИС", "certificate"), needed=True
)
_CONTROL = Column(
    ("control_system", "certificate"), ("Сертификат контрольной ИС", "control certificate")
)
_METHOD = Column(("sign_in", "method"), ("Вход", "sign in"), needed=True, words=_METHODS)
PASSWORD = Column(("sign_in", "password"), ("Пароль", "password"))
EXCLUDED = Column(("excluded",), ("Исключить: причина", "exclude: reason"))


def _block(block: AccessBlock, name: str) -> Column:
    return Column(("access", block.value), (name, block.value), needed=True, words=_WISHES)


COLUMNS = (
    BIN,
    Column(("organisation", "name"), ("Организация", "organisation")),
    Column(
        ("information_system", "description"),
        ("Информационная система", "ИС", "information system"),
        needed=True,
    ),
    _CERTIFICATE,
    Column(("information_system", "key"), ("Ключ ИС", "key")),
    Column(("control_system", "description"), ("Контрольная ИС", "control system")),
    _CONTROL,
    Column(("control_system", "key"), ("Ключ контрольной ИС", "control key")),
    _block(AccessBlock.DOCUMENTS_ACCESS, "Доступ к документам"),
    _block(AccessBlock.DOCUMENTS_LIST, "Перечисление документов"),
    _block(AccessBlock.DOCUMENTS_SETTINGS, "Настройки документов"),
    _block(AccessBlock.ORGANISATION_SETTINGS, "Настройки организации"),
    Column(("probe_document",), ("Документ для проверки", "probe document")),
    _METHOD,
    Column(("sign_in", "key_file"), ("Ключ сотрудника", "key file")),
    PASSWORD,
    Column(("locators",), ("Указания", "locators")),
    EXCLUDED,
)

_HOLDERS = {"organisation": BIN, "information_system": _CERTIFICATE, "sign_in": _METHOD}
"""The column to blame when the values of one part of an order do not fit together."""


def _plain(text: str) -> str:
    """A name or a word as it is compared."""
    return folded(text.replace("_", " ")).casefold().replace("ё", "е")


_BY_NAME = {
    _plain(name): column for column in COLUMNS for name in (*column.names, dotted(column.keys))
}


def column_named(name: Cell) -> Column | None:
    """The column of this name, in Russian or English; None for another."""
    return _BY_NAME.get(_plain(name)) if isinstance(name, str) else None


def column_of(keys: Keys) -> Column:
    """The column to blame for what is wrong at these keys of an order."""
    found = next((one for one in COLUMNS if keys[: len(one.keys)] == one.keys), None)
    return found or _HOLDERS.get(str(keys[0]) if keys else "", _CONTROL)


def faults_of(header: Sequence[Cell]) -> list[str]:
    """What is wrong with the names of a table's columns."""
    told: list[str] = []
    seen: set[Column | None] = set()
    for name in header:
        if not name:
            continue
        column = column_named(name)
        if column is None:
            told.append(_unknown(name))
        elif column in seen:
            told.append(f"столбец «{column.names[0]}» есть дважды. Оставьте один.")
        seen.add(column)
    return told + [
        f"нет столбца «{one.names[0]}». Добавьте его."
        for one in COLUMNS
        if one.needed and one not in seen
    ]


def _unknown(name: Cell) -> str:
    if isinstance(name, Unread):
        return f"название столбца: {name.why}"
    near = nearest(name, [known for one in COLUMNS for known in one.names])
    return f"столбец {quoted(folded(name))} неизвестен{near}. Уберите его или исправьте название."


_EXPONENT = re.compile(r"\d([.,]\d+)?[EeЕе]\+\d+")
_ERROR = re.compile(r"#(Н/Д|N/A|[A-ZА-Я/0]+[!?])")
_DATE = re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{1,2}-\d{1,2}.*")


def value_of(column: Column, cell: Cell) -> Any:
    """What a cell says, as an order says it. Raises ValueError with a sentence that does not repeat
    the cell: it may be a secret in the wrong place."""
    if isinstance(cell, Unread):
        raise ValueError(cell.why)
    if _EXPONENT.fullmatch(cell):
        raise ValueError(SHORTENED.why)
    if _ERROR.fullmatch(cell):
        raise ValueError("здесь ошибка Excel вместо значения. Исправьте формулу или впишите его.")
    if column is BIN:
        return _bin(folded(cell))
    if column is PASSWORD:
        return _reference(cell)
    return _word(column, cell) if column.words else cell


def _bin(text: str) -> str:
    number = re.sub(r'^(БИН|BIN)\s*|^="(.*)"$', r"\2", text)
    if _DATE.fullmatch(number):
        raise ValueError(DATE.why)
    if re.fullmatch(r"\d{1,11}", number):
        raise ValueError(
            f"здесь {len(number)} цифр, а в БИН их 12: похоже, Excel отбросил нули в начале. "
            "Напишите так: БИН 000740000728."
        )
    if not re.fullmatch("[0-9]{12}", number):
        raise ValueError("здесь не 12 цифр. Впишите БИН организации.")
    return number


def _reference(text: str) -> dict[str, str]:
    found = Secret.from_text(text)
    if found is None:
        raise ValueError(
            "пароль в таблицу не пишут, а говорят, где он. Напишите env:ИМЯ_ПЕРЕМЕННОЙ или "
            "file:путь к файлу с паролем."
        )
    named: dict[str, str] = found.model_dump(mode="json", exclude_none=True)
    return named


def _word(column: Column, text: str) -> str:
    known = {word: value for value, words in column.words.items() for word in (*words, value)}
    value = {_plain(word): value for word, value in known.items()}.get(_plain(text))
    if value is None:
        offered = ", ".join(f"«{words[0]}»" for words in column.words.values())
        near = nearest(text.casefold(), list(known))
        raise ValueError(f"здесь другое слово, а нужно одно из: {offered}{near}. Исправьте.")
    return str(value)


def cell_of(column: Column, order: Any) -> str:
    """What an order's file says, as a cell says it."""
    value = value_at(order, column.keys)
    if value is ...:
        return ""
    if column is BIN:
        return f"БИН {value}"  # a number alone would not outlive Excel
    if column is PASSWORD:
        return ":".join(*value.items())
    return str(column.words[value][0] if column.words else value)
