"""What is a secret in any run: keys, tokens, cookies, passwords in fields, ИИН of people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sigex_runbook.evidence.privacy.persons_numbers import LENGTH, is_persons_number, spaced_numbers

from .encodings import Text

IIN = "iin"

_ANYWHERE: tuple[tuple[str, bytes, re.Pattern[bytes]], ...] = (
    ("private_key", b"PRIVATE KEY", re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("jwt", b"eyJ", re.compile(rb"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
    ("bearer", b"earer ", re.compile(rb"\b[Bb]earer\s+[\w.~+/-]{16,}=*")),
    (
        "cookie",
        b"ookie: ",
        re.compile(rb"\b(?:[Ss]et-)?[Cc]ookie:\s+[^\s=;\[\"']+=[^\s;\"']{8,}"),
    ),
)
_USERINFO = (
    (
        "userinfo",
        b"://",
        re.compile(rb"\b[a-z][a-z0-9+.-]{1,20}://[^\s/?#@\[\]\"'<>:]+:[^\s/?#@\[\]\"'<>]{4,}@"),
    ),
)
_QUERY, _FIELD = "query", "secret_field"
RULES = (*(name for name, _, _ in (*_ANYWHERE, *_USERINFO)), _QUERY, _FIELD, IIN)
"""Every rule by name."""

# A name of a secret with its value, then what stood before it: the other way round takes long.
_NAMES = (
    *(b"token", b"password", b"passwd", b"secret", b"nonce", b"signature"),
    *(b"apikey", b"api_key", b"jwt"),
)
_NAMED = re.compile(
    rb"(?:"
    + b"|".join(_NAMES)
    + rb")(?:(=[^\s&#;\"'<>\[\]]{8,})|\"\s*:\s*\"(?!\[)[^\"\\\s]{4,}\")",
    re.I,
)
_BEFORE_QUERY = re.compile(rb"[?&](?:amp;)?[\w.-]{0,40}\Z")
_BEFORE_FIELD = re.compile(rb"\"[\w.-]{0,40}\Z")
_BEFORE = 48

_DIGITS = bytes(ord("1") if chr(b).isdigit() and b < 128 else ord("0") for b in range(256))
_TWELVE_DIGITS = b"1" * LENGTH
_TWELVE = re.compile(rb"1{12,}")
_WORD = re.compile(rb"[\w.-]")
_ROW = re.compile(rb"[0-9]{2}(?: |-|\xc2\xa0|\xe2\x80.)[0-9]{2}")
_MISREAD = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret that was met. `secret` stays in memory, to tell a second find from another."""

    rule: str
    secret: bytes
    at: int


def secrets_in(data: bytes, organisation_bin: str) -> Iterator[Hit]:
    """Everything in these bytes that is a secret by its form; the pack's own BIN is none."""
    yield from _matches(_ANYWHERE, data)
    yield from _numbers(data, organisation_bin)


def secrets_in_text(text: Text, organisation_bin: str) -> Iterator[Hit]:
    """The same, and what only words can hold: fields and addresses with secrets, numbers parted
    by spaces or by markup."""
    yield from _matches(_ANYWHERE, text.whole)
    yield from _numbers(text.words, organisation_bin)
    yield from _matches(_USERINFO, text.words)
    yield from _named(text.words)
    prose = text.prose
    if prose is not text.words:
        yield from secrets_in(prose, organisation_bin)
    if _ROW.search(prose):
        for number in spaced_numbers(prose.decode("utf-8", "replace")):
            if number.digits != organisation_bin:
                yield Hit(IIN, number.digits.encode(), number.start)


def _numbers(data: bytes, organisation_bin: str) -> Iterator[Hit]:
    digits = data.translate(_DIGITS)
    if _TWELVE_DIGITS not in digits:
        return
    own = organisation_bin.encode()
    for run in _TWELVE.finditer(digits):
        start, end = run.span()
        number = data[start:end]
        if (
            end - start == LENGTH
            and number != own
            and _may_begin(data, start)
            and not re.match(rb"[\w-]", data[end : end + 1])
            and is_persons_number(number.decode("ascii"))
        ):
            yield Hit(IIN, number, start)


def read_in(text: str, organisation_bin: str) -> Iterator[Hit]:
    """People's numbers in what was read from a picture: letters beside them may look like digits.

    A number that is the pack's BIN but for a misread digit or two is none.
    """
    for run in re.finditer(r"[0-9](?:[ .,-]?[0-9])+", text):
        digits = re.sub("[^0-9]", "", run[0])
        if len(digits) > LENGTH + _MISREAD:
            continue
        for start in range(len(digits) - LENGTH + 1):
            number = digits[start : start + LENGTH]
            unlike = sum(a != b for a, b in zip(number, organisation_bin, strict=True))
            if is_persons_number(number) and unlike > _MISREAD:
                yield Hit(IIN, number.encode(), run.start())


def _may_begin(data: bytes, start: int) -> bool:
    """Whether digits there are a word of their own, or the service's `IIN` and the number."""
    return data[max(0, start - 3) : start] == b"IIN" or not _WORD.fullmatch(
        data[max(0, start - 1) : start]
    )


def _named(words: bytes) -> Iterator[Hit]:
    """Values of fields and parameters that are named like secrets."""
    small = words.lower()
    if not any(name in small for name in _NAMES):
        return
    for match in _NAMED.finditer(words):
        query = match[1] is not None
        before = words[max(0, match.start() - _BEFORE) : match.start()]
        if (_BEFORE_QUERY if query else _BEFORE_FIELD).search(before):
            yield Hit(_QUERY if query else _FIELD, match[0], match.start())


def _matches(rules: Iterable[tuple[str, bytes, re.Pattern[bytes]]], data: bytes) -> Iterator[Hit]:
    for rule, needle, pattern in rules:
        if needle in data:  # many times quicker than the pattern, on megabytes
            for match in pattern.finditer(data):
                yield Hit(rule, match[0], match.start())
