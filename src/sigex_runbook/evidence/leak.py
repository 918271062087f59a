"""The leak scan: what must never be in a pack, looked for before it is sealed and after.

A `LeakScanner` is asked about every file by name and bytes. `TextScanner` reads bytes as text;
pictures, compressed streams and encodings are for wider scanners with the same one method.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sigex_runbook.organisation import check_digit


@dataclass(frozen=True, slots=True)
class Leak:
    """One hit: which rule, and where in the file, in words. Never the secret itself."""

    rule: str
    where: str


class LeakScanner(Protocol):
    """What sealing and verification ask of a scanner."""

    @property
    def version(self) -> str:
        """Its name and version, for the record."""

    def scan(self, name: str, data: bytes, organisation_bin: str) -> Iterator[Leak]:
        """Every hit in one file; the pack's own BIN is none."""


_UNTOUCHED = ("evidence/approval.p7s",)
"""Stored as somebody else signed it: its certificate names a person, or it would not be one."""

_RULES = (
    ("private_key", b"PRIVATE KEY", re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("jwt", b"eyJ", re.compile(rb"(?<![\w+/=-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
    ("bearer", b"earer ", re.compile(rb"\b[Bb]earer\s+[\w.~+/-]{16,}=*")),
    ("cookie", b"ookie: ", re.compile(rb"\b(?:[Ss]et-)?[Cc]ookie:\s+[^\s=;]+=[^\s;]{8,}")),
)
_DIGITS = bytes(ord("1") if chr(b).isdigit() and b < 128 else ord("0") for b in range(256))
_TWELVE = re.compile(rb"1{12,}")
_WORD = re.compile(rb"[\w+/=.-]")
_LENGTH = 12
_LAST_DAY, _LAST_MONTH, _LAST_CENTURY = 31, 12, 6


@dataclass(frozen=True, slots=True)
class TextScanner:
    """Looks at bytes as text: private keys, JWT, bearer tokens, cookies, ИИН of people."""

    version: str = "text/1"

    def scan(self, name: str, data: bytes, organisation_bin: str) -> Iterator[Leak]:
        """Every hit in one file."""
        if name in _UNTOUCHED:
            return
        for rule, needle, pattern in _RULES:
            if needle in data:  # many times quicker than the pattern, on megabytes
                for match in pattern.finditer(data):
                    yield Leak(rule, f"байт {match.start()}")
        own = organisation_bin.encode()
        for run in _TWELVE.finditer(data.translate(_DIGITS)):
            start, end = run.span()
            number = data[start:end]
            if (
                end - start == _LENGTH
                and number != own
                and _may_begin(data, start)
                and not re.match(rb"[\w+/=-]", data[end : end + 1])
                and is_persons_number(number.decode("ascii"))
            ):
                yield Leak("iin", f"байт {start}")


def _may_begin(data: bytes, start: int) -> bool:
    """Whether digits there are a word of their own, or the service's `IIN` and the number."""
    return data[max(0, start - 3) : start] == b"IIN" or not _WORD.fullmatch(
        data[max(0, start - 1) : start]
    )


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
