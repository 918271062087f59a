"""The record is what happened: a step counts as done only when that very step was done."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import DeadlinePassed
from sigex_runbook.core.organisation import Bin
from sigex_runbook.core.record import Outcome, PlannedStep
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.run.scenarios.features import Place
from sigex_runbook.run.scenarios.pytest_hooks import RecordingHooks
from sigex_runbook.run.scenarios.recorder import Recorder
from sigex_runbook.site.screenshot import Sighting
from tests.builders import ORGANISATION

FEATURE = SimpleNamespace(filename="/anywhere/features/8.feature")
TEXTS = ("сотрудник сохраняет", "всё сохранено", "больше ничего")


@pytest.fixture
def draft(tmp_path: Path) -> PackDraft:
    return PackDraft.create(tmp_path, "tests", Bin(ORGANISATION), "run-1")


@pytest.fixture
def recorder(draft: PackDraft) -> Iterator[Recorder]:
    planned = {
        Place("8.feature", line): PlannedStep(line, 8, "Сохранение", "Когда", text, None)
        for line, text in enumerate(TEXTS, start=1)
    }
    recorder = Recorder(
        draft, Redactor(Bin(ORGANISATION)), planned, environment="https://x", deadline=Deadline(60)
    )
    yield recorder
    recorder.close()


def nothing_to_see() -> Sighting:
    raise RuntimeError("the page is gone")


@pytest.fixture
def hooks(recorder: Recorder) -> RecordingHooks:
    return RecordingHooks(lambda: recorder, nothing_to_see)


def step(line: int, text: str | None = None) -> SimpleNamespace:
    """A step as pytest-bdd tells it."""
    return SimpleNamespace(line_number=line, name=text or TEXTS[line - 1])


def outcomes(draft: PackDraft) -> list[tuple[str, Outcome]]:
    """What is on disk."""
    return [(record.step.text, record.outcome) for record in draft.read_steps()]


def test_after_a_failure_the_rest_did_not_run(
    hooks: RecordingHooks, recorder: Recorder, draft: PackDraft
) -> None:
    """pytest-bdd itself would call them failed."""
    hooks.pytest_bdd_before_step(FEATURE, step(1))
    hooks.pytest_bdd_after_step()
    hooks.pytest_bdd_before_step(FEATURE, step(2))
    hooks.pytest_bdd_step_error(AssertionError("не сохранено\nassert 1 == 2"))
    recorder.close()
    assert outcomes(draft) == [
        (TEXTS[0], Outcome.PASSED),
        (TEXTS[1], Outcome.FAILED),
        (TEXTS[2], Outcome.NOT_RUN),
    ]
    assert draft.read_steps()[1].message == "не сохранено"
    assert draft.exists("screens/failure.txt")  # the page was gone, and the record says so


def test_a_step_that_began_and_never_ended_did_not_run(
    hooks: RecordingHooks, recorder: Recorder, draft: PackDraft
) -> None:
    """`pytest.skip()` inside a step fires neither of pytest-bdd's hooks."""
    hooks.pytest_bdd_before_step(FEATURE, step(1))
    recorder.close()
    assert outcomes(draft)[0] == (TEXTS[0], Outcome.NOT_RUN)


def test_a_sentence_without_a_step_fails(
    hooks: RecordingHooks, recorder: Recorder, draft: PackDraft
) -> None:
    hooks.pytest_bdd_step_func_lookup_error(FEATURE, step(1))
    assert outcomes(draft) == [(TEXTS[0], Outcome.FAILED)]
    assert recorder.failure is not None
    assert f"строка {step(1).line_number}: для слов «{TEXTS[0]}» нет шага" in str(recorder.failure)


def test_another_sentence_at_the_planned_place_is_not_taken_for_it(
    hooks: RecordingHooks, draft: PackDraft
) -> None:
    """pytest-bdd keeps parsed features: after an edit, a second run in one process performs the old
    sentence, and the record must not say that the new one came true."""
    with contextlib.suppress(Exception):
        hooks.pytest_bdd_before_step(FEATURE, step(2, "прежние слова"))
        hooks.pytest_bdd_after_step()
    assert (TEXTS[1], Outcome.PASSED) not in outcomes(draft)


def test_people_are_covered_in_what_is_told(hooks: RecordingHooks, draft: PackDraft) -> None:
    hooks.pytest_bdd_before_step(FEATURE, step(1))
    hooks.pytest_bdd_step_error(AssertionError("вошёл IIN900101300126"))
    message = draft.read_steps()[0].message
    assert message is not None
    assert "900101300126" not in message


def test_a_step_that_still_waits_when_the_time_is_up_failed(
    hooks: RecordingHooks, recorder: Recorder, draft: PackDraft
) -> None:
    hooks.pytest_bdd_before_step(FEATURE, step(1))
    recorder.break_off(DeadlinePassed("Запуск не уложился в 5 с."))
    hooks.pytest_bdd_after_step()  # the page answered at last; nobody listens
    with pytest.raises(DeadlinePassed):
        hooks.pytest_bdd_before_step(FEATURE, step(2))
    recorder.close()
    assert outcomes(draft) == [
        (TEXTS[0], Outcome.FAILED),
        (TEXTS[1], Outcome.NOT_RUN),
        (TEXTS[2], Outcome.NOT_RUN),
    ]
    assert draft.read_steps()[0].message == "Запуск не уложился в 5 с."
