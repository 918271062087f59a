"""The verdict over every combination of facts: green has one reason, and worse is never better."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.record import Outcome, StepRecord
from sigex_runbook.core.verdict import (
    Answer,
    Channel,
    Check,
    CheckResult,
    Failure,
    Probe,
    VerdictKind,
    judge_probes,
    reach_verdict,
)
from tests.builders import step_record

GRAVITY = {VerdictKind.PASSED: 0, VerdictKind.PARTIAL: 1, VerdictKind.FAILED: 2}
WORSE_STEP = {Outcome.PASSED: Outcome.NOT_RUN, Outcome.NOT_RUN: Outcome.FAILED}
WORSE_CHECK = {
    CheckResult.AGREES: CheckResult.NOT_CHECKED,
    CheckResult.NOT_CHECKED: CheckResult.DISAGREES,
}

# Mostly good: what is to be looked at is one bad fact among many good ones.
outcomes = st.sampled_from((Outcome.PASSED,) * 8 + tuple(Outcome))
results = st.sampled_from((CheckResult.AGREES,) * 5 + tuple(CheckResult))
steps = st.lists(outcomes, max_size=6).map(
    lambda found: [step_record(outcome, position=n) for n, outcome in enumerate(found, 1)]
)
checks = st.lists(
    st.builds(Check, st.sampled_from(Channel), results, st.sampled_from(("", "так"))), max_size=5
) | st.lists(results, min_size=3, max_size=3).map(
    lambda found: [Check(c, r, str(c)) for c, r in zip(Channel, found, strict=True)]
)
failures = st.sampled_from((None, None, None, Failure("стоп", 4, 5), Failure("")))


@given(steps, checks, failures)
def test_passed_means_every_step_and_all_three_channels(
    records: list[StepRecord], found: list[Check], failure: Failure | None
) -> None:
    verdict = reach_verdict(records, found, failure)
    clean = bool(records) and all(r.outcome is Outcome.PASSED for r in records) and failure is None
    agreeing = {c.channel for c in found} == set(Channel) and all(
        c.result is CheckResult.AGREES for c in found
    )
    disagreeing = any(c.result is CheckResult.DISAGREES for c in found)
    assert (verdict.kind is VerdictKind.PASSED) is (clean and agreeing)
    assert (verdict.kind is VerdictKind.FAILED) is (not clean or disagreeing)
    assert verdict.reasons


@given(steps, checks, failures, st.data())
def test_a_worse_fact_never_makes_a_better_verdict(
    records: list[StepRecord], found: list[Check], failure: Failure | None, data: st.DataObject
) -> None:
    before = reach_verdict(records, found, failure)
    worse_records, worse_found = list(records), list(found)
    worse_step, worse_check = data.draw(st.booleans()), data.draw(st.booleans())
    if records and worse_step:
        place = data.draw(st.integers(0, len(records) - 1))
        record = records[place]
        outcome = WORSE_STEP.get(record.outcome, record.outcome)
        worse_records[place] = replace(record, outcome=outcome)
    if found and worse_check:
        place = data.draw(st.integers(0, len(found) - 1))
        check = found[place]
        worse_found[place] = replace(check, result=WORSE_CHECK.get(check.result, check.result))
    worse_failure = failure or data.draw(failures)
    after = reach_verdict(worse_records, worse_found, worse_failure)
    assert GRAVITY[after.kind] >= GRAVITY[before.kind]


@given(steps, checks)
def test_the_order_in_which_facts_arrive_does_not_count(
    records: list[StepRecord], found: list[Check]
) -> None:
    there = reach_verdict(records, found)
    assert reach_verdict(records, found[::-1]).kind is there.kind
    assert reach_verdict(records[::-1], found).kind is there.kind


# -- the information systems' own tries

WORST_ANSWER = {Answer.SERVED: Answer.REFUSED, Answer.REFUSED: Answer.SERVED}


@st.composite
def all_probes(draw: st.DrawFn) -> list[Probe]:
    """Both systems, both moments, all four blocks, each answered as the settings say."""
    return [
        Probe(moment, "имя", control, block, expected, expected)
        for moment in ("before", "after")
        for control in (False, True)
        for block in AccessBlock
        for expected in [draw(st.sampled_from((Answer.SERVED, Answer.REFUSED)))]
    ]


@given(all_probes(), st.permutations(range(16)))
def test_a_full_set_of_expected_answers_agrees(probes: list[Probe], order: list[int]) -> None:
    """Unless nobody is left whom the service must refuse what was granted."""
    served = {(p.moment, p.control, p.block): p.answer is Answer.SERVED for p in probes}
    nobody_refused = any(
        not served["before", False, block]
        and served["after", False, block]
        and served["after", True, block]
        for block in AccessBlock
    )
    wanted = CheckResult.NOT_CHECKED if nobody_refused else CheckResult.AGREES
    assert judge_probes([probes[n] for n in order]).result is wanted


@given(all_probes(), st.integers(0, 15))
def test_one_missing_try_is_not_agreement(probes: list[Probe], missing: int) -> None:
    """Three of four blocks prove nothing about the fourth."""
    kept = [probe for n, probe in enumerate(probes) if n != missing]
    check = judge_probes(kept)
    assert check.result is CheckResult.NOT_CHECKED
    assert check.detail


@given(all_probes(), st.integers(0, 15), st.sampled_from(Answer), st.integers(0, 15))
def test_one_other_answer_is_not_agreement(
    probes: list[Probe], place: int, answer: Answer, untried: int
) -> None:
    """And a try that was not made does not hide it."""
    if answer is probes[place].expected:
        answer = WORST_ANSWER[answer]
    probes[place] = replace(probes[place], answer=answer)
    wanted = CheckResult.NOT_CHECKED if answer is Answer.NOT_TRIED else CheckResult.DISAGREES
    assert judge_probes(probes).result is wanted
    if untried != place:
        probes[untried] = replace(probes[untried], answer=Answer.NOT_TRIED)
        assert judge_probes(probes).result is wanted
