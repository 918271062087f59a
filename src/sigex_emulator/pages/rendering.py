"""Turns templates and texts into pages.

A template holds `[[key]]` for a text in the page's language, which is escaped, and `{{name}}` for
a piece of HTML that the caller made. A key or name that is missing is a mistake of ours and raises
KeyError when the page is asked for.
"""

from __future__ import annotations

import html
import json
import re
from functools import cache
from importlib import resources
from typing import Literal, get_args

Language = Literal["ru", "kk", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
"""Russian is the default and has no prefix in addresses (sigex-facts 2.1, K(S3, S18))."""

_PLACE = re.compile(r"\[\[([\w.-]+)\]\]|\{\{(\w+)\}\}")
_FILES = resources.files("sigex_emulator.pages")


@cache
def texts(language: Language, skin: str = "plain") -> dict[str, str]:
    """Return every text in a language, in a skin's own wording where it has one.

    One that is not translated yet is Russian.
    """
    own: dict[str, str] = json.loads(_read(f"texts/{language}.json"))
    common = own if language == "ru" else {**texts("ru"), **own}
    if not _exists(f"skins/{skin}/texts.json"):
        return common
    return {**common, **json.loads(_read(f"skins/{skin}/texts.json"))[language]}


def render(template: str, in_language: Language, skin: str, /, **pieces: str) -> str:
    """Return the template, the skin's own one if it has it, with its places filled."""
    known = texts(in_language, skin)
    own = f"skins/{skin}/{template}.html"

    def fill(place: re.Match[str]) -> str:
        key, name = place.groups()
        return html.escape(known[key]) if key else pieces[name]

    return _PLACE.sub(fill, _read(own if _exists(own) else f"templates/{template}.html"))


@cache
def static_file(name: str, skin: str | None = None) -> bytes | None:
    """Return a style sheet or a script by its bare name, None when there is no such file."""
    file = _FILES.joinpath("skins", skin, name) if skin else _FILES.joinpath("static", name)
    return file.read_bytes() if re.fullmatch(r"[\w-]+\.\w+", name) and file.is_file() else None


@cache
def _exists(name: str) -> bool:
    return _FILES.joinpath(*name.split("/")).is_file()


@cache
def _read(name: str) -> str:
    return _FILES.joinpath(*name.split("/")).read_text(encoding="utf-8")
