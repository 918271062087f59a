"""The manifest: every file under `evidence/` with its size and digest."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from sigex_runbook.errors import RunFailed

from .canonical import canonical_json, sha256_hex

FORMAT = "sigex-evidence-manifest/1"
FILE_NAME = "manifest.json"
EVIDENCE = "evidence"


class FaultKind(StrEnum):
    """How a file differs from what the manifest says."""

    MISSING = "missing"
    EXTRA = "extra"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Fault:
    """One file that differs. `path` is relative to the run's folder, with forward slashes."""

    kind: FaultKind
    path: str

    def __str__(self) -> str:
        what = {
            FaultKind.MISSING: "нет файла, названного в manifest.json",
            FaultKind.EXTRA: "лишнее: в manifest.json этого нет",
            FaultKind.CHANGED: "содержимое не то, что записано в manifest.json",
        }[self.kind]
        return f"{self.path}: {what}"


@dataclass(frozen=True, slots=True, order=True)
class ManifestEntry:
    """One file: path relative to the run's folder with forward slashes, bytes, SHA-256 as hex."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The list of all files under `evidence/`, sorted by path."""

    files: tuple[ManifestEntry, ...]

    @classmethod
    def make(cls, folder: Path) -> Self:
        """List what lies under `folder/evidence`. Raises RunFailed for a link or a device."""
        entries = []
        for path, regular in _walk(folder):
            if not regular:
                raise RunFailed(
                    f"В папке запуска {path} не обычный файл, а ссылка или устройство. "
                    "Уберите его и повторите запуск."
                )
            entries.append(_entry(folder, path))
        return cls(tuple(sorted(entries)))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read `folder/manifest.json`.

        Raises RunFailed when it is absent, of another format version, or not written canonically
        (then somebody else wrote it).
        """
        path = folder / FILE_NAME
        try:
            data = path.read_bytes()
            raw = json.loads(data)
            manifest = cls._parse(raw)
        except OSError as error:
            raise RunFailed(
                f"{path} не читается ({error.strerror}). Это не папка завершённого запуска?"
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise RunFailed(
                f"{path} — не список файлов формата {FORMAT} ({error}). Возьмите папку запуска из "
                "первоисточника или обновите программу."
            ) from error
        if manifest.to_bytes() != data:
            raise RunFailed(
                f"{path} записан не этой программой: байты не канонические. Возьмите папку запуска "
                "из первоисточника."
            )
        return manifest

    @classmethod
    def _parse(cls, raw: Any) -> Self:
        if raw["format"] != FORMAT:
            raise ValueError(f"format = {raw['format']!r}")
        return cls(
            tuple(
                ManifestEntry(str(f["path"]), int(f["size"]), str(f["sha256"]))
                for f in raw["files"]
            )
        )

    def to_bytes(self) -> bytes:
        """The canonical bytes of the manifest."""
        return canonical_json({"format": FORMAT, "files": self.files})

    def check(self, folder: Path) -> tuple[Fault, ...]:
        """Compare with what lies under `folder/evidence`; every fault in path order.

        A link in place of a file is `changed`; an unlisted file, link or empty folder is `extra`.
        """
        listed = {entry.path: entry for entry in self.files}
        found = dict(_walk(folder, empty_folders=True))
        faults = [Fault(FaultKind.MISSING, path) for path in listed.keys() - found.keys()]
        for path, regular in found.items():
            if path not in listed:
                faults.append(Fault(FaultKind.EXTRA, path))
            elif not regular or _entry(folder, path) != listed[path]:
                faults.append(Fault(FaultKind.CHANGED, path))
        return tuple(sorted(faults, key=lambda fault: fault.path))


def _entry(folder: Path, path: str) -> ManifestEntry:
    data = (folder / path).read_bytes()
    return ManifestEntry(path, len(data), sha256_hex(data))


def _walk(folder: Path, *, empty_folders: bool = False) -> Iterator[tuple[str, bool]]:
    """Everything under evidence/ as (relative path, whether it is a regular file)."""
    pending = [EVIDENCE]
    while pending:
        here = pending.pop()
        try:
            children = sorted(os.scandir(folder / here), key=lambda child: child.name)
        except FileNotFoundError:
            continue  # no evidence at all: everything listed is missing
        if not children and empty_folders and here != EVIDENCE:
            yield here, False
        for child in children:
            path = f"{here}/{child.name}"
            mode = child.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                pending.append(path)
            else:
                yield path, stat.S_ISREG(mode)
