"""The one author of bytes that are hashed: RFC 8785 canonical JSON."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, NoReturn

import rfc8785

from sigex_runbook.core.organisation import Bin

_FOUR_BYTES = re.compile(rb"[\xf0-\xff]")
_COMMON_DIGITS = 15
_COMMON_NUMBERS = 10**_COMMON_DIGITS
_DEEPEST = 100
"""Of lists and objects in one another; what goes deeper could not be walked by its readers."""


class NotCanonical(ValueError):
    """Bytes that are JSON, but not as the one serialiser writes them."""


class NotJson(NotCanonical):
    """Bytes that are no JSON at all."""


class DuplicateKey(NotCanonical):
    """An object that names one key twice: two readers may take two meanings from it."""


def plain(value: Any) -> Any:
    """The value in JSON's own types: dataclasses become objects, tuples lists, enums their values.

    A `Bin` becomes its digits. Raises TypeError for what JSON cannot hold, a key that is no text,
    and two keys that would become one.
    """
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | float() | str():
            return value
        case Bin():
            return value.text
        case list() | tuple():
            return [plain(item) for item in value]
        case Mapping():
            return _plain_mapping(value)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        case _:
            raise TypeError(f"{type(value).__name__} has no place in canonical JSON")


def _plain_mapping(value: Mapping[Any, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, item in value.items():
        name = plain(key)
        if not isinstance(name, str):
            raise TypeError(f"key {key!r} is not text")
        if name in result:
            raise TypeError(f"key {name!r} stands twice")
        result[name] = plain(item)
    return result


def canonical_json(value: Any) -> bytes:
    """The RFC 8785 bytes of a value, without a final line break.

    Raises TypeError (see `plain`) or ValueError for a number that JSON cannot carry exactly.
    """
    value = plain(value)
    if _is_common(value) and not _FOUR_BYTES.search(data := _common(value)):
        return data
    return rfc8785.dumps(value)


def read_canonical(data: bytes) -> Any:
    """The value whose canonical bytes these are, exactly.

    Raises NotJson, also for lists in lists beyond all reason, DuplicateKey, or NotCanonical when
    encoding the value again gives other bytes.
    """
    uncommon = _FOUR_BYTES.search(data) is not None

    def number(text: str, read: Callable[[str], Any]) -> Any:
        nonlocal uncommon
        uncommon = uncommon or len(text) > _COMMON_DIGITS or not text.isdecimal()
        return read(text)

    try:
        value = json.loads(
            data,
            object_pairs_hook=_once,
            parse_constant=_refuse,
            parse_int=lambda text: number(text, int),
            parse_float=lambda text: number(text, float),
        )
    except DuplicateKey:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJson("это не JSON") from error
    try:
        again = rfc8785.dumps(value) if uncommon else _common(value)
    except (ValueError, TypeError, RecursionError) as error:
        raise NotCanonical("такого числа или текста в записи RFC 8785 быть не может") from error
    if again != data:
        raise NotCanonical("байты не те, что пишет RFC 8785")
    if data.count(b"[") + data.count(b"{") > _DEEPEST and _depth(value) > _DEEPEST:
        raise NotJson("списки и объекты вложены слишком глубоко")
    return value


def _depth(value: Any) -> int:
    """How many lists and objects lie in one another."""
    depth, layer = 0, [value]
    while layer := [one for one in layer if isinstance(one, list | dict)]:
        depth += 1
        layer = [
            inner
            for outer in layer
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
    return depth


def _is_common(value: Any) -> bool:
    """Whether no number in it is one that two writers may write in two ways."""
    match value:
        case None | bool() | str():
            return True
        case int():
            return bool(abs(value) < _COMMON_NUMBERS)
        case list():
            return all(map(_is_common, value))
        case dict():
            return all(map(_is_common, value.values()))
    return False


def _common(value: Any) -> bytes:
    """RFC 8785 of what is read most: short whole numbers, and no letter whose place among keys
    depends on how it is encoded. Python's own writer gives the same, ten times quicker."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise DuplicateKey("один ключ указан дважды")
    return value


def _refuse(word: str) -> NoReturn:
    raise NotJson(f"{word} — не JSON")


def sha256_hex(data: bytes) -> str:
    """SHA-256 of the bytes as lower-case hex."""
    return hashlib.sha256(data).hexdigest()
