"""Trials of the runbook itself: how they are judged, and one of each outcome for real."""

from __future__ import annotations

import pytest

from sigex_runbook.emulator.faults import CATALOGUE
from sigex_runbook.errors import UsageError
from sigex_runbook.mutants import (
    Finding,
    Kind,
    Mutant,
    all_mutants,
    judge_fault,
    judge_look,
    named_mutants,
    try_mutants,
)
from sigex_runbook.verdict import Verdict, VerdictKind

PASSED = Verdict(VerdictKind.PASSED, ())


def failed(section: int | None = None, callout: int | None = None) -> Verdict:
    return Verdict(VerdictKind.FAILED, ("что-то не так",), section, callout)


@pytest.mark.parametrize(
    ("fault", "verdict", "untouched", "finding"),
    [
        ("save-not-stored", PASSED, True, Finding.SURVIVED),
        ("save-not-stored", failed(8), True, Finding.CAUGHT),
        ("save-block-lost", failed(7), False, Finding.MISPLACED),
        ("load-stale", failed(2), True, Finding.CAUGHT),  # earlier, with nothing touched
        ("load-502", failed(3), True, Finding.MISPLACED),  # later
        ("page-header-missing", failed(4), False, Finding.MISPLACED),  # no callout named
        ("page-header-missing", failed(4, 5), True, Finding.CAUGHT),
        ("page-header-missing", failed(4, 6), True, Finding.MISPLACED),
        ("mtls-grant-never", failed(), False, Finding.CAUGHT),
        ("mtls-grant-never", failed(8), False, Finding.CAUGHT),
        ("mtls-grant-never", failed(5), False, Finding.MISPLACED),
        ("mtls-grant-never", PASSED, False, Finding.SURVIVED),
        ("load-slow", PASSED, False, Finding.HELD),
        ("load-slow", failed(2), True, Finding.FALSE_ALARM),
    ],
)
def test_a_fault_is_judged_by_where_it_was_noticed(
    fault: str, verdict: Verdict, untouched: bool, finding: Finding
) -> None:
    assert judge_fault(CATALOGUE[fault], verdict, untouched=untouched) is finding


@pytest.mark.parametrize(
    ("kind", "verdict", "untouched", "right", "finding"),
    [
        (Kind.SKIN, PASSED, False, True, Finding.HELD),
        (Kind.SKIN, PASSED, False, False, Finding.WRONG_TICK),
        (Kind.SKIN, failed(4, 5), True, False, Finding.NOT_FOUND),
        (Kind.SKIN, failed(8), False, True, Finding.WRONG_TICK),
        (Kind.CLEAN, PASSED, False, True, Finding.HELD),
        (Kind.CLEAN, failed(4, 5), True, False, Finding.FALSE_ALARM),
    ],
)
def test_a_look_is_judged_by_the_truth_of_the_world(
    kind: Kind, verdict: Verdict, untouched: bool, right: bool, finding: Finding
) -> None:
    assert judge_look(Mutant(kind, "x"), verdict, untouched=untouched, right=right) is finding


def test_the_whole_catalogue_is_tried() -> None:
    tried = {mutant.name for mutant in all_mutants() if mutant.kind is Kind.FAULT}
    assert tried == set(CATALOGUE)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UsageError, match="нет"):
        named_mutants(["no-such"], all_mutants())


def test_real_trials_end_as_they_must() -> None:
    wanted = {
        "save-not-stored": (Finding.CAUGHT, "раздел 8"),
        "session-of-other-person": (Finding.CAUGHT, "раздел 1"),
        "page-checkbox-unticks-later": (Finding.CAUGHT, "раздел 8"),
        "save-slow": (Finding.HELD, "выполнено"),
        "ncalayer-broken-signature": (Finding.CAUGHT, "раздел 1"),
    }
    mutants = named_mutants(wanted, all_mutants())
    trials = {trial.mutant.name: trial for trial in try_mutants(mutants, workers=1)}
    assert {name: (t.finding, t.reported) for name, t in trials.items()} == wanted
    assert "data:" not in str(trials)
