"""The report's own words in one language, from a data file beside this module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from markupsafe import Markup

LANGUAGES = ("ru", "kk", "en")
_RECORDED = "ru"
"""The language of what was recorded: steps, refusals, the guide's own wording."""


class Words:
    """Texts by dotted name. Make one with `words`."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self.texts = texts

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


@cache
def words(language: str) -> Words:
    """The report's words. Raises KeyError for a language that there is none for."""
    if language not in LANGUAGES:
        raise KeyError(language)
    text = files(__package__).joinpath("texts", f"{language}.yaml").read_text(encoding="utf-8")
    return Words(language, dict(_flat("", yaml.safe_load(text))))


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), item)
    else:
        yield prefix, str(value).strip()
