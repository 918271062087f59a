"""Finding controls: `locators.yaml` made into Playwright locators that match exactly one thing."""

from __future__ import annotations

import re
from functools import cache, reduce
from importlib.resources import files
from typing import Literal, Self, get_args

import yaml
from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from pydantic import BaseModel, ConfigDict, model_validator

from sigex_runbook.core.access import AccessBlock

from .drift import Way

Role = Literal[
    "alert", "alertdialog", "banner", "button", "checkbox", "dialog", "group", "heading", "link",
    "list", "main", "menuitem", "navigation", "region", "switch", "tab", "table",
]  # fmt: skip

Control = Literal[
    "sign_in_icon", "menu_icon", "organisation_settings_item", "access_control_link",
    "block_header", "information_system_list", "checkbox", "save_button", "settings_heading",
    "sign_button", "sign_out", "message", "dialogue", "expandable",
]  # fmt: skip


class NotOne(Exception):
    """A control is not there exactly once: there are `count` of it, or it is not there at all."""

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Candidate(_Strict):
    """One way to find a control: by role and name, or by CSS and text, within a landmark or not."""

    within: Role | None = None
    roles: tuple[Role, ...] = ()
    name: str | None = None
    css: str | None = None
    text: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.roles) == (self.css is not None):
            raise ValueError("give either roles or css")
        return self

    def locate(self, scope: Page | Locator, words: dict[str, str]) -> Locator:
        """The visible elements that this candidate means; `words` fill the pattern's braces."""
        root = scope.get_by_role(self.within) if self.within else scope
        if self.css is not None:
            found = root.locator(self.css)
            if self.text is not None:
                found = found.filter(has_text=_pattern(self.text, words))
        else:
            name = _pattern(self.name, words) if self.name else None
            found = reduce(
                Locator.or_,
                (
                    root.get_by_role(role, name=name) if name else root.get_by_role(role)
                    for role in self.roles
                ),
            )
        return found.filter(visible=True)


class _Entry(_Strict):
    candidates: tuple[Candidate, ...]
    called: str = ""


class Locators(_Strict):
    """The whole file."""

    callouts: dict[int, Control]
    controls: dict[Control, _Entry]
    blocks: dict[AccessBlock, str]
    neighbours: str

    @model_validator(mode="after")
    def _complete(self) -> Self:
        missing = set(AccessBlock) - set(self.blocks)
        if missing:
            raise ValueError(f"no words for the blocks {sorted(missing)}")
        return self


@cache
def load_locators() -> Locators:
    """Read the locators that ship with the package."""
    text = files(__package__).joinpath("locators.yaml").read_text(encoding="utf-8")
    return Locators.model_validate(yaml.safe_load(text))


def _pattern(pattern: str, words: dict[str, str]) -> re.Pattern[str]:
    """Compile; Playwright takes flags from the object, not from an inline group."""
    for word, value in words.items():
        pattern = pattern.replace("{" + word + "}", value)
    ignore_case = "(?i)" in pattern
    return re.compile(pattern.replace("(?i)", ""), re.IGNORECASE if ignore_case else 0)


def exact(text: str) -> str:
    """A pattern for a text as it stands, white space folded as accessible names fold it.

    Playwright writes the pattern between slashes into a selector that it then parses: a slash, a
    quote or «>>» of the text would end it early there. So everything but letters, digits and
    underscores stands as its code, which Python and JavaScript read alike; beyond the first 65536
    characters only a character itself is read alike, and none of those is special.
    """
    return r"\s+".join("".join(map(_literally, part)) for part in text.split())


_CODES = 0x10000


def _literally(character: str) -> str:
    if character.isalnum() or character == "_" or ord(character) >= _CODES:
        return character
    return f"\\u{ord(character):04x}"


def resolve(
    scope: Page | Locator,
    control: Control,
    *,
    timeout_ms: float,
    words: dict[str, str] | None = None,
) -> Locator:
    """The one visible element of a control, waited for. Raises NotOne."""
    locators = [
        candidate.locate(scope, words or {})
        for candidate in load_locators().controls[control].candidates
    ]
    if locators[0].count() == 1:
        return locators[0]  # the usual case, in one question to the page
    anything = reduce(Locator.or_, locators)
    try:
        anything.first.wait_for(state="visible", timeout=timeout_ms)
    except PlaywrightTimeout:
        raise NotOne(0) from None
    for locator in locators:
        count = locator.count()
        if count == 1:
            return locator
        if count > 1:
            raise NotOne(count)
    raise NotOne(0)  # it has gone again


def ways(control: Control, words: dict[str, str] | None = None) -> tuple[Way, ...]:
    """The ways to know a control in a page's description: those by role or tag, and name."""
    return tuple(
        Way(candidate.roles or ("button",), _pattern(name, words or {}), candidate.within)
        for candidate in load_locators().controls[control].candidates
        if (name := candidate.name or candidate.text)
    )


def other_ways(control: Control, words: dict[str, str] | None = None) -> tuple[Way, ...]:
    """The ways to know what is not this control: the others, and neighbours of no concern."""
    own = ways(control, words)
    phrases = [{"phrase": phrase} for phrase in load_locators().blocks.values()]
    others = [
        way
        for other in get_args(Control)
        for filled in (phrases if other == "block_header" else [{}])
        if other != "checkbox"
        for way in ways(other, filled)
    ]
    roles = tuple(dict.fromkeys(role for way in own for role in way.roles))
    neighbour = Way(roles, _pattern(load_locators().neighbours, {}))
    return (*(way for way in others if way not in own), neighbour)


def present(scope: Page | Locator, control: Control, words: dict[str, str] | None = None) -> bool:
    """Whether a control is to be seen right now; waits for nothing."""
    return any(
        candidate.locate(scope, words or {}).count() > 0
        for candidate in load_locators().controls[control].candidates
    )


def texts(scope: Page, control: Control) -> list[str]:
    """What every visible element of a control says right now."""
    return [
        " ".join(text.split())
        for candidate in load_locators().controls[control].candidates
        for text in candidate.locate(scope, {}).all_inner_texts()
    ]


def either(scope: Page, *controls: Control) -> Locator:
    """Whichever of several controls is seen, to wait for."""
    return reduce(
        Locator.or_,
        (
            candidate.locate(scope, {})
            for control in controls
            for candidate in load_locators().controls[control].candidates
        ),
    ).first


def any_block(scope: Page) -> Locator:
    """The header of whichever access block is seen first."""
    return reduce(
        Locator.or_,
        (
            candidate.locate(scope, {"phrase": phrase})
            for phrase in load_locators().blocks.values()
            for candidate in load_locators().controls["block_header"].candidates
        ),
    ).first


def blocks_but(scope: Page, block: AccessBlock) -> Locator:
    """The headers of the other access blocks."""
    return reduce(
        Locator.or_,
        (
            candidate.locate(scope, {"phrase": phrase})
            for other, phrase in load_locators().blocks.items()
            for candidate in load_locators().controls["block_header"].candidates
            if other is not block
        ),
    )
