"""A layer: bytes that were found inside other bytes."""

from __future__ import annotations

from dataclasses import dataclass


class TooMuch(Exception):
    """Something holds more than can be looked at, or does not open; says where and why."""

    def __init__(self, how: str, why: str) -> None:
        super().__init__(why)
        self.how = how
        self.why = why


@dataclass(frozen=True, slots=True)
class Layer:
    """What was inside, and how it was written there.

    `text` is False for what has no words to decode, such as a program that draws a page; `prose` is
    False where figures are no sentences: «12 0 R 14 0 R» of a PDF is no number in groups.
    """

    how: str
    data: bytes
    text: bool = True
    prose: bool = True
