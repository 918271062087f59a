"""Foreign words on a screen: a name of a file or an answer of a service must not steer a terminal.

An escape sequence in a name could paint another verdict over the real one, a line break could add
one, and a letter that turns the direction of writing could disguise an ending.
"""

from __future__ import annotations

import unicodedata

_UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Controls, halves of letters, and line breaks that not everybody takes for one."""

_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def visible(text: str) -> str:
    """The text in one line, whatever steers a screen written as `\\u001b`.

    JSON stays JSON of the same value: there such a character can only stand within a text.
    """
    if text.isprintable() and _TURNING.isdisjoint(text):
        return text
    return "".join(f"\\u{ord(c):04x}" if _steers(c) else c for c in text)


def visible_lines(text: str) -> str:
    """The same for text of several lines of our own."""
    return "\n".join(map(visible, text.split("\n")))


def _steers(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in _UNSEEN
