"""Sentences that a run records, by code, from `messages.yaml`: said in Russian, read in others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from .guide import Text

_NAME = re.compile(r"\{(\w+)\}")
_VALUE = re.compile(r"(?<=«)[^»]*(?=»)|\d+")
"""What differs between sentences that say the same: names and numbers."""


def say(code: str, **values: object) -> str:
    """The sentence as it is recorded. Raises KeyError for a code or a value that is missing."""
    return catalogue()[code].ru.format(**values)


def form(sentence: str) -> tuple[str, tuple[str, ...]]:
    """A sentence with its names and numbers taken out, and these in their order."""
    return _VALUE.sub("{}", sentence), tuple(_VALUE.findall(sentence))


def reading(sentence: str, language: str) -> str | None:
    """What a recorded sentence says in `kk` or `en`; None when it is none of the catalogue's."""
    shape, values = form(sentence)
    text = _by_form().get(shape)
    if text is None:
        return None
    named = dict(zip(_NAME.findall(text.ru), values, strict=True))
    return str(getattr(text, language).format(**named))


@cache
def catalogue() -> Mapping[str, Text]:
    """Every sentence by its code, such as `approval_fault.late`."""
    text = files(__package__).joinpath("texts", "messages.yaml").read_text(encoding="utf-8")
    rooms = TypeAdapter(dict[str, dict[str, Text]]).validate_python(yaml.safe_load(text))
    return {f"{room}.{name}": one for room, texts in rooms.items() for name, one in texts.items()}


@cache
def _by_form() -> Mapping[str, Text]:
    return {_NAME.sub("{}", text.ru): text for text in catalogue().values()}
