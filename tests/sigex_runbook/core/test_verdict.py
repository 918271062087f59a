"""The verdict follows from facts: green needs every step and three channels that agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sigex_runbook.core.access import AccessBlock, AccessSettings
from sigex_runbook.core.audit import Audit, AuditEvent, Unread
from sigex_runbook.core.messages import reading
from sigex_runbook.core.plan import Plan
from sigex_runbook.core.record import Outcome, StepRecord
from sigex_runbook.core.verdict import (
    Answer,
    Channel,
    Check,
    CheckResult,
    Failure,
    Probe,
    VerdictKind,
    expected_answer,
    failure_of,
    judge_probes,
    judge_settings,
    reach_verdict,
    unreached,
)
from tests.builders import block, entry, settings, step_record

AGREES, DISAGREES, NOT_CHECKED = CheckResult
PASSED, FAILED, NOT_RUN = Outcome


def checks(*results: CheckResult | None) -> list[Check]:
    """One finding for each channel in order; None means that there is none."""
    return [
        Check(channel, result, f"{channel}: {result}")
        for channel, result in zip(Channel, results, strict=True)
        if result is not None
    ]


def steps(*outcomes: Outcome) -> list[StepRecord]:
    return [step_record(outcome, position=n) for n, outcome in enumerate(outcomes, start=1)]


ALL_AGREE = checks(AGREES, AGREES, AGREES)
DONE = steps(PASSED, PASSED)

CASES: list[tuple[str, Sequence[StepRecord], Sequence[Check], VerdictKind]] = [
    ("all is well", DONE, ALL_AGREE, VerdictKind.PASSED),
    ("no steps at all", [], ALL_AGREE, VerdictKind.FAILED),
    ("a failed step", steps(PASSED, FAILED), ALL_AGREE, VerdictKind.FAILED),
    ("a step that did not run", steps(PASSED, NOT_RUN), ALL_AGREE, VerdictKind.FAILED),
    ("nothing ran", steps(NOT_RUN, NOT_RUN), [], VerdictKind.FAILED),
    ("no channel checked", DONE, [], VerdictKind.PARTIAL),
    ("not run and not checked", steps(NOT_RUN), checks(AGREES, AGREES, None), VerdictKind.FAILED),
    *(
        (
            f"{channel} {result}",
            DONE,
            checks(*(result if c is channel else AGREES for c in Channel)),
            VerdictKind.FAILED if result is DISAGREES else VerdictKind.PARTIAL,
        )
        for channel in Channel
        for result in (DISAGREES, NOT_CHECKED, None)
    ),
    ("unseen and wrong", DONE, checks(NOT_CHECKED, DISAGREES, None), VerdictKind.FAILED),
]


@pytest.mark.parametrize(
    ("records", "found", "kind"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_the_verdict(
    records: Sequence[StepRecord], found: Sequence[Check], kind: VerdictKind
) -> None:
    verdict = reach_verdict(records, found)
    assert verdict.kind is kind
    assert verdict.reasons
    assert all(verdict.reasons)


@pytest.mark.parametrize("records", [DONE, [], steps(FAILED)])
@pytest.mark.parametrize("found", [ALL_AGREE, []])
def test_whatever_stopped_a_run_makes_it_fail(
    records: Sequence[StepRecord], found: Sequence[Check]
) -> None:
    """Also when it came after everything had been seen to agree."""
    assert reach_verdict(records, found, Failure("ядро умерло")).kind is VerdictKind.FAILED


def test_a_passed_run_tells_what_each_channel_saw() -> None:
    found = list(reversed(ALL_AGREE))
    assert reach_verdict(DONE, found).reasons == tuple(c.detail for c in ALL_AGREE)


def test_the_first_failed_step_comes_first_then_disagreements() -> None:
    records = [
        step_record(FAILED, position=3, section=4, callout=6, message="галочки нет"),
        step_record(FAILED, position=4, section=5, message="и этой тоже"),
    ]
    verdict = reach_verdict(records, checks(DISAGREES, AGREES, DISAGREES))
    assert verdict.reasons == (
        "Раздел 4, выноска (6): галочки нет",
        "screen: disagrees",
        "mtls: disagrees",
    )
    assert (verdict.section, verdict.callout) == (4, 6)


def test_a_failed_step_outranks_what_else_stopped_the_run() -> None:
    verdict = reach_verdict(
        [step_record(FAILED, section=2, message="шаг")], [], Failure("снаружи", 8, 13)
    )
    assert verdict.reasons == ("Раздел 2: шаг",)
    assert (verdict.section, verdict.callout) == (2, None)


def test_without_a_failed_step_the_outer_failure_names_the_place() -> None:
    verdict = reach_verdict(steps(PASSED, NOT_RUN), [], Failure("снаружи", 2, 3))
    assert verdict.reasons == ("Раздел 2, выноска (3): снаружи",)
    assert (verdict.section, verdict.callout) == (2, 3)


def test_a_failed_step_without_a_message_is_told_by_its_words() -> None:
    assert failure_of(step_record(FAILED, position=7, section=3)) == Failure("шаг 7", 3, None)


@pytest.mark.parametrize("later_first", [True, False])
def test_a_disagreement_is_not_outvoted_by_its_own_channel(later_first: bool) -> None:
    """Two findings of one channel: the bad one counts, whichever was told last."""
    found = [*ALL_AGREE, Check(Channel.API, DISAGREES, "настройки иные")]
    if later_first:
        found.reverse()
    assert reach_verdict(DONE, found).kind is VerdictKind.FAILED


# -- probes


def probe(
    answer: Answer,
    expected: Answer = Answer.SERVED,
    *,
    moment: str = "after",
    control: bool = False,
    detail: str = "",
    block: AccessBlock = AccessBlock.DOCUMENTS_LIST,
) -> Probe:
    return Probe(moment, "Учёт", control, block, expected, answer, detail)


SERVED, REFUSED, NOT_TRIED, UNCLEAR = Answer
BOTH = [
    made
    for block in AccessBlock
    for made in (
        probe(REFUSED, REFUSED, moment="before", block=block),
        probe(SERVED, block=block),
        probe(REFUSED, REFUSED, moment="before", control=True, block=block),
        probe(REFUSED, REFUSED, control=True, block=block),
    )
]


def test_probes_that_all_answer_as_the_settings_say_agree() -> None:
    found = judge_probes(BOTH)
    assert (found.channel, found.result) == (Channel.MTLS, AGREES)
    assert "обслужено 4" in found.detail
    assert "отказано 12" in found.detail


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(probe(REFUSED), id="granted but refused"),
        pytest.param(probe(SERVED, REFUSED), id="not granted but served"),
        pytest.param(probe(SERVED, REFUSED, moment="before"), id="served before it was granted"),
        pytest.param(probe(SERVED, REFUSED, control=True), id="the control is served"),
        pytest.param(probe(UNCLEAR), id="unclear where it should be served"),
        pytest.param(probe(UNCLEAR, REFUSED), id="unclear where it should be refused"),
    ],
)
@pytest.mark.parametrize("beside", [[], BOTH, [probe(NOT_TRIED)]])
def test_one_wrong_answer_is_enough(wrong: Probe, beside: list[Probe]) -> None:
    assert judge_probes([*beside, wrong]).result is DISAGREES
    assert judge_probes([wrong, *beside]).result is DISAGREES


def test_wrong_answers_are_counted_and_the_first_is_told() -> None:
    found = judge_probes([probe(UNCLEAR, detail="Unexpected error"), probe(REFUSED)])
    assert "«Учёт», раздел 5" in found.detail
    assert "Unexpected error" in found.detail
    assert "всего расхождений 2" in found.detail


@pytest.mark.parametrize(
    "probes", [[], [probe(NOT_TRIED, detail="нет ключа")], [*BOTH, probe(NOT_TRIED, REFUSED)]]
)
def test_what_was_not_tried_is_not_checked(probes: list[Probe]) -> None:
    """One grant that nobody tried keeps the whole channel from agreeing."""
    assert judge_probes(probes).result is NOT_CHECKED


def test_the_reason_for_not_trying_is_told() -> None:
    assert judge_probes([*BOTH, probe(NOT_TRIED, detail="нет ключа")]).detail == "нет ключа"


@pytest.mark.parametrize("block", AccessBlock)
def test_a_control_that_has_the_access_too_is_no_control(block: AccessBlock) -> None:
    """A service that serves whoever asks would look the same."""
    served = probe(SERVED, moment="before", control=True, block=block)
    probes = [
        replace(served, moment=p.moment) if p.control and p.block is block else p for p in BOTH
    ]
    found = judge_probes(probes)
    assert found.result is NOT_CHECKED
    assert "control_system" in found.detail


def test_where_nothing_was_granted_the_control_may_have_access() -> None:
    """What the ordered system had before, or lost, needs nobody else to be refused it."""
    had_before = [replace(p, expected=SERVED, answer=SERVED) for p in BOTH]
    lost = [
        replace(p, expected=REFUSED, answer=REFUSED) if p.moment == "after" and not p.control else p
        for p in had_before
    ]
    for probes in (had_before, lost):
        assert judge_probes(probes).result is AGREES


def test_probes_from_before_alone_prove_nothing() -> None:
    """The channel is about the result: without a look afterwards it has not been checked."""
    assert judge_probes([probe(REFUSED, REFUSED, moment="before")]).result is NOT_CHECKED


def test_a_system_without_one_plain_answer_has_not_reached_the_service() -> None:
    silent = [probe(UNCLEAR, moment="before", detail="тишина")] * 4
    assert unreached([*BOTH, *silent]) is None  # this system was answered otherwise
    assert unreached(silent) == silent[0]
    assert unreached([*silent, probe(NOT_TRIED)]) is None
    assert unreached([]) is None


@pytest.mark.parametrize(
    ("ticks", "disabled", "index", "answer"),
    [
        ((0,), False, 0, Answer.SERVED),
        ((0, 0), False, 0, Answer.SERVED),
        ((1,), False, 0, Answer.REFUSED),
        ((0,), True, 0, Answer.REFUSED),
        ((0,), False, None, Answer.REFUSED),
    ],
)
def test_a_system_is_owed_what_it_was_granted_unless_it_is_switched_off(
    ticks: tuple[int, ...], disabled: bool, index: int | None, answer: Answer
) -> None:
    systems = [entry("Учёт") | {"disabled": disabled}, entry("Кадры")]
    now = settings(tlsCertificatesList=systems, documentsList=block(*ticks))
    assert expected_answer(now, AccessBlock.DOCUMENTS_LIST, index) is answer


BEFORE, EXPECTED = settings(), settings(documentsList=block(0, 1))
PLAN, IDLE = Plan(BEFORE, EXPECTED, 0, None), Plan(EXPECTED, EXPECTED, 0, None)
STORED = AccessSettings(
    {k: v for k, v in EXPECTED.body.items() if k not in {"businessId", "modifiedAt"}}
)
EVENT = AuditEvent(7, by_employee=True, original=BEFORE, modified=STORED)
NOTED = Audit((EVENT,))


@pytest.mark.parametrize(
    ("ticks", "result", "said"),
    [((1, 0, 1), AGREES, "целиком равны"), ((0,), DISAGREES, "documentsList.tlsCert")],
)
def test_settings_that_say_the_same_agree(
    ticks: tuple[int, ...], result: CheckResult, said: str
) -> None:
    check = judge_settings(PLAN, settings(documentsList=block(*ticks), modifiedAt=1), NOTED)
    assert (check.channel, check.result) == (Channel.API, result)
    assert said in check.detail


@pytest.mark.parametrize(
    ("plan", "events", "result", "said"),
    [
        (PLAN, (EVENT,), AGREES, "одна новая запись"),
        (IDLE, (), AGREES, "новых записей в журнале сервиса нет"),
        (PLAN, (), DISAGREES, "в журнале сервиса 0, а должно быть 1"),
        (PLAN, (EVENT, EVENT), DISAGREES, "в журнале сервиса 2, а должно быть 1"),
        (IDLE, (EVENT,), DISAGREES, "в журнале сервиса 1, а должно быть 0"),
        (PLAN, (replace(EVENT, by_employee=False),), DISAGREES, "не вошедший сотрудник"),
        (PLAN, (replace(EVENT, original=STORED),), DISAGREES, "documentsList.tlsCert"),
        (PLAN, (replace(EVENT, modified=BEFORE),), DISAGREES, "documentsList.tlsCert"),
        (
            PLAN,
            (replace(EVENT, modified=settings(documentsList=block(0, 1), packagesList=None)),),
            DISAGREES,
            "packagesList.authorities",
        ),
    ],
)
def test_the_services_journal_tells_of_the_run_and_of_nothing_else(
    plan: Plan, events: tuple[AuditEvent, ...], result: CheckResult, said: str
) -> None:
    check = judge_settings(plan, EXPECTED, Audit(events))
    assert (check.channel, check.result) == (Channel.API, result)
    assert said in check.detail
    for language in ("kk", "en"):
        assert reading(check.detail, language)


@pytest.mark.parametrize("unread", Unread)
@pytest.mark.parametrize("plan", [PLAN, IDLE])
def test_a_journal_that_was_not_read_fails_nothing_and_is_told(plan: Plan, unread: Unread) -> None:
    check = judge_settings(plan, EXPECTED, Audit(unread=unread, reason="Access denied"))
    assert check.result is AGREES
    assert "журнал изменений не сверен" in check.detail
    assert ("«Access denied»" in check.detail) is (unread is Unread.REFUSED)
    for language in ("kk", "en"):
        assert reading(check.detail, language)


def test_what_the_settings_say_comes_before_what_the_journal_says() -> None:
    check = judge_settings(PLAN, BEFORE, Audit())
    assert "отличаются от ожидаемых" in check.detail
