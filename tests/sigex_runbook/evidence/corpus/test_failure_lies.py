"""What the owner of the signing key could tell of a run that failed; both verifiers find it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.evidence.attest.findings import Status
from tests.sigex_runbook.evidence.sealed import STARTED, Place, copy

from .lying import Edit, Lie, at, both, found_by_both, retold, told, words

DAYS_BEFORE = (STARTED - timedelta(days=5)).isoformat()
PICTURE = "screens/failure.json"


def shown(**changes: Any) -> Edit:
    """Other facts beside the picture of the failure."""
    return at(PICTURE, lambda record: record["facts"].update(changes))


LIES = [
    Lie("another failure pictured", shown(message="Да."), PICTURE, "не о том сбое"),
    Lie("another place pictured", shown(section=8, callout=13), PICTURE, "не о том сбое"),
    Lie(
        "another failure told",
        both(retold(lambda r: r.update(message="Да."), 2), words("run.json", "Нет.", "Да.")),
        PICTURE,
        "не о том сбое",
    ),
    Lie("failed elsewhere", shown(environment="https://sigex.kz"), PICTURE, "не о том сбое"),
    Lie("failed for another", shown(identity="ПЕТРОВ ПЁТР"), PICTURE, "не о том сбое"),
    Lie(
        "failed another day",
        shown(taken_at_utc=DAYS_BEFORE, taken_at_local=DAYS_BEFORE),
        PICTURE,
        "не во время",
        "E_TIME_SKEW",
    ),
    Lie(
        "failed after what was not run",
        retold(lambda r: r.update(outcome="not_run", started_at=None, duration_ms=None), 1),
        "steps.ndjson",
        "после",
    ),
    Lie(
        "not run, but begun",
        retold(lambda r: r.update(outcome="not_run", message=None), 2),
        "steps.ndjson",
        "не шёл",
    ),
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name)
def test_a_lie_about_a_failure_is_found_by_both(
    failed: Place, tmp_path: Path, lie: Lie, record_property: Any
) -> None:
    found_by_both(failed, tmp_path / "outputs", lie)
    record_property("corpus: contradictions inside a pack, all found by both verifiers", 1)


def test_a_true_failure_is_found_true(failed: Place, tmp_path: Path) -> None:
    judged = told(copy(failed, tmp_path / "outputs"), lambda _: None)
    assert (judged.found.findings, judged.against) == ((), [])
    assert (judged.found.status, judged.second) == (Status.INTEGRITY_ONLY, Status.INTEGRITY_ONLY)
