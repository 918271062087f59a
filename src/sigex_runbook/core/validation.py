"""What is wrong with a file that a person wrote, in that person's words.

The library that checks shapes speaks English and likes to quote what it found.
"""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from .given.letters import looks_like, unlike
from .given.strict_yaml import Lines

Keys = tuple[str | int, ...]

_SHOWN = 60


def first_fault(error: ValidationError) -> dict[str, Any]:
    """The fault to speak of first, without the value that was found.

    A misspelt key is also a missing one: the misspelling is what the reader can see.
    """
    faults = every_fault(error)
    return next((f for f in faults if f["type"] == "extra_forbidden"), faults[0])


def every_fault(error: ValidationError) -> list[dict[str, Any]]:
    """All faults, without the values that were found."""
    return [dict(fault) for fault in error.errors(include_input=False, include_url=False)]


def explain(
    error: ValidationError,
    whole: str,
    raw: Any = None,
    lines: Lines | None = None,
    known: Collection[str] = (),
) -> str:
    """The first fault of a validation as one sentence: the line, the key, what was found, what may
    stand there.

    `whole` is what the reader calls the file when no key is to blame, `raw` and `lines` are the
    file as it was read, `known` are all its keys.
    """
    fault = first_fault(error)
    keys = keys_in(raw, fault["loc"])
    if fault["type"] == "union_tag_invalid":
        keys = (*keys, "method")
    line = f"строка {lines.of(keys)}, " if lines is not None and keys else ""
    return line + _sentence(fault, keys, whole, value_at(raw, keys), known)


def _sentence(
    fault: Mapping[str, Any], keys: Keys, whole: str, found: Any, known: Collection[str]
) -> str:
    where = dotted(keys) or whole
    seen = f"{kind(found)}; " if found is not ... and fault["type"].endswith("_type") else ""
    match fault["type"]:
        case "extra_forbidden":
            near = nearest(str(keys[-1]), known)
            return f"неизвестный ключ «{where}»{near}. Уберите его или исправьте опечатку."
        case "missing":
            return f"нет обязательного ключа «{where}». Добавьте его."
        case "json_invalid":
            return "запись не разбирается как JSON. Исправьте."
        case "enum" | "literal_error" | "union_tag_invalid":
            expected = fault["ctx"].get("expected") or fault["ctx"].get("expected_tags")
            allowed = re.findall(r"'([^']+)'", str(expected))
            if fault["loc"][-1] == "[key]":
                found = keys[-1]
            told = "" if found is ... else f"{_value(found)}, "
            near = nearest(found, allowed) if isinstance(found, str) and told else ""
            return f"«{where}»: {told}допустимы {', '.join(allowed)}{near}. Исправьте."
        case _:
            return f"«{where}»: {seen}{unfit(fault)}"


def unfit(fault: Mapping[str, Any]) -> str:
    """What is wrong with a value, wherever it stands."""
    if fault["type"] == "value_error":
        told = str(fault["ctx"]["error"])
        return told if told.endswith(".") else f"{told}."
    return f"{_SHAPES.get(fault['type'], 'значение не подходит')}. Исправьте."


def keys_in(raw: Any, place: Sequence[str | int]) -> Keys:
    """The keys of a file that lead to a fault, without what the library adds of its own."""
    keys: list[str | int] = []
    for number, part in enumerate(place):
        tag = isinstance(raw, dict) and part not in raw and number + 1 < len(place)
        if part != "[key]" and not tag:
            keys.append(part)
            raw = value_at(raw, (part,))
    return tuple(keys)


def value_at(raw: Any, keys: Keys) -> Any:
    """What stands there; `...` when nothing does."""
    for key in keys:
        try:
            raw = raw[key]
        except (LookupError, TypeError):
            return ...
    return raw


def dotted(keys: Keys) -> str:
    """Keys as a person would say them; an item of a list by its number from 1."""
    return ".".join(str(key + 1) if isinstance(key, int) else str(key) for key in keys)


def nearest(found: str, allowed: Collection[str]) -> str:
    """Which of them may have been meant, as the end of a sentence; nothing when none is near."""
    for one in allowed:
        if looks_like(found, one) and (letters := unlike(found, one)):
            return f"; буквы похожи, но не те же: {letters[0]}, а нужна {letters[1]}"
    near = difflib.get_close_matches(found, allowed, 1)
    return f"; похоже на «{near[0]}»" if near else ""


def quoted(found: object) -> str:
    """A value as it is told, not too much of it."""
    text = str(found)
    return f"«{text[:_SHOWN]}{'…' * (len(text) > _SHOWN)}»"


def _value(found: object) -> str:
    return f"найдено {quoted(found)}" if isinstance(found, str) else kind(found)


def kind(found: object) -> str:
    """A value by its kind."""
    return next((word for one, word in _KINDS if isinstance(found, one)), "здесь другое")


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "здесь ничего нет"),
    (bool, "здесь да или нет без кавычек"),
    ((int, float), "здесь число"),
    (str, "здесь строка"),
    (list, "здесь список"),
    (Mapping, "здесь таблица ключей"),
    (datetime.date, "здесь дата"),
)

_SHAPES = {
    "string_type": "нужна строка (возьмите значение в кавычки)",
    "string_too_short": "строка пуста",
    "string_pattern_mismatch": "нужны 16 латинских букв и цифр",
    "list_type": "нужен список",
    "tuple_type": "нужен список",
    "dict_type": "нужна таблица ключей",
    "model_type": "нужна таблица ключей",
    "model_attributes_type": "нужна таблица ключей",
    "path_type": "нужен путь к файлу",
    "is_instance_of": "нужна строка в кавычках",
    "dataclass_type": "нужна строка в кавычках",
}
"""What a value must look like, by pydantic's kinds of errors."""
