"""Finding controls: `locators.yaml` made into Playwright locators that match exactly one thing."""

from __future__ import annotations

import re
from functools import cache, reduce
from importlib.resources import files
from typing import Literal, Self

import yaml
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from pydantic import BaseModel, ConfigDict, model_validator

from sigex_runbook.access import AccessBlock
from sigex_runbook.errors import ControlNotFound

Role = Literal[
    "alert", "alertdialog", "banner", "button", "checkbox", "group", "heading", "link", "list",
    "main", "menuitem", "region", "switch", "tab",
]  # fmt: skip

Control = Literal[
    "sign_in_icon", "menu_icon", "organisation_settings_item", "access_control_link",
    "block_header", "information_system_list", "checkbox", "save_button", "settings_heading",
    "sign_button", "sign_out", "message",
]  # fmt: skip

_NEAREST = 5


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


class Locators(_Strict):
    """The whole file."""

    callouts: dict[int, Control]
    controls: dict[Control, _Entry]
    blocks: dict[AccessBlock, str]

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
    name: str,
    *,
    timeout_ms: float,
    words: dict[str, str] | None = None,
) -> Locator:
    """The one visible element of a control, waited for.

    `name` is what an operator calls it. Raises ControlNotFound when there is none (naming similar
    ones) or more than one.
    """
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
        raise ControlNotFound(
            f"{name}: не найдено на странице{_similar(scope, control)}. "
            "Сравните страницу с инструкцией: возможно, сервис изменился."
        ) from None
    for locator in locators:
        count = locator.count()
        if count == 1:
            return locator
        if count > 1:
            raise ControlNotFound(
                f"{name}: на странице таких {count}, а должно быть одно; ничего не нажато. "
                "Сравните страницу с инструкцией: возможно, сервис изменился."
            )
    raise ControlNotFound(f"{name}: исчезло со страницы, едва появившись. Повторите запуск.")


def present(scope: Page | Locator, control: Control, words: dict[str, str] | None = None) -> bool:
    """Whether a control is to be seen right now; waits for nothing."""
    return any(
        candidate.locate(scope, words or {}).count() > 0
        for candidate in load_locators().controls[control].candidates
    )


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


def _similar(scope: Page | Locator, control: Control) -> str:
    """Names of visible controls of the same roles, for the message; best effort."""
    roles = [role for c in load_locators().controls[control].candidates for role in c.roles]
    names: list[str] = []
    for role in dict.fromkeys(roles):
        try:
            texts = scope.get_by_role(role).filter(visible=True).all_inner_texts()
        except PlaywrightError:
            return ""
        names += [folded for text in texts if (folded := " ".join(text.split())[:60])]
    unique = list(dict.fromkeys(names))[:_NEAREST]
    return f" (похожие: {'; '.join(f'«{n}»' for n in unique)})" if unique else ""
