"""Numbers of people as they are written: what twelve digits mean, and how people part them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sigex_runbook.core.organisation import check_digit

LENGTH = 12
_LAST_DAY, _LAST_MONTH, _LAST_CENTURY = 31, 12, 6
_SHORTEST_GROUP, _LONGEST_ROW = 2, 16

# A space of any width, or a hyphen, between groups of at least two digits.
_GAP = "[ \u00a0\u2007\u2009\u202f\u2010\u2011-]"
_ROW = re.compile(
    rf"(?:(?<=IIN)|(?<![0-9A-Za-z_+/=]))(?<![0-9]{_GAP})"
    rf"[0-9]+(?:{_GAP}[0-9]+){{1,5}}(?!{_GAP}?[0-9])(?![0-9A-Za-z_])"
)
_GROUP = re.compile("[0-9]+")


@dataclass(frozen=True, slots=True)
class SpacedNumber:
    """A person's number written in groups: its digits, and where in the text it stands."""

    digits: str
    start: int
    end: int


def is_persons_number(digits: str) -> bool:
    """Whether twelve digits are built like an ИИН: birthday, century, check digit.

    Source: sigex-facts 4.5 (known). A BIN of a legal entity has 4, 5 or 6 in the day's place.
    """
    month, day, century = int(digits[2:4]), int(digits[4:6]), int(digits[6])
    return (
        1 <= month <= _LAST_MONTH
        and 1 <= day <= _LAST_DAY
        and century <= _LAST_CENTURY
        and check_digit(digits[:11]) == int(digits[11])
    )


def spaced_numbers(text: str) -> Iterator[SpacedNumber]:
    """People's numbers written in groups («7603 1430 0123»), from left to right.

    A longer row of figures is a table, not a number: at most sixteen digits are looked at.
    """
    for row in _ROW.finditer(text):
        groups = list(_GROUP.finditer(row[0]))
        if sum(len(group[0]) for group in groups) > _LONGEST_ROW:
            continue
        for first in range(len(groups)):
            found = _number_from(groups[first:])
            if found is not None:
                digits, last = found
                yield SpacedNumber(
                    digits, row.start() + groups[first].start(), row.start() + last.end()
                )
                break


def _number_from(groups: list[re.Match[str]]) -> tuple[str, re.Match[str]] | None:
    digits = ""
    for group in groups:
        if len(group[0]) < _SHORTEST_GROUP:
            return None
        digits += group[0]
        if len(digits) == LENGTH and len(group[0]) < LENGTH and is_persons_number(digits):
            return digits, group
        if len(digits) >= LENGTH:
            return None
    return None
