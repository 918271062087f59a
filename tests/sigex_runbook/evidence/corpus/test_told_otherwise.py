"""A service may tell the same settings in other words: a run does not mind, nor does its pack."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.evidence.attest.findings import Status
from tests.sigex_runbook.evidence.sealed import Place, copy

from .lying import Edit, both, field_of, reading_between, settings, told

TWICE: dict[str, Any] = {block: {"tlsCertificatesIndices": [0, 0]} for block in AccessBlock}
SAVED_IN_BETWEEN = 1_700_000_000_001


def ticked_twice(state: Any) -> None:
    for block in AccessBlock:
        state[block]["tlsCertificatesIndices"] = [0, 0]


def nobody_is_null(state: Any) -> None:
    for block in AccessBlock:
        state[block]["iins"] = None


def nobody_is_left_out(state: Any) -> None:
    for block in AccessBlock:
        del state[block]["iins"]


def no_tick_is_null(state: Any) -> None:
    for block in AccessBlock:
        state[block]["tlsCertificatesIndices"] = state[block]["tlsCertificatesIndices"] or None


TRUTHS: dict[str, Edit] = {
    "the system is told a number twice": field_of(14, **TWICE),
    "the employee is told a number twice": both(
        settings(ticked_twice, "after"), field_of(10, **TWICE)
    ),
    "everybody is told a number twice": both(
        settings(ticked_twice, "after"), field_of(10, **TWICE), field_of(14, **TWICE)
    ),
    "a number told twice in between": reading_between(**{block: [0, 0] for block in AccessBlock}),
    "after saving nobody is null": settings(nobody_is_null, "after"),
    "after saving nobody is left out": settings(nobody_is_left_out, "after"),
    "no tick is null": settings(no_tick_is_null, "before"),
    "nobody is null from the beginning": settings(nobody_is_null, "before", "expected", "after"),
    "the document that was tried moved the time": field_of(14, modifiedAt=SAVED_IN_BETWEEN),
    "a time that moved in between": both(
        reading_between(), field_of(10, modifiedAt=SAVED_IN_BETWEEN)
    ),
}


@pytest.mark.parametrize("edit", TRUTHS.values(), ids=TRUTHS)
def test_the_same_settings_in_other_words_are_the_same(
    sealed: Place, tmp_path: Path, edit: Edit
) -> None:
    judged = told(copy(sealed, tmp_path / "outputs"), edit)
    assert (judged.found.findings, judged.found.status) == ((), Status.INTEGRITY_ONLY)
    assert (judged.against, judged.second) == ([], Status.INTEGRITY_ONLY)
