"""Locators: by what meaning a control is known, and what an operator says instead.

What ships lies in `locators.yaml`. An operator's file names only what differs; a control that it
names is looked for in that way alone.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.core.given.strict_yaml import NotYaml, read_yaml
from sigex_runbook.core.given.text import NotText, read_text
from sigex_runbook.core.validation import explain, quoted

from .names import bare, plain

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


def fault_of(written: str) -> str | None:
    """What is wrong with a regular expression; None when nothing is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python may read otherwise
            pattern(written)
    except re.error as error:
        place = "" if error.pos is None else f", знак {error.pos + 1}"
        told = next((ru for en, ru in _REASONS if en in error.msg), "запись не разбирается")
        return f"не регулярное выражение: {told}{place}"
    except (OverflowError, RecursionError):
        return "слишком сложное регулярное выражение"
    return None


_REASONS = (
    ("unterminated character set", "скобка [ не закрыта"),
    ("unterminated subpattern", "скобка ( не закрыта"),
    ("unbalanced parenthesis", "лишняя скобка )"),
    ("nothing to repeat", "повторять нечего"),
    ("multiple repeat", "повтор повтора"),
    ("bad escape", "такого знака после \\ не бывает"),
)


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A pattern of the file, letters large or small alike."""
    return re.compile(text, re.IGNORECASE)


def _expression(text: str) -> str:
    if fault := fault_of(text):
        raise ValueError(f"{quoted(text)} — {fault}")
    return text


Expression = Annotated[str, AfterValidator(_expression)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Meaning(_Strict):
    """What is known of a control: its names, its words, its icons, where it belongs; `weak` words
    count when nothing bears the others, the `surest` before all others."""

    called: str = ""
    exact: tuple[str, ...] = ()
    words: Expression = ""
    surest: Expression = ""
    weak: Expression = ""
    icons: Expression = ""
    never: Expression = ""
    at: Literal["header", "content", ""] = ""


class Meanings(_Strict):
    """The file that ships."""

    callouts: dict[int, Control]
    controls: dict[Control, Meaning]
    features: dict[str, Expression]
    blocks: dict[str, tuple[str, ...]]
    lists: dict[Literal["authorities", "employees", "systems"], Expression]
    parts: Expression
    authorities: dict[str, str]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        for what, wanted, there in (
            ("controls", get_args(Control), self.controls),
            ("callouts", range(1, 14), self.callouts),
            ("blocks", AccessBlock, self.blocks),
            ("features", {about for told in self.blocks.values() for about in told}, self.features),
        ):
            if lacking := [str(one) for one in wanted if one not in there]:
                raise ValueError(f"в {what} нет {', '.join(sorted(lacking))}")
        return self


class _Told(_Strict):
    """Something of which at least one thing must be told."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if all(told is None for _, told in self):
            raise ValueError("указание пусто")
        return self


class Pointer(_Told):
    """How an operator points at a control: all that is given must hold for exactly one element.

    `css` is a CSS selector; `name` is its whole name on the page, or a regular expression between
    slashes that its name must hold.
    """

    css: Text | None = Field(None, description="CSS-селектор элемента")
    name: Text | None = Field(None, description="подпись элемента целиком или /выражение/")

    def fits_name(self, names: tuple[str, ...], bares: tuple[str, ...]) -> bool:
        """Whether one of an element's names is the one that is meant."""
        if self.name is None:
            return True
        if (inner := expression(self.name)) is not None:
            return any(pattern(inner).search(name) for name in (*names, *bares))
        return bare(self.name) in bares


class BlockPointer(_Told):
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
    def pointers(self) -> dict[tuple[str, ...], Pointer]:
        """Every pointer by its keys in the file, in one order."""
        found: dict[tuple[str, ...], Pointer] = {
            ("controls", name): one for name, one in sorted(self.controls.items())
        }
        for block, told in sorted(self.blocks.items()):
            for name, one in (("header", told.header), ("list", told.list)):
                if one is not None:
                    found["blocks", str(block), name] = one
        return found

    @property
    def selectors(self) -> tuple[str, ...]:
        """Every CSS selector of the file, once."""
        found = (one.css for one in self.pointers.values() if one.css is not None)
        return tuple(dict.fromkeys(found))

    def answer_to(self, question: str) -> str | None:
        """What the operator answers to these words of the page; None when he says nothing."""
        for one in self.answers:
            inner = expression(one.question)
            if inner is not None:
                if pattern(inner).search(question):
                    return one.answer
            elif plain(one.question) in plain(question):
                return one.answer
        return None


NONE = Overrides()


def expression(text: str) -> str | None:
    """The regular expression that an operator wrote between slashes; None for other words."""
    inside = len(text) > 2 and text.startswith("/") and text.endswith("/")
    return text[1:-1] if inside else None


class Locators:
    """What ships, with an operator's overrides over it."""

    def __init__(self, meanings: Meanings, overrides: Overrides = NONE) -> None:
        self.meanings = meanings
        self.overrides = overrides

    @cached_property
    def wanted_features(self) -> Mapping[str, frozenset[str]]:
        """What each block is about, the guide's four and their neighbours."""
        return {name: frozenset(about) for name, about in self.meanings.blocks.items()}

    @cached_property
    def blocks_named(self) -> dict[str, str | None]:
        """The block of each name that one was looked for in: names are few and read at every
        look."""
        return {}


_KEYS = {*get_args(Control), *Meanings.model_fields, *Meaning.model_fields}


@cache
def meanings() -> Meanings:
    """Read what ships with the package: people do edit it. Raises EnvironmentMissing with the file,
    the line and the key."""
    path = Path(str(files("sigex_runbook.site").joinpath("locators.yaml")))
    try:
        raw, lines = read_yaml(read_text(path))
        return Meanings.model_validate(raw)
    except (FileNotFoundError, NotText, NotYaml) as error:
        told = "его нет" if isinstance(error, OSError) else str(error)
    except ValidationError as error:
        told = explain(error, "файл", raw, lines, _KEYS)
    raise EnvironmentMissing(
        f"Файл программы «{path}»: {told.removesuffix('.')}. Верните его в исходный вид, а своё "
        "укажите в файле для --locators."
    )
