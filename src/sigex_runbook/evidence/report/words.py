"""The report's own words in one language, and what recorded Russian sentences say in it, from data
files beside this module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from markupsafe import Markup

LANGUAGES = ("ru", "kk", "en")
_RECORDED = "ru"
"""The language of what was recorded: steps, refusals, the guide's own wording."""

_VALUE = re.compile(r"(?<=«)[^»]*(?=»)|\d+")
"""What differs between sentences that say the same."""


class Words:
    """Texts by dotted name. Make one with `words`."""

    def __init__(
        self, language: str, texts: Mapping[str, str], readings: Mapping[str, str]
    ) -> None:
        self.language = language
        self.texts = texts
        self.readings = readings

    def __call__(self, name: str, /, **values: object) -> str:
        """The text with its places filled. Raises KeyError for a name that does not exist."""
        return self.texts[name].format(**values)

    def of(self, text: Any) -> str:
        """The guide's text in this language."""
        return str(getattr(text, self.language))

    def number(self, value: float) -> str:
        """A number with this language's decimal mark."""
        return str(value) if self.language == "en" else str(value).replace(".", ",")

    def quote(self, text: str) -> Markup:
        """What was recorded, word for word, marked as the language that it is in."""
        if self.language == _RECORDED:
            return Markup("{}").format(text)
        return Markup('<span lang="{}">{}</span>').format(_RECORDED, text)

    def reading(self, text: str) -> str | None:
        """What a recorded sentence says, in this language; None where it is not known."""
        known = self.readings.get(_VALUE.sub("{}", text))
        return None if known is None else known.format(*_VALUE.findall(text))

    def read(self, text: str, shown: str | None = None) -> Markup:
        """What was recorded, as it is or as it is to be shown, and below it what it says."""
        quoted, reading = self.quote(shown or text), self.reading(text)
        if reading is None:
            return quoted
        return quoted + Markup('<br><span class="reading">{}</span>').format(reading)


@cache
def words(language: str) -> Words:
    """The report's words. Raises KeyError for a language that there is none for."""
    if language not in LANGUAGES:
        raise KeyError(language)
    readings = {} if language == _RECORDED else _file("readings", language)
    return Words(language, dict(_flat("", _file("texts", language))), readings)


def _file(folder: str, language: str) -> Any:
    text = files(__package__).joinpath(folder, f"{language}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), item)
    else:
        yield prefix, str(value).strip()
