"""A run's own secrets, looked for literally: what no rule could know, such as a password."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .rules import Hit

_LONG = 16
_SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Canaries:
    """Secrets by kind (`cookie`, `password`, `iin` …). They live in memory, and only as long as
    one run is sealed: neither `repr` nor any record shows them."""

    _known: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)

    def plus(self, kind: str, secrets: Iterable[str | bytes]) -> Canaries:
        """With these too; parts of a token count one by one."""
        more = []
        for secret in secrets:
            whole = secret.encode("utf-8") if isinstance(secret, str) else secret
            parts = whole.split(b".") if kind == "cookie" else []
            more += [(kind, part) for part in (whole, *(p for p in parts if len(p) >= _LONG))]
        return Canaries(tuple(dict.fromkeys((*self._known, *more))))

    def counted(self) -> list[dict[str, str | int]]:
        """How many are looked for, by kind."""
        counted = Counter(kind for kind, secret in self._known if _fit(secret))
        return [{"kind": kind, "count": count} for kind, count in sorted(counted.items())]

    def found_in(self, data: bytes) -> Iterator[Hit]:
        """Every secret that these bytes hold, once."""
        for kind, secret in self._known:
            if _fit(secret) and (at := _place(secret, data)) >= 0:
                yield Hit(kind, secret, at)


def _fit(secret: bytes) -> bool:
    """Whether finding it means something: eight letters of a common word would be met anywhere."""
    return len(secret) >= _SHORTEST and re.fullmatch(rb"[A-Za-z]{1,15}", secret) is None


def _place(secret: bytes, data: bytes) -> int:
    at = data.find(secret)
    if at < 0 or len(secret) >= _LONG:
        return at
    alone = re.search(rb"(?<![0-9A-Za-z])" + re.escape(secret) + rb"(?![0-9A-Za-z])", data)
    return alone.start() if alone else -1
