"""Letters that look alike: texts that are the same for a reader and not for a computer. Pure."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_UNSEEN = {"Cf", "Co", "Cn", "Cc"}
"""Categories of characters without a meaning to read: soft hyphens and other formats, glyphs that
an icon font puts into the private use area."""

_REMEMBERED = 4096
"""Names are few and read again at every look at a page."""

_PAIRS = (
    "аaАAВBеeЕEёëЁËЗ3іiІIјjЈJкkКKМMНHоoОOрpРPсcСCТTуyУYхxХXҮYһhԁdѕsЅSѵvԛqԝwәəӘƏөɵӨƟ"
    "αaΑAΒBΕEΗHιiΙIκkΚKΜMΝNνvοoΟOρpΡPΤTυuχxΧXΖZ0O1IlI|I"
)
_TWINS = str.maketrans(dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)))
"""Cyrillic and Greek letters, and digits, by the Latin letter that they are taken for."""

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_QUOTES = dict.fromkeys(map(ord, "«»“”„‟″"), '"') | dict.fromkeys(map(ord, "‘’‚′`"), "'")

_SCRIPTS = {"CYRILLIC": "русская", "LATIN": "латинская", "GREEK": "греческая", "DIGIT": "цифра"}


@lru_cache(_REMEMBERED)
def folded(text: str) -> str:
    """A text as people are shown and told it: NFC, white space once, nothing unseen."""
    kept = (
        " " if one.isspace() else one
        for one in unicodedata.normalize("NFC", text)
        if one.isspace() or unicodedata.category(one) not in _UNSEEN
    )
    return " ".join("".join(kept).split())


def unlike(one: str, other: str) -> tuple[str, str] | None:
    """Where two texts that look the same differ first, the letter of each as a person would name
    it; None when they are the same, or when everybody sees that they are not."""
    first, second = folded(one), folded(other)
    if first == second or _drawn(first) != _drawn(second):
        return None
    place = next(n for n, (a, b) in enumerate(zip(first, second, strict=True)) if a != b)
    return f"знак {place + 1}: {letter(first[place])}", letter(second[place])


def looks_like(text: str, known: str) -> bool:
    """Whether a person would read one for the other."""
    return _drawn(folded(text)) == _drawn(folded(known))


def letter(one: str) -> str:
    """A letter by its script and number."""
    script = unicodedata.name(one, "").split(" ")[0]
    return f"{_SCRIPTS.get(script, 'знак')} «{one}» (U+{ord(one):04X})"


def _drawn(text: str) -> str:
    """A text of as many characters, those that look alike in one form."""
    wide = "".join(w if len(w := unicodedata.normalize("NFKC", c)) == 1 else c for c in text)
    return wide.translate(_TWINS).translate(_DASHES).translate(_QUOTES)
