"""Files that are on the disk whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path

NEW = ".new"
"""Ends the name of a file that is not yet whole, or not yet vouched for."""


def write_whole(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    beside = path.with_name(f"{path.name}{NEW}")
    with beside.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    beside.replace(path)


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
