"""Redaction: ИИН of people and secrets never reach a pack. Pure apart from its own counters.

A plain hash of an ИИН is a lookup away from the number itself (there are only so many birthdays),
hence keyed aliases: one person keeps one alias within a run, and the key is thrown away with it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from sigex_runbook.core.organisation import Bin

from .persons_numbers import is_persons_number, spaced_numbers

REMOVED = "[убрано]"
"""What stands where a secret was."""

# With a prefix in any spelling (accessToken, client_secret), and a few names that stand alone.
_SUSPICIOUS = (
    r"[\w.-]*(?:token|password|passwd|secret|nonce|signature|cookie|api_?key)|"
    r"(?:[\w.-]*[_.-])?(?:authorization|jwt|pass|pin|pwd|sig|sign)"
)

_LONG_HEX = r"(?:[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{40})"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

# A digest or a UUID may hold twelve decimal digits in a row by chance (a SHA-256 does so in one of
# about forty). It stays whole: a damaged fingerprint would be false evidence.
_WHOLE = re.compile(rf"(?<![0-9A-Za-z])(?:{_LONG_HEX}|{_UUID})(?![0-9A-Za-z])", re.IGNORECASE)

# Exactly twelve digits, also right after a percent or JSON escape that happens to end in a digit.
_TWELVE = re.compile(
    r"(?:(?P<prefix>IIN|ИИН|ЖСН|BIN|БИН|БСН)(?P<gap>[\s:=№#\"'»-]{0,4}))?"
    r"(?:(?<![0-9])|(?<=%[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4}))"
    r"(?P<number>[0-9]{12})(?![0-9])",
    re.IGNORECASE,
)
_TWELVE_DIGITS = re.compile(r"[0-9]{12}")
_BIN_PREFIXES = frozenset({"BIN", "БИН", "БСН"})
_INTEGER_FLOOR, _INTEGER_CEILING = 10**11, 10**12

# Each secret pattern keeps `keep` and drops the rest; the needle lets big clean texts pass quickly.
# Words and blanks are ASCII's, as in the bytes that the leak scan looks at.
_SECRETS: tuple[tuple[str, str, re.Pattern[str]], ...] = (
    (
        "private_key",
        "PRIVATE KEY",
        re.compile(
            r"(?P<keep>)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END[^-]*-----|\Z)", re.S
        ),
    ),
    (
        "cookie_header",
        "ookie",
        re.compile(
            r"(?P<keep>\b(?:set-)?cookie[\"']?\s*:\s*[\"']?)(?!\[убрано\])[^\s\"'][^\r\n\"']*",
            re.I | re.A,
        ),
    ),
    ("cookie", "jwt", re.compile(r"(?P<keep>\bjwt\s*=\s*[\"']?)[^\s;,\"'&<>\[\]]+", re.I)),
    ("bearer", "earer", re.compile(r"(?P<keep>\bbearer\s+)[^\s,;\"'<>\[\]]+", re.I | re.A)),
    ("jwt", "eyJ", re.compile(r"(?P<keep>)\beyJ[\w-]{4,}\.[\w-]+\.[\w-]*", re.A)),
    (
        "userinfo",
        "@",
        re.compile(r"(?P<keep>\b[a-z][a-z0-9+.-]{1,20}://)[^\s/?#@\[\]\"'<>]+(?=@)", re.I | re.A),
    ),
    (
        "query",
        "=",
        re.compile(rf"(?P<keep>[?&#;](?:amp;)?(?:{_SUSPICIOUS})=)[^\s&#;\"'<>\[\]]+", re.I | re.A),
    ),
    (
        "secret_field",
        '":',
        re.compile(
            rf"(?P<keep>\"(?:{_SUSPICIOUS})\"\s*:\s*\")(?!\[убрано\])[^\"\\]+(?=\")", re.I | re.A
        ),
    ),
)
RULES = ("iin", "secret_key", *(name for name, _, _ in _SECRETS))
"""Every rule by name."""

_SUSPICIOUS_KEY = re.compile(rf"(?:{_SUSPICIOUS})s?", re.I)


def is_secrets_name(name: str) -> bool:
    """Whether a field or parameter of that name holds a secret."""
    return _SUSPICIOUS_KEY.fullmatch(name) is not None


class Redactor:
    """Replaces people's numbers by keyed aliases and removes secrets, counting what it met.

    The ordered organisation's BIN stays. So does a number that is called a BIN *and* is built like
    one (fifth digit 4, 5 or 6): BINs are public and an auditor needs them. A number that is called
    a BIN but built like an ИИН (a sole trader's) is a person's and gets an alias, as does every
    bare number of twelve digits.
    """

    def __init__(
        self,
        organisation_bin: Bin,
        key: bytes | None = None,
        *,
        met: Callable[[str], object] = lambda _: None,
    ) -> None:
        """`met` is told every number that is surely a person's."""
        self._met = met
        self._bin = organisation_bin.text
        self._key = secrets.token_bytes(32) if key is None else key
        self._hits: Counter[str] = Counter()

    @property
    def hits(self) -> dict[str, int]:
        """How often each rule found something, by rule name in sorted order."""
        return dict(sorted(self._hits.items()))

    def fresh(self) -> Redactor:
        """The same redactor with nothing counted yet."""
        return Redactor(Bin(self._bin), self._key, met=self._met)

    def alias(self, number: str) -> str:
        """The alias of a person's number: the same for the same number as long as the key lives."""
        digest = hmac.new(self._key, number.encode("ascii"), hashlib.sha256).hexdigest()
        return f"ИИН-{digest[:10]}"  # ten characters: never mistaken for a number of twelve digits

    def text(self, text: str) -> str:
        """The text without people's numbers and secrets."""
        # First: an alias has no blanks, and so may complete what else is removed.
        text = self._without_spaced(text)
        for rule, needle, pattern in _SECRETS:
            if needle in text or needle.lower() in text or needle.upper() in text:
                text, found = pattern.subn(rf"\g<keep>{REMOVED}", text)
                self._count(rule, found)
        if _TWELVE_DIGITS.search(text) is None:
            return text
        parts, start = [], 0
        for whole in _WHOLE.finditer(text):
            parts += [_TWELVE.sub(self._number, text[start : whole.start()]), whole[0]]
            start = whole.end()
        return "".join([*parts, _TWELVE.sub(self._number, text[start:])])

    def value(self, value: Any) -> Any:
        """The JSON value without them, deep, keys included; everything under a suspicious key
        (`password`, `signature`, `set-cookie` …) is removed. Tuples become lists."""
        match value:
            case str():
                return self.text(value)
            case bool() | None | float():
                return value
            case int():
                if _INTEGER_FLOOR <= value < _INTEGER_CEILING and str(value) != self._bin:
                    self._count("iin", 1)
                    return self.alias(str(value))
                return value
            case list() | tuple():
                return [self.value(item) for item in value]
            case Mapping():
                return self._mapping(value)
            case _:
                raise TypeError(f"{type(value).__name__} is no JSON value; make it plain first")

    def _mapping(self, value: Mapping[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, item in value.items():
            name = clean = self.text(key)
            again = 1
            while name in result:  # two spellings of one person's number must not swallow an entry
                again += 1
                name = f"{clean} ({again})"
            secret = is_secrets_name(key)
            result[name] = self._remove(item) if secret else self.value(item)
        return result

    def _remove(self, item: Any) -> Any:
        if item is None or isinstance(item, bool) or item in ("", REMOVED):
            return item
        self._count("secret_key", 1)
        return REMOVED

    def _number(self, match: re.Match[str]) -> str:
        number, prefix = match["number"], (match["prefix"] or "").upper()
        if number == self._bin:
            return match[0]
        if prefix in _BIN_PREFIXES and number[4] in "456":
            return match[0]
        alias = self._hidden(number, named=bool(prefix) and prefix not in _BIN_PREFIXES)
        if not prefix or prefix in _BIN_PREFIXES:
            return match[0].replace(number, alias)
        return alias

    def _without_spaced(self, text: str) -> str:
        """The text without people's numbers that are written in groups («7603 1430 0123»)."""
        parts, start = [], 0
        for number in spaced_numbers(text):
            if number.digits != self._bin:
                parts += [text[start : number.start], self._hidden(number.digits)]
                start = number.end
        return "".join([*parts, text[start:]])

    def _hidden(self, number: str, *, named: bool = False) -> str:
        """The alias of a number that was met; `named` when the text itself calls it an ИИН."""
        self._count("iin", 1)
        if named or is_persons_number(number):
            self._met(number)
        return self.alias(number)

    def _count(self, rule: str, found: int) -> None:
        if found:
            self._hits[rule] += found
