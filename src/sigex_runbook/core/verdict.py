"""Probes, checks and the verdict. The verdict is computed from facts, never set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .access import AccessBlock, AccessSettings, differences
from .audit import Audit, agreement, disagreement
from .guide import load_guide
from .messages import say
from .plan import Plan
from .record import Outcome, StepRecord


class Answer(StrEnum):
    """What the service did for an information system that tried to use one grant."""

    SERVED = "served"
    REFUSED = "refused"
    NOT_TRIED = "not_tried"
    UNCLEAR = "unclear"


ANSWER_WORDS = {
    Answer.SERVED: "обслужена",
    Answer.REFUSED: "отказано",
    Answer.NOT_TRIED: "не пробовала",
    Answer.UNCLEAR: "неясно",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """One information system tries one grant over mTLS. `moment` is `before` or `after`;
    `expected` follows from the settings that should be in force then; `detail` is the reason
    in words when the answer is not plain."""

    moment: str
    system: str
    control: bool
    block: AccessBlock
    expected: Answer
    answer: Answer
    detail: str = ""

    @property
    def as_expected(self) -> bool:
        """Whether the service did what the settings say."""
        return self.answer is self.expected


class Channel(StrEnum):
    """The three ways in which a result is seen."""

    SCREEN = "screen"
    API = "api"
    MTLS = "mtls"


class CheckResult(StrEnum):
    """How one channel ended."""

    AGREES = "agrees"
    DISAGREES = "disagrees"
    NOT_CHECKED = "not_checked"


_GRAVITY = {CheckResult.AGREES: 0, CheckResult.NOT_CHECKED: 1, CheckResult.DISAGREES: 2}


@dataclass(frozen=True, slots=True)
class Check:
    """One channel's finding, with one sentence for the reader."""

    channel: Channel
    result: CheckResult
    detail: str


class Saved(StrEnum):
    """Whether this run saved the settings: what the service said to it."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"


SAVED_WORDS = {
    Saved.NO: "Настройки этим запуском не сохранены.",
    Saved.YES: "Настройки сохранены: сервис подтвердил это.",
    Saved.UNKNOWN: "Сохранены ли настройки, неизвестно: запустите снова, повтор сначала прочтёт "
    "их.",
}


_NOTHING_TO_DO = (
    "Менять было нечего: всё уже было так, как заказано; ни галочек, ни кнопки сохранения не "
    "нажимали."
)


def saving_words(saved: Saved, *, nothing_to_do: bool) -> str:
    """What a run did with the settings; «not saved» is not said of one that had nothing to do."""
    return _NOTHING_TO_DO if nothing_to_do and saved is Saved.NO else SAVED_WORDS[saved]


class VerdictKind(StrEnum):
    """`PASSED`: all that was ordered holds, seen three ways. `PARTIAL`: it holds as far as it was
    seen, but a channel could not be checked. `FAILED`: anything else."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    PARTIAL = "PARTIAL"


VERDICT_WORDS = {
    VerdictKind.PASSED: "Выполнено",
    VerdictKind.PARTIAL: "Выполнено, но проверено не всё",
    VerdictKind.FAILED: "Не выполнено",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome with its reasons; `section` and `callout` where it broke."""

    kind: VerdictKind
    reasons: tuple[str, ...]
    section: int | None = None
    callout: int | None = None


def expected_answer(settings: AccessSettings, block: AccessBlock, index: int | None) -> Answer:
    """What the service owes the information system at this place of the list, None if it has none:
    it is served what it was granted, unless it is switched off."""
    served = index is not None and settings.granted(block, index) and not settings.disabled(index)
    return Answer.SERVED if served else Answer.REFUSED


def judge_settings(plan: Plan, after: AccessSettings, audit: Audit) -> Check:
    """The API channel's finding: after the change the settings are wholly what was expected, and
    the service's own journal tells of this change and no other."""
    saved = not plan.nothing_to_do
    wrong = differences(plan.expected, after)
    detail = (
        f"настройки отличаются от ожидаемых: {wrong[0].path}"
        if wrong
        else disagreement(audit, plan.before, after, saved=saved)
    )
    if detail:
        return Check(Channel.API, CheckResult.DISAGREES, detail)
    return Check(Channel.API, CheckResult.AGREES, agreement(audit, saved=saved))


def unreached(probes: Iterable[Probe]) -> Probe | None:
    """The first probe of an information system none of whose probes got a plain answer."""
    by_system: dict[bool, list[Probe]] = {}
    for probe in probes:
        by_system.setdefault(probe.control, []).append(probe)
    for made in by_system.values():
        if all(probe.answer is Answer.UNCLEAR for probe in made):
            return made[0]
    return None


def judge_probes(probes: Sequence[Probe]) -> Check:
    """The mTLS channel's finding from all its probes."""
    wrong = [p for p in probes if p.answer is not Answer.NOT_TRIED and not p.as_expected]
    if wrong:
        first = wrong[0]
        return Check(
            Channel.MTLS,
            CheckResult.DISAGREES,
            f"информационная система «{first.system}», раздел "
            f"{load_guide().section_for(first.block).number}, "
            f"{'до' if first.moment == 'before' else 'после'} изменения: ожидалось "
            f"«{ANSWER_WORDS[first.expected]}», получено «{ANSWER_WORDS[first.answer]}»"
            + (f" ({first.detail})" if first.detail else "")
            + (f"; всего расхождений {len(wrong)}" if len(wrong) > 1 else ""),
        )
    untried = [p for p in probes if p.answer is Answer.NOT_TRIED]
    if untried:
        return Check(Channel.MTLS, CheckResult.NOT_CHECKED, untried[0].detail)
    made = {(p.moment, p.control, p.block) for p in probes}
    for control, lacking in (
        (False, "mtls.not_everywhere"),
        (True, "mtls.no_control"),
    ):
        if not made.issuperset((m, control, b) for m in ("before", "after") for b in AccessBlock):
            return Check(Channel.MTLS, CheckResult.NOT_CHECKED, say(lacking))
    useless = _control_not_refused(probes)
    if useless is not None:
        return Check(
            Channel.MTLS,
            CheckResult.NOT_CHECKED,
            say(
                "mtls.control_served",
                system=useless.system,
                section=load_guide().section_for(useless.block).number,
            ),
        )
    served = sum(1 for p in probes if p.answer is Answer.SERVED)
    return Check(
        Channel.MTLS,
        CheckResult.AGREES,
        say("mtls.agrees", tries=len(probes), served=served, refused=len(probes) - served),
    )


def _control_not_refused(probes: Sequence[Probe]) -> Probe | None:
    """The control's probe that proves nothing: the ordered system was given this access by the run,
    and the control has it as well, so nobody is left whom the service must refuse."""
    expected = {(p.moment, p.control, p.block): p for p in probes}
    for block in AccessBlock:
        gained = (
            expected["before", False, block].expected is Answer.REFUSED
            and expected["after", False, block].expected is Answer.SERVED
        )
        control = expected["after", True, block]
        if gained and control.expected is not Answer.REFUSED:
            return control
    return None


@dataclass(frozen=True, slots=True)
class Failure:
    """What stopped a run: the sentence, and the guide's section and callout where it is known."""

    message: str
    section: int | None = None
    callout: int | None = None

    def __str__(self) -> str:
        if self.section is None:
            return self.message
        at = f", выноска ({self.callout})" if self.callout is not None else ""
        return f"Раздел {self.section}{at}: {self.message}"


def failure_of(record: StepRecord) -> Failure:
    """A failed step as what stopped the run."""
    step = record.step
    return Failure(record.message or step.text, step.section, step.callout)


def reach_verdict(
    steps: Iterable[StepRecord], checks: Iterable[Check], failure: Failure | None = None
) -> Verdict:
    """Compute the verdict from the record.

    `failure` is what stopped the run outside of a step, if anything did; a failed step outranks
    it, being nearer to the cause.
    """
    records = list(steps)
    found: dict[Channel, Check] = {}
    for check in checks:  # of two findings for one channel the worse one counts
        known = found.get(check.channel)
        if known is None or _GRAVITY[check.result] > _GRAVITY[known.result]:
            found[check.channel] = check
    failed = [r for r in records if r.outcome is Outcome.FAILED]
    stopped = failure_of(failed[0]) if failed else failure
    reasons = [str(stopped)] if stopped else []
    reasons += [c.detail for c in found.values() if c.result is CheckResult.DISAGREES]
    if reasons:
        return Verdict(
            VerdictKind.FAILED,
            tuple(reasons),
            stopped.section if stopped else None,
            stopped.callout if stopped else None,
        )
    if not records or any(r.outcome is not Outcome.PASSED for r in records):
        return Verdict(VerdictKind.FAILED, ("Выполнены не все шаги инструкции.",))
    unchecked = [
        channel
        for channel in Channel
        if channel not in found or found[channel].result is CheckResult.NOT_CHECKED
    ]
    if unchecked:
        return Verdict(
            VerdictKind.PARTIAL,
            tuple(found[c].detail if c in found else f"канал {c} не проверен" for c in unchecked),
        )
    return Verdict(VerdictKind.PASSED, tuple(found[c].detail for c in Channel))
