"""The ledger of a campaign: append only, each line holds the digest of the line before.

    {"attestation":…,"entry":"run","format":"sigex-ledger/1","organisation":…,"prev":…,"run":…,
     "seq":1,"tsr":…}

`run`: a pack was sealed. `aside`: a run ended and its pack could not be, as its own check found
something; it stays under its other name, with a signed list of it. `stamp`: a sealed attestation
got its time-stamp later. `campaign`: the population was sealed. The digest of the last line is the
ledger's head: who knows it notices every change of all that stands before.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.pack.canonical import (
    DuplicateKey,
    NotCanonical,
    canonical_json,
    read_canonical,
    sha256_hex,
)
from sigex_runbook.evidence.pack.disk import append_whole, cut_half_line, sync_folder

from .findings import Code, Finding
from .statement import digest
from .subjects import CRLF, with_unix_line_ends

FORMAT = "sigex-ledger/1"
LEDGER = "ledger.jsonl"
LOCK = ".ledger.lock"
BEGINNING = "0" * 64
"""What the first line holds in place of a digest."""

_PATIENCE_SECONDS = 300
_BIN = re.compile(r"[0-9]{12}")


class EntryKind(StrEnum):
    """What a line tells."""

    RUN = "run"
    ASIDE = "aside"
    STAMP = "stamp"
    CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One line. `organisation` and `run` are None for a campaign; `tsr` is the digest of the
    time-stamp token, None when there was none."""

    entry: EntryKind
    seq: int
    prev: str
    attestation: str
    tsr: str | None
    organisation: str | None = None
    run: str | None = None

    def to_bytes(self) -> bytes:
        """The canonical line, without its line break."""
        return canonical_json(
            {
                "format": FORMAT,
                "entry": self.entry,
                "seq": self.seq,
                "prev": self.prev,
                "organisation": self.organisation,
                "run": self.run,
                "attestation": self.attestation,
                "tsr": self.tsr,
            }
        )

    @classmethod
    def read(cls, line: bytes) -> LedgerEntry:
        """Read a line. Raises ValueError, KeyError or TypeError for anything but our own."""
        raw = read_canonical(line)
        if raw["format"] != FORMAT:
            raise ValueError(f"формат {raw['format']!r}")
        entry = cls(
            entry=EntryKind(raw["entry"]),
            seq=raw["seq"],
            prev=digest(raw["prev"]),
            attestation=digest(raw["attestation"]),
            tsr=None if raw["tsr"] is None else digest(raw["tsr"]),
            organisation=_text(raw["organisation"]),
            run=_text(raw["run"]),
        )
        if entry.entry in (EntryKind.RUN, EntryKind.ASIDE):
            owned = bool(entry.run and _BIN.fullmatch(entry.organisation or ""))
        else:
            owned = entry.organisation is None and entry.run is None
        if entry.to_bytes() != line or type(entry.seq) is not int or not owned:
            raise ValueError("не те поля")
        return entry


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("no text")
    return value


@dataclass(frozen=True)
class Ledger:
    """A ledger as it was read, with all that is wrong with it in itself."""

    entries: tuple[LedgerEntry, ...]
    digests: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def head(self) -> str:
        """The digest of the last line."""
        return self.digests[-1] if self.digests else BEGINNING

    @cached_property
    def _places(self) -> dict[str, int]:
        return {value: place for place, value in enumerate(self.digests)}

    def place_of(self, head: str) -> int | None:
        """The place of the line with that digest, counted from 0."""
        return self._places.get(head)

    @cached_property
    def _runs(self) -> dict[object, list[int]]:
        found: dict[object, list[int]] = {}
        for place, entry in enumerate(self.entries):
            if entry.entry is EntryKind.RUN:
                for key in {(entry.organisation, entry.run), entry.attestation}:
                    found.setdefault(key, []).append(place)
        return found

    def runs(self, organisation: str, run: str, attestation: str) -> list[int]:
        """Places of the `run` lines that name this run, or this attestation, or both."""
        named = self._runs.get((organisation, run), [])
        return sorted({*named, *self._runs.get(attestation, [])})

    def asides(self, length: int | None = None) -> list[LedgerEntry]:
        """The runs that were set aside, within the first `length` lines."""
        return [entry for entry in self.entries[:length] if entry.entry is EntryKind.ASIDE]

    @cached_property
    def _stamps(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for place, entry in enumerate(self.entries):
            if entry.entry is EntryKind.STAMP:
                found.setdefault(entry.attestation, []).append(place)
        return found

    def stamps(self, attestation: str) -> list[int]:
        """Places of the later time-stamps of an attestation."""
        return self._stamps.get(attestation, [])

    def campaigns(self, attestation: str | None = None) -> list[int]:
        """Places of the `campaign` lines, of all or of one statement."""
        return [
            place
            for place, entry in enumerate(self.entries)
            if entry.entry is EntryKind.CAMPAIGN and attestation in (None, entry.attestation)
        ]


def read_ledger(folder: Path) -> Ledger | None:
    """Read a campaign's ledger without touching it; None when there is no such file."""
    path = folder / LEDGER
    if not path.is_file() or path.is_symlink():
        return None
    return parse_ledger(path.read_bytes())


def parse_ledger(data: bytes) -> Ledger:
    """Read a ledger's bytes; what is wrong becomes findings."""
    findings = []

    def wrong(number: int, what: str) -> None:
        findings.append(Finding(Code.LEDGER, f"{LEDGER}, строка {number}", what))

    if b"\r\n" in data:
        findings.append(Finding(Code.LEDGER, LEDGER, f"концы строк — {CRLF}"))
        data = with_unix_line_ends(data)
    *lines, rest = data.split(b"\n")
    if rest:
        wrong(len(lines) + 1, "запись не дописана до конца")
    entries, digests, previous = [], [], BEGINNING
    for number, line in enumerate(lines, 1):
        try:
            entry = LedgerEntry.read(line)
        except DuplicateKey as error:
            findings.append(Finding(Code.JSON_DUP, f"{LEDGER}, строка {number}", str(error)))
        except NotCanonical as error:
            wrong(number, f"строка записана не этой программой: {error}")
        except (ValueError, KeyError, TypeError):
            wrong(number, "это не запись реестра")
        else:
            if entry.seq != number:
                wrong(number, f"номер {entry.seq}: запись убрана, вставлена или переставлена")
            if entry.prev != previous:
                wrong(number, "не сходится с предыдущей строкой: реестр переписан")
            entries.append(entry)
            digests.append(sha256_hex(line))
        previous = sha256_hex(line)
    return Ledger(tuple(entries), tuple(digests), tuple(findings))


class LedgerBook:
    """A ledger that this process may write, while it holds the lock."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LEDGER
        self.folder = folder

    def last(self) -> LedgerEntry | None:
        """The last whole line."""
        line = self._last_line()
        return LedgerEntry.read(line) if line else None

    def head(self) -> str:
        """The digest of the last line."""
        line = self._last_line()
        return sha256_hex(line) if line else BEGINNING

    def next(
        self,
        kind: EntryKind,
        attestation: str,
        tsr: str | None,
        *,
        organisation: str | None = None,
        run: str | None = None,
    ) -> LedgerEntry:
        """The line that would come next."""
        last = self.last()
        return LedgerEntry(
            kind,
            last.seq + 1 if last else 1,
            sha256_hex(last.to_bytes()) if last else BEGINNING,
            attestation,
            tsr,
            organisation,
            run,
        )

    def append(self, kind: EntryKind, attestation: str, tsr: str | None) -> LedgerEntry:
        """Add one line about no run and bring it to disk before returning."""
        entry = self.next(kind, attestation, tsr)
        self.add(entry)
        return entry

    def add(self, entry: LedgerEntry) -> None:
        """Add what `next` gave and bring it to disk before returning."""
        new = not self._path.exists()
        append_whole(self._path, entry.to_bytes() + b"\n")
        if new:
            with suppress(OSError):  # the line is there, and whoever reads it goes by it
                sync_folder(self.folder)

    def repair(self) -> None:
        """Take away a line that a killed process left half written: it was never promised."""
        if self._path.exists():
            cut_half_line(self._path)

    def _last_line(self) -> bytes:
        try:
            with self._path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - 4096))
                return file.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
        except FileNotFoundError:
            return b""


def ledger_end(folder: Path) -> tuple[int, str]:
    """How many lines a campaign's ledger has and its head, by its last whole line alone: as quick
    in a long ledger as in a short one. (0, BEGINNING) where there is none that can be read."""
    try:
        last = LedgerBook(folder).last()
    except (OSError, ValueError, KeyError, TypeError):
        last = None
    return (last.seq, sha256_hex(last.to_bytes())) if last else (0, BEGINNING)


@contextmanager
def locked_ledger(folder: Path) -> Iterator[LedgerBook]:
    """The campaign's ledger for writing, one process at a time. Raises RunFailed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK, timeout=_PATIENCE_SECONDS):
            book = LedgerBook(folder)
            book.repair()
            try:
                book.last()
            except (ValueError, KeyError, TypeError) as error:
                raise RunFailed(
                    f"Реестр {folder / LEDGER} повреждён: последняя строка не читается. Верните "
                    "его из копии и запустите снова; дописывать в него нельзя."
                ) from error
            yield book
    except Timeout:
        raise RunFailed(
            f"Реестр {folder / LEDGER} занят другим процессом дольше {_PATIENCE_SECONDS} с. "
            "Дождитесь его или остановите, затем повторите."
        ) from None
    except OSError as error:
        raise RunFailed(
            f"В папку кампании {folder} записать нельзя ({why(error)}). Освободите место или "
            "исправьте права и запустите снова."
        ) from error
