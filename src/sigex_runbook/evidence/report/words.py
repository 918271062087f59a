"""The report's own words in one language, and what recorded Russian sentences say in it, from data
files beside this module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from markupsafe import Markup

from sigex_runbook.core.guide import Text
from sigex_runbook.core.messages import form, reading

LANGUAGES = ("ru", "kk", "en")
_RECORDED = "ru"
"""The language of what was recorded: steps, refusals, the guide's own wording."""


class Words:
    """Texts by dotted name. Make one with `words`."""

    def __init__(self, language: str, texts: Mapping[str, str], steps: Mapping[str, str]) -> None:
        """`steps` are the features' sentences by their form."""
        self.language = language
        self.texts = texts
        self._steps = steps

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
        if self.language == _RECORDED:
            return None
        shape, values = form(text)
        step = self._steps.get(shape)
        return reading(text, self.language) if step is None else step.format(*values)

    def read(self, text: str, shown: str | None = None) -> Markup:
        """What was recorded, as it is or as it is to be shown, and below it what it says."""
        return self._beside(self.quote(shown or text), self.reading(text))

    def read_guide(self, text: Text, shown: str | None = None) -> Markup:
        """The guide's own words, and below them what they say."""
        said = None if self.language == _RECORDED else self.of(text)
        return self._beside(self.quote(shown or text.ru), said)

    @staticmethod
    def _beside(quoted: Markup, said: str | None) -> Markup:
        if said is None:
            return quoted
        return quoted + Markup('<br><span class="reading">{}</span>').format(said)


@cache
def words(language: str) -> Words:
    """The report's words. Raises KeyError for a language that there is none for."""
    if language not in LANGUAGES:
        raise KeyError(language)
    steps = {step["ru"]: step[language] for step in _file("steps.yaml")}
    return Words(language, dict(_flat("", _file("texts", f"{language}.yaml"))), steps)


def _file(*place: str) -> Any:
    return yaml.safe_load(files(__package__).joinpath(*place).read_text(encoding="utf-8"))


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}.{key}" if prefix else str(key), item)
    else:
        yield prefix, str(value).strip()
