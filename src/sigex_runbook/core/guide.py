"""The guide as data: eight sections, thirteen callouts, read from `guide.yaml`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from .access import AccessBlock

Action = Literal["click", "expand", "tick", "save"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Strict):
    """One text in the three languages of the service; Russian is the source."""

    ru: str
    kk: str
    en: str


class Callout(_Strict):
    """One of the guide's numbered marks (1)-(13): control, action, and the guide's own words."""

    number: int
    action: Action
    control: Text
    wording: Text


class Section(_Strict):
    """One of the guide's eight numbered sections; `block` names its access block in 4-7."""

    number: int
    title: Text
    wording: Text
    callouts: tuple[Callout, ...]
    block: AccessBlock | None = None


class Published(_Strict):
    """Where the guide itself stands and of what date it is, as far as its owner has said so."""

    address: str | None
    dated: date | None


class _File(_Strict):
    title: Text
    published: Published
    held: date
    introduction: Text
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """The whole guide. Sections and callouts are found by the guide's own numbers.

    `held` is the day of the text that this project holds, `sha256` that of the file it stands in.
    """

    title: Text
    published: Published
    held: date
    sha256: str
    introduction: Text
    sections: tuple[Section, ...]

    def section(self, number: int) -> Section:
        """The section of that number (1-8). Raises KeyError for another."""
        for section in self.sections:
            if section.number == number:
                return section
        raise KeyError(f"the guide has no section {number}")

    def section_of(self, callout: int) -> Section:
        """The section that holds that callout (1-13). Raises KeyError for another."""
        for section in self.sections:
            if any(mark.number == callout for mark in section.callouts):
                return section
        raise KeyError(f"the guide has no callout {callout}")

    def callout(self, number: int) -> Callout:
        """The callout of that number (1-13). Raises KeyError for another."""
        return next(mark for mark in self.section_of(number).callouts if mark.number == number)

    def section_for(self, block: AccessBlock) -> Section:
        """The section that is about that access block."""
        return next(section for section in self.sections if section.block is block)


@cache
def load_guide() -> Guide:
    """Read the guide that ships with the package."""
    text = files(__package__).joinpath("texts", "guide.yaml").read_text(encoding="utf-8")
    parsed = _File.model_validate(yaml.safe_load(text))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Guide(
        parsed.title,
        parsed.published,
        parsed.held,
        digest,
        parsed.introduction,
        parsed.sections,
    )
