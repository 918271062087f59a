"""Files that are on the disk whole, or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

NEW = ".new"
"""Ends the name of a file that is not yet whole, or not yet vouched for."""

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600
_ANYBODYS_FILE = 0o666
_TAIL_BYTES = 4096


def write_whole(path: Path, data: bytes, *, mode: int = _ANYBODYS_FILE, sync: bool = True) -> None:
    """Write a file whole or not at all; what it is called meanwhile is gone after a failure."""
    beside = path.with_name(f"{path.name}{NEW}")
    try:
        with os.fdopen(os.open(beside, _FRESH, mode), "wb") as out:
            out.write(data)
            if sync:
                out.flush()
                os.fsync(out.fileno())
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def append_whole(path: Path, data: bytes, *, mode: int = _ANYBODYS_FILE, sync: bool = True) -> None:
    """Add to the end of a file, or leave it as it was."""
    handle = os.open(path, _APPENDING, mode)
    try:
        before = os.fstat(handle).st_size
        try:
            left = memoryview(data)
            while left:  # a disk that fills up takes a part and complains the next time
                left = left[os.write(handle, left) :]
            if sync:
                os.fsync(handle)
        except OSError:
            with suppress(OSError):
                os.ftruncate(handle, before)
            raise
    finally:
        os.close(handle)


def cut_half_line(path: Path) -> None:
    """Take away the end of a file that a killed process left without its line break. Reads its end
    only: whoever adds a line asks for this before."""
    with path.open("rb+") as file:
        size = start = file.seek(0, os.SEEK_END)
        whole = 0
        while start and not whole:
            end, start = start, max(0, start - _TAIL_BYTES)
            file.seek(start)
            if (found := file.read(end - start).rfind(b"\n")) >= 0:
                whole = start + found + 1
        if whole != size:
            file.truncate(whole)
            file.flush()
            os.fsync(file.fileno())


def sync_file(path: Path) -> None:
    """Bring a file's bytes to disk."""
    with path.open("rb+") as file:  # Windows refuses to flush what is open for reading only
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Bring a folder's names to disk."""
    if os.name == "nt":
        return  # Windows cannot flush a folder; its journal keeps renames in order
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_BINARY = getattr(os, "O_BINARY", 0)
_FRESH = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY
_APPENDING = os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY
