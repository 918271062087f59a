"""A run's own secrets, looked for literally: what no rule could know, such as a password."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .rules import Hit

_LONG = 16
_SHORTEST = 8
_BLANKS = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Canaries:
    """Secrets by kind (`cookie`, `password`, `iin` …). They live in memory, and only as long as
    one run is sealed: neither `repr` nor any record shows them."""

    _known: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

    def plus(self, kind: str, secrets: Iterable[str | bytes]) -> Canaries:
        """With these too; parts of a token count one by one, and a nonce as its bytes too."""
        more = []
        for secret in secrets:
            whole = secret.encode("utf-8") if isinstance(secret, str) else secret
            more += [(kind, whole), *((kind, p) for p in _parts(kind, whole) if len(p) >= _LONG)]
        return Canaries(tuple(dict.fromkeys((*self._known, *more))))

    def and_those_of(self, others: Canaries) -> Canaries:
        """With those of others too."""
        return Canaries(tuple(dict.fromkeys((*self._known, *others._known))))

    def counted(self) -> list[dict[str, str | int]]:
        """How many are looked for, by kind."""
        counted = Counter(kind for kind, secret in self._known if _fit(secret))
        return [{"kind": kind, "count": count} for kind, count in sorted(counted.items())]

    def found_in(self, data: bytes, *, text: bool = False) -> Iterator[Hit]:
        """Every secret that these bytes hold, once. In a `text` a long one may be broken into
        lines, as a page breaks it."""
        joined = data.translate(None, _BLANKS) if text else b""
        for kind, secret in self._known:
            at = _place(secret, data)
            if at < 0 and joined and len(secret) >= _LONG:
                place = joined.find(secret.translate(None, _BLANKS))
                at = place if place < 0 else _before_joining(data, place)
            if at >= 0 and _fit(secret):
                yield Hit(kind, secret, at)


def _parts(kind: str, secret: bytes) -> list[bytes]:
    if kind == "cookie":
        return secret.split(b".")
    if kind == "nonce":
        try:
            return [base64.b64decode(secret, validate=True)]
        except binascii.Error:
            return []
    return []


def _before_joining(data: bytes, at: int) -> int:
    """Where the letter stands that is the given one without the blanks."""
    letters = re.finditer(rb"[^" + _BLANKS + rb"]", data)
    return next(itertools.islice(letters, at, None)).start()


def _fit(secret: bytes) -> bool:
    """Whether finding it means something: eight letters of a common word would be met anywhere."""
    return len(secret) >= _SHORTEST and re.fullmatch(rb"[A-Za-z]{1,15}", secret) is None


def _place(secret: bytes, data: bytes) -> int:
    at = data.find(secret)
    if at < 0 or len(secret) >= _LONG:
        return at
    alone = re.search(rb"(?<![0-9A-Za-z])" + re.escape(secret) + rb"(?![0-9A-Za-z])", data)
    return alone.start() if alone else -1
