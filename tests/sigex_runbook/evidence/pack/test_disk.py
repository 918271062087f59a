"""Files that grow: what a killed process left of their last line is taken away, quickly."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest

from sigex_runbook.evidence.pack.disk import cut_half_line

LONG = b"x" * 10_000


@pytest.mark.parametrize(
    ("found", "left"),
    [
        (b"", b""),
        (b"half", b""),
        (b"one\n", b"one\n"),
        (b"one\nha", b"one\n"),
        (LONG, b""),
        (b"one\n" + LONG, b"one\n"),
        (LONG + b"\n" + LONG + b"\nhalf", LONG + b"\n" + LONG + b"\n"),
    ],
)
def test_whole_lines_stay(tmp_path: Path, found: bytes, left: bytes) -> None:
    file = tmp_path / "lines"
    file.write_bytes(found)
    cut_half_line(file)
    assert file.read_bytes() == left


def test_a_long_file_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    with file.open("wb") as out:
        os.truncate(out.fileno(), 64 << 20)
        out.seek(0, os.SEEK_END)
        out.write(b"\nwhole\nhalf")
    tracemalloc.start()
    try:
        cut_half_line(file)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert file.stat().st_size == (64 << 20) + len(b"\nwhole\n")
