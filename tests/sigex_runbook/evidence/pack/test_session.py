"""What the kernel leaves for whoever completes the pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.organisation import Bin
from sigex_runbook.core.verdict import Failure, Saved
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.layout import SESSION
from sigex_runbook.evidence.pack.session import BrowserUsed, Clock, Notes, Removed, Session

CLOCK = Clock("2026-11-24T09:00:00+05:00", "+05", 0.3)
NOTES = Notes(
    Session(BrowserUsed("chromium", "143.0"), "3.11.9", "Сотрудник", CLOCK, None),
    Failure("Кнопки нет.", 8, 13),
    (Removed("steps.ndjson", "iin", 2),),
    Saved.UNKNOWN,
)


@pytest.fixture
def draft(tmp_path: Path) -> PackDraft:
    return PackDraft.create(tmp_path, "весна", Bin("200240002381"), "run")


def test_the_last_notes_are_read_as_they_were_written(draft: PackDraft) -> None:
    Notes(NOTES.session).write(draft)
    NOTES.write(draft)
    assert Notes.read(draft) == NOTES


def test_a_kernel_that_noted_nothing_saved_nothing(draft: PackDraft) -> None:
    assert Notes.read(draft) == Notes(None, None, (), Saved.NO)


def test_notes_that_are_no_json_are_refused(draft: PackDraft) -> None:
    draft.write_bytes(SESSION, b"{")
    with pytest.raises(RunFailed, match=SESSION):
        Notes.read(draft)
