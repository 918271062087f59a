"""Texts of a page without private data: a probe is made to be shown to others. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sigex_runbook.core.organisation import Bin
from sigex_runbook.evidence.privacy.redaction import Redactor

_TWELVE = re.compile(r"\d{12}")
_SHORTEST = 3


class Cleaning:
    """Takes numbers of twelve digits, secrets and the employee's names out of texts."""

    def __init__(self, organisation: Bin) -> None:
        self._redactor = Redactor(organisation)
        self._names: dict[str, str] = {}

    def knows(self, names: Iterable[str]) -> None:
        """Names that must not be told: the person's, then the organisation's."""
        words = ("[имя вошедшего]", "[организация]")
        for name, word in zip(names, words, strict=False):
            parts = [name, *name.split()] if word == words[0] else [name]
            for part in parts:
                if len(part) >= _SHORTEST:
                    self._names[part] = word

    def text(self, text: str) -> str:
        """The text without them."""
        text = self._redactor.text(text)
        for name in sorted(self._names, key=len, reverse=True):
            text = re.sub(
                rf"(?<!\w){re.escape(name)}(?!\w)", self._names[name], text, flags=re.IGNORECASE
            )
        return _TWELVE.sub("[12 цифр]", text)

    def private(self, text: str) -> bool:
        """Whether a text holds any of it."""
        return self.text(text) != text

    def value(self, value: Any) -> Any:
        """The same for a JSON value, deep."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {self.text(str(key)): self.value(one) for key, one in value.items()}
            case list() | tuple():
                return [self.value(one) for one in value]
            case _:
                return value
