"""Trials of the runbook itself: how they are judged, and one of each outcome for real."""

from __future__ import annotations

import pytest

from sigex_emulator.faults import CATALOGUE
from sigex_emulator.skins import SKINS
from sigex_runbook.cli.main import main
from sigex_runbook.core.errors import EnvironmentMissing, RunFailed, UsageError
from sigex_runbook.core.verdict import Verdict, VerdictKind
from sigex_runbook.trials.attempts import try_all
from sigex_runbook.trials.mutants import (
    Finding,
    Kind,
    Mutant,
    Tally,
    Trial,
    all_mutants,
    named_mutants,
    tally_by_place,
    tally_by_section,
    try_in_suite,
    try_mutant,
)
from sigex_runbook.trials.mutants.suite import Watcher
from sigex_runbook.trials.mutants.trials import judge_fault, judge_look

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


def test_the_whole_catalogue_and_every_skin_are_tried() -> None:
    mutants = all_mutants(clean=2)
    assert {one.name for one in mutants if one.kind is Kind.FAULT} == set(CATALOGUE)
    assert {one.name for one in mutants if one.kind is Kind.SKIN} == set(SKINS)
    assert len(mutants) == len(CATALOGUE) + len(SKINS) + 2


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(UsageError, match="нет"):
        named_mutants(["no-such"], all_mutants())


def trial(name: str, finding: Finding, kind: Kind = Kind.FAULT) -> Trial:
    return Trial(Mutant(kind, name), "раздел 8", "что прочтёт оператор", finding, 1.0)


TRIALS = [
    trial("save-not-stored", Finding.CAUGHT),
    trial("save-block-lost", Finding.SURVIVED),
    trial("save-slow", Finding.FALSE_ALARM),
    trial("load-502", Finding.CAUGHT),
    trial("mtls-grant-never", Finding.MISPLACED),
    trial("plain", Finding.HELD, Kind.SKIN),
    trial("1", Finding.HELD, Kind.CLEAN),
]


def counted(tallies: list[Tally]) -> dict[str, list[Finding]]:
    return {tally.group: list(tally.findings) for tally in tallies}


def test_trials_are_counted_by_section() -> None:
    assert counted(tally_by_section(TRIALS)) == {
        "раздел 2": [Finding.CAUGHT],
        "раздел 8": [Finding.CAUGHT, Finding.SURVIVED],
        "проверка": [Finding.MISPLACED],
        "безобидные": [Finding.FALSE_ALARM],
        "виды": [Finding.HELD],
        "без сбоев": [Finding.HELD],
    }


def test_trials_are_counted_by_the_place_of_the_fault() -> None:
    assert counted(tally_by_place(TRIALS)) == {
        "сохранение": [Finding.CAUGHT, Finding.SURVIVED, Finding.FALSE_ALARM],
        "загрузка настроек": [Finding.CAUGHT],
        "порт ИС": [Finding.MISPLACED],
        "виды": [Finding.HELD],
        "без сбоев": [Finding.HELD],
    }


def test_every_mutant_belongs_to_one_group_of_each_kind() -> None:
    tried = [Trial(one, "", "", Finding.HELD, 0.0) for one in all_mutants(clean=1)]
    for tallies in (tally_by_section(tried), tally_by_place(tried)):
        assert sum(len(tally.findings) for tally in tallies) == len(tried)


# -- the command


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ([Finding.CAUGHT, Finding.HELD, Finding.NOT_FOUND], 0),
        ([Finding.CAUGHT, Finding.SURVIVED], 1),
        ([Finding.FALSE_ALARM], 1),
        ([Finding.MISPLACED], 1),
        ([Finding.WRONG_TICK], 1),
    ],
)
def test_the_exit_code_tells_whether_all_was_as_it_must_be(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    findings: list[Finding],
    code: int,
) -> None:
    names = ["save-not-stored", "save-block-lost", "load-502"][: len(findings)]
    ended = [trial(name, finding) for name, finding in zip(names, findings, strict=True)]
    monkeypatch.setattr("sigex_runbook.trials.attempts.try_all", lambda *_, **__: iter(ended[::-1]))
    assert main(["mutants", *names]) == code
    printed = capsys.readouterr().out
    assert ("Выживших и ложных тревог нет" in printed) == (code == 0)
    assert ("что прочтёт оператор" in printed) == (code == 1)


def test_what_the_operator_reads_is_shown_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = trial("save-not-stored", Finding.CAUGHT)
    monkeypatch.setattr("sigex_runbook.trials.attempts.try_all", lambda *_, **__: iter([ended]))
    assert main(["mutants", "save-not-stored", "--show"]) == 0
    printed = capsys.readouterr().out
    assert CATALOGUE["save-not-stored"].ru in " ".join(printed.split())
    assert "что прочтёт оператор" in printed


# -- the suite as the one that must notice


class Named:
    """A feature or a step, as far as the watcher looks."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tags = {"section-4"}


def watched(step: str, error: Exception) -> Verdict:
    watcher = Watcher()
    watcher.pytest_bdd_step_error(Named(""), Named(step), error)
    return watcher.verdict()


def test_a_red_step_tells_section_and_callout() -> None:
    assert watched("раскрывает блок (5)", AssertionError("не то\nassert 1 == 2")) == Verdict(
        VerdictKind.FAILED, ("не то",), 4, 5
    )
    assert watched("открыт подраздел", RunFailed("не найдено", callout=6)).callout == 6
    assert watched("открыт подраздел", AssertionError("не то")).callout is None


def test_a_suite_that_ran_nothing_has_caught_nothing() -> None:
    with pytest.raises(EnvironmentMissing, match="не выполняются"):
        Watcher().verdict()


def test_real_trials_of_the_suite_end_as_they_must() -> None:
    (mutant,) = named_mutants(["load-502"], all_mutants())
    (ended,) = try_all([mutant], try_in_suite, workers=1, each_in_its_own=True)
    assert (ended.finding, ended.reported) == (Finding.CAUGHT, "раздел 2")
    assert "Вместо настроек организации сервис сообщил" in ended.message


# -- the runbook


def test_real_trials_end_as_they_must() -> None:
    wanted = {
        "save-not-stored": (Finding.CAUGHT, {"раздел 8"}),
        "session-of-other-person": (Finding.CAUGHT, {"раздел 1"}),
        # The tick goes half a second later: a busy machine may still be looking at its own section.
        "page-checkbox-unticks-later": (Finding.CAUGHT, {"раздел 4", "раздел 8"}),
        "save-slow": (Finding.HELD, {"выполнено"}),
        "ncalayer-broken-signature": (Finding.CAUGHT, {"раздел 1"}),
    }
    mutants = named_mutants(wanted, all_mutants())
    ended = list(try_all(mutants, try_mutant, workers=1))
    assert {one.mutant.name for one in ended} == set(wanted)
    for one in ended:
        finding, places = wanted[one.mutant.name]
        assert one.finding is finding, one
        assert one.reported in places, one
        if one.mutant.name == "save-not-stored":
            assert "как заказано, в разделах: 4, 5, 6, 7" in one.message
    assert "data:" not in str(ended)
