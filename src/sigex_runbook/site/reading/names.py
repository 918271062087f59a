"""Names as they are compared: what a person reads as the same counts as the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sigex_runbook.core.given.letters import folded

_REMEMBERED = 4096
"""Names are few and read again at every look at a page."""

shown = folded
"""A text as it is told to people."""

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_COUNTS = re.compile(r"\s*[(\[]?\d+(\s*(/|из|of)\s*\d+)?[)\]]?$")


@lru_cache(_REMEMBERED)
def plain(text: str) -> str:
    """A text as descriptions are compared when letters drawn large or small are no difference."""
    return folded(text).casefold().replace("ё", "е")


@lru_cache(_REMEMBERED)
def bare(text: str) -> str:
    """A control's name as it is compared: also without arrows, dots and counters at its ends."""
    return _EDGES.sub("", _COUNTS.sub("", _EDGES.sub("", plain(text))))


def telling(texts: Iterable[str]) -> str:
    """The first of a control's names that says anything, for people."""
    return next((name for name in map(folded, texts) if any(map(str.isalnum, name))), "")
