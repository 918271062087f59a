"""A ledger is added to, and its end is told, without reading all of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.evidence.attest.ledger import (
    BEGINNING,
    LEDGER,
    EntryKind,
    ledger_end,
    locked_ledger,
    read_ledger,
)

DIGEST = "a" * 64


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    with locked_ledger(tmp_path) as book:
        for number in range(30):
            line = book.next(EntryKind.RUN, DIGEST, None, organisation="9" * 12, run=f"r{number}")
            book.add(line)
    return tmp_path


def test_its_end_is_that_of_the_whole(campaign: Path) -> None:
    ledger = read_ledger(campaign)
    assert ledger is not None
    assert ledger_end(campaign) == (30, ledger.head)
    with (campaign / LEDGER).open("ab") as file:
        file.write(b'{"attestation":')  # somebody is writing it just now
    assert ledger_end(campaign) == (30, ledger.head)


@pytest.mark.parametrize("left", [None, b"", b"half", b"no line of a ledger\n"])
def test_where_no_line_can_be_read_it_has_not_begun(tmp_path: Path, left: bytes | None) -> None:
    if left is not None:
        (tmp_path / LEDGER).write_bytes(left)
    assert ledger_end(tmp_path) == (0, BEGINNING)


def test_what_stands_before_the_end_is_not_read(campaign: Path) -> None:
    """So that the cost of a pack does not grow with the packs that are there."""
    before, file = ledger_end(campaign), campaign / LEDGER
    data = file.read_bytes()
    file.write_bytes(b"?" * (len(data) // 2) + data[len(data) // 2 :])
    assert ledger_end(campaign) == before
