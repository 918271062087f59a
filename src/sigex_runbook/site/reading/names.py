"""Names as they are compared: what a person reads as the same counts as the same. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_UNSEEN = {"Cf", "Co", "Cn", "Cc"}
"""Categories of characters without a meaning to read: soft hyphens and other formats, glyphs that
an icon font puts into the private use area."""

_REMEMBERED = 4096
"""Names are few and read again at every look at a page."""

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_COUNTS = re.compile(r"\s*[(\[]?\d+(\s*(/|из|of)\s*\d+)?[)\]]?$")


@lru_cache(_REMEMBERED)
def shown(text: str) -> str:
    """A text as it is told to people: NFC, white space once, nothing unseen."""
    kept = (
        " " if one.isspace() else one
        for one in unicodedata.normalize("NFC", text)
        if one.isspace() or unicodedata.category(one) not in _UNSEEN
    )
    return " ".join("".join(kept).split())


@lru_cache(_REMEMBERED)
def plain(text: str) -> str:
    """A text as descriptions are compared when letters drawn large or small are no difference."""
    return shown(text).casefold().replace("ё", "е")


@lru_cache(_REMEMBERED)
def bare(text: str) -> str:
    """A control's name as it is compared: also without arrows, dots and counters at its ends."""
    return _EDGES.sub("", _COUNTS.sub("", _EDGES.sub("", plain(text))))


def telling(texts: Iterable[str]) -> str:
    """The first of a control's names that says anything, for people."""
    return next((name for name in map(shown, texts) if any(map(str.isalnum, name))), "")
