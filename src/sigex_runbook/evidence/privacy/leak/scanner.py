"""The scanner: every layer of every file, against the rules and the run's own secrets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from .canaries import Canaries
from .layer import TooMuch
from .opening import Opened, open_layers
from .rules import Hit, read_in, secrets_in, secrets_in_text

VERSION = "decoding/1"

_ENOUGH = 24  # of a secret to know it again; its end may have run into what follows

UNTOUCHED = frozenset({"evidence/approval.p7s"})
"""Stored as somebody else signed it: its certificate names a person, or it would not be one."""


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


class Reader(Protocol):
    """Reads the letters in a picture."""

    def read(self, picture: bytes) -> str:
        """The text that is seen in a PNG or JPEG."""


@dataclass(frozen=True, slots=True)
class DecodingScanner:
    """Opens what the bytes hold and looks everywhere.

    With `pages`, a PDF's pages are read as well as its bytes; with a `reader`, pictures are. What
    was found clean is not looked at again: a picture lies in its file, in the report and in the
    notebook.
    """

    canaries: Canaries = field(default_factory=Canaries)
    pages: bool = False
    reader: Reader | None = None
    _clean: set[bytes] = field(default_factory=set, init=False, repr=False, compare=False)

    @property
    def version(self) -> str:
        """Its name and version, and what it reads besides bytes."""
        also = ("+pages" if self.pages else "") + ("+ocr" if self.reader else "")
        return f"{VERSION}{also}"

    def scan(self, name: str, data: bytes, organisation_bin: str) -> Iterator[Leak]:
        """Every hit in one file, each secret once; what does not open is a hit."""
        if name in UNTOUCHED:
            return
        looked_at = {_digest(data, organisation_bin)}
        if looked_at <= self._clean:
            return

        def known(picture: bytes) -> bool:
            digest = _digest(picture, organisation_bin)
            looked_at.add(digest)
            return digest in self._clean

        met: set[tuple[str, bytes]] = set()
        try:
            for layer in open_layers(data, pages=self.pages, known=known):
                for hit in self._hits(layer, organisation_bin):
                    secret = hit.rule, hit.secret[:_ENOUGH]
                    if secret not in met:
                        met.add(secret)
                        yield Leak(hit.rule, _where(layer, hit))
        except TooMuch as error:
            yield Leak("unopened", f"{error.how}: {error.why}" if error.how else error.why)
        else:
            if not met:
                self._clean.update(looked_at)

    def _hits(self, layer: Opened, organisation_bin: str) -> Iterator[Hit]:
        yield from self.canaries.found_in(layer.data, text=layer.text is not None)
        if layer.text is None:
            yield from secrets_in(layer.data, organisation_bin)
        else:
            yield from secrets_in_text(layer.text, organisation_bin)
        if self.reader is not None and layer.picture:
            text = self.reader.read(layer.data)
            yield from read_in(text, organisation_bin)
            yield from self.canaries.found_in(text.encode("utf-8"), text=True)


def _digest(data: bytes, organisation_bin: str) -> bytes:
    """Names these bytes in a pack of that organisation: its BIN is no secret there."""
    whose = blake2b(organisation_bin.encode()).digest()  # a key of one length, whatever it says
    return blake2b(data, digest_size=16, key=whose).digest()


def _where(layer: Opened, hit: Hit) -> str:
    return f"{layer.how}, байт {hit.at}" if layer.how else f"байт {hit.at}"
