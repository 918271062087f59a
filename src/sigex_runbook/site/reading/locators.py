"""Locators: by what meaning a control is known, and what an operator says instead.

What ships lies in `locators.yaml`. An operator's file names only what differs; a control that it
names is looked for in that way alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from sigex_runbook.core.access import AccessBlock

Control = Literal[
    "sign_in_icon", "menu_icon", "organisation_settings_item", "access_control_link",
    "block_header", "information_system_list", "checkbox", "save_button", "sign_button", "sign_out",
]  # fmt: skip

Pointed = Literal[
    "sign_in_icon", "sign_button", "menu_icon", "organisation_settings_item",
    "access_control_link", "save_button",
]  # fmt: skip
"""Controls that an operator may point at; blocks and boxes have keys of their own."""

Text = Annotated[str, Field(min_length=1, max_length=500)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Meaning(_Strict):
    """What is known of a control: its names, its words, its icons, where it belongs."""

    called: str = ""
    exact: tuple[str, ...] = ()
    words: str = ""
    icons: str = ""
    never: str = ""
    at: Literal["header", "content", ""] = ""


class Meanings(_Strict):
    """The file that ships."""

    callouts: dict[int, Control]
    controls: dict[Control, Meaning]
    features: dict[str, str]
    blocks: dict[str, tuple[str, ...]]
    lists: dict[Literal["authorities", "employees", "systems"], str]
    parts: str
    authorities: dict[str, str]


class Pointer(_Strict):
    """How an operator points at a control: all that is given must hold for exactly one element.

    `css` is a CSS selector; `name` is its whole name on the page, or a regular expression between
    slashes that its name must hold.
    """

    css: Text | None = Field(None, description="CSS-селектор элемента")
    name: Text | None = Field(None, description="подпись элемента целиком или /выражение/")

    def fits_name(self, names: tuple[str, ...], bares: tuple[str, ...]) -> bool:
        """Whether one of an element's names is the one that is meant."""
        from .names import bare

        if self.name is None:
            return True
        if len(self.name) > 2 and self.name.startswith("/") and self.name.endswith("/"):
            return any(pattern(self.name[1:-1]).search(name) for name in (*names, *bares))
        return bare(self.name) in bares


class BlockPointer(_Strict):
    """An access block: its header, and the part of the page that lists its systems."""

    header: Pointer | None = Field(None, description="заголовок, который раскрывает блок")
    list: Pointer | None = Field(None, description="часть страницы с галочками ИС этого блока")


class Answer(_Strict):
    """What to answer when the page asks: a button's name; «да» or «нет» to the browser's own."""

    question: Text = Field(description="слова вопроса или /выражение/")
    answer: Text = Field(description="кнопка, которую нажать; окну браузера: да или нет")


class Overrides(_Strict):
    """An operator's file: only what differs from what ships."""

    controls: dict[Pointed, Pointer] = Field({}, description="элементы страницы")
    blocks: dict[AccessBlock, BlockPointer] = Field({}, description="блоки контроля доступа")
    answers: tuple[Answer, ...] = Field((), description="ответы на вопросы страницы")

    @property
    def selectors(self) -> tuple[str, ...]:
        """Every CSS selector of the file, once."""
        pointers = [
            *self.controls.values(),
            *(one for block in self.blocks.values() for one in (block.header, block.list) if one),
        ]
        return tuple(dict.fromkeys(one.css for one in pointers if one.css is not None))

    def answer_to(self, question: str) -> str | None:
        """What the operator answers to these words of the page; None when he says nothing."""
        from .names import plain

        for one in self.answers:
            told = one.question
            if len(told) > 2 and told.startswith("/") and told.endswith("/"):
                if pattern(told[1:-1]).search(question):
                    return one.answer
            elif plain(told) in plain(question):
                return one.answer
        return None


NONE = Overrides()


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A pattern of the file, letters large or small alike."""
    return re.compile(text, re.IGNORECASE)


class Locators:
    """What ships, with an operator's overrides over it."""

    def __init__(self, meanings: Meanings, overrides: Overrides = NONE) -> None:
        self.meanings = meanings
        self.overrides = overrides

    @cached_property
    def wanted_features(self) -> Mapping[str, frozenset[str]]:
        """What each block is about, the guide's four and their neighbours."""
        return {name: frozenset(about) for name, about in self.meanings.blocks.items()}


@cache
def meanings() -> Meanings:
    """Read what ships with the package."""
    text = files(__package__).joinpath("locators.yaml").read_text(encoding="utf-8")
    return Meanings.model_validate(yaml.safe_load(text))
