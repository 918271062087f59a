"""The files under `evidence/`: which there are, and what is said of each."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sigex_runbook.core.errors import RunFailed

from .canonical import sha256_hex
from .layout import EVIDENCE, WITH_THE_REPORT

_DEEPEST = 16
_MADE_BY_SYSTEM = re.compile(
    r"\.DS_Store|\._.+|Thumbs\.db|desktop\.ini", re.IGNORECASE | re.ASCII | re.DOTALL
)
_CHECKPOINTS = ".ipynb_checkpoints"
_CHECKPOINT = re.compile(r".+-checkpoint(?:\.\w+)?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Subject:
    """One sealed file: path from the pack's folder with forward slashes, SHA-256, bytes."""

    name: str
    sha256: str
    size: int


def made_by_system(name: str) -> bool:
    """Whether a file is called as macOS's Finder and Windows' Explorer call theirs, which they
    leave in every folder that somebody opens, or as JupyterLab its copy of what was opened."""
    folder, _, file = name.rpartition("/")
    if folder.rpartition("/")[2] == _CHECKPOINTS:
        return _CHECKPOINT.fullmatch(file) is not None
    return _MADE_BY_SYSTEM.fullmatch(file) is not None


def looked_at(name: str) -> str:
    """The folder in which somebody looked, when the system made this file there."""
    return name.rpartition("/")[0].removesuffix(f"/{_CHECKPOINTS}")


def gather(pack: Path) -> tuple[Subject, ...]:
    """Every file under `pack/evidence` but the system's own, sorted. Raises RunFailed for a link or
    a device."""
    return tuple(
        Subject(path, sha256_hex(data), len(data)) for path, data in sorted(read_all(pack).items())
    )


def read_all(pack: Path) -> dict[str, bytes]:
    """The bytes of the same files."""
    files = {}
    for path, regular in walk(pack):
        if not regular:
            raise RunFailed(
                f"В папке запуска {path} не обычный файл, а ссылка или устройство. "
                "Уберите его и повторите запуск."
            )
        if not made_by_system(path):
            files[path] = (pack / path).read_bytes()
    return files


def listing(files: Mapping[str, bytes]) -> bytes:
    """The list of files under evidence/ as `sha256sum` writes it, by name, but for those that come
    with the report or after it."""
    names = sorted(files.keys() - WITH_THE_REPORT)
    return "".join(f"{sha256_hex(files[name])}  {name}\n" for name in names).encode()


def walk(pack: Path, *, empty_folders: bool = False) -> Iterator[tuple[str, bool]]:
    """Everything under evidence/ as (relative path, whether it is a regular file)."""
    pending = [EVIDENCE]
    while pending:
        here = pending.pop()
        folder = pack / here
        if folder.is_symlink() or not folder.is_dir():
            if os.path.lexists(folder):
                yield here, False
            continue  # no evidence at all: everything listed is missing
        children = sorted(os.scandir(folder), key=lambda child: child.name)
        if empty_folders and here != EVIDENCE and (not children or here.count("/") > _DEEPEST):
            yield here, False
            continue
        for child in children:
            path = f"{here}/{child.name}"
            mode = child.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                pending.append(path)
            else:
                yield path, stat.S_ISREG(mode)
