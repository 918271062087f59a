"""The guide as it was walked: eight sections, thirteen callouts, each with its words, its outcome
and its picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from sigex_runbook.core.guide import Callout, Section
from sigex_runbook.core.record import Act, Drift, Outcome, PlannedStep, StepRecord
from sigex_runbook.evidence.pack.records import capture_facts
from sigex_runbook.evidence.pictures.failure import candidates_are
from sigex_runbook.evidence.pictures.surroundings import surroundings

from .case import Case, utc_time
from .dossier import SAVING_CALLOUT, Picture
from .markup import Panel, bullets, code, heading, joined, panel, paragraph, picture

Output = dict[str, Any]


def walkthrough(case: Case) -> Iterator[Panel]:
    """All sections of the guide in order, also those that were not reached."""
    t = case.words
    yield panel(
        heading(2, t("guide.heading"), "guide"),
        paragraph(t("guide.about")),
        *(paragraph(one) for one in _departures(case)),
        look="opening",
    )
    for section in case.guide.sections:
        yield from _section(case, section)


def _departures(case: Case) -> Iterator[str]:
    """Where the order makes the run do something else than the guide's words say."""
    t = case.words
    ticks = {a: [s for s in _steps_to(case, a) if s.callout != SAVING_CALLOUT] for a in Act}
    for act, name in ((Act.REVOKE, "guide.revokes"), (Act.KEEP, "guide.keeps")):
        if ticks[act]:
            yield t(name, sections=", ".join(str(step.section) for step in ticks[act]))
    if any(step.callout == SAVING_CALLOUT for step in _steps_to(case, Act.KEEP)):
        yield t("guide.saves_nothing")


def _steps_to(case: Case, act: Act) -> list[PlannedStep]:
    return [record.step for record in case.dossier.steps if record.step.act is act]


def _section(case: Case, section: Section) -> Iterator[Panel]:
    t = case.words
    title = t("guide.section", number=section.number, title=t.of(section.title))
    yield panel(heading(3, title, f"section-{section.number}"))
    others = [
        s for s in case.dossier.steps if s.step.section == section.number and s.step.callout is None
    ]
    for callout in section.callouts:
        last = callout is section.callouts[-1]
        yield from _callout(case, section, callout, others if last else [])
    stopped = any(s.outcome is Outcome.FAILED for s in others)
    if stopped and case.dossier.failure_png is not None:
        yield panel(_failure(case, section), look="callout")


def _callout(
    case: Case, section: Section, callout: Callout, others: Sequence[StepRecord]
) -> Iterator[Panel]:
    """The callout's words, its step and its picture; `others` are steps without a callout, told
    with the last of their section."""
    t = case.words
    steps = [s for s in case.dossier.steps if s.step.callout == callout.number]
    otherwise = [s.step.act for s in steps if s.step.act in (Act.REVOKE, Act.KEEP)]
    manner = f"_{otherwise[0]}" if otherwise else ""
    action = t(f"action.{callout.action}{manner}")
    title = t("guide.callout", number=callout.number, control=t.of(callout.control), action=action)
    shots = [p for p in case.dossier.pictures if p.facts["callout"] == callout.number]
    failed = any(s.outcome is Outcome.FAILED for s in steps)
    failed = failed and case.dossier.failure_png is not None
    parts = [
        heading(4, title, f"callout-{callout.number}"),
        paragraph(t.read_guide(callout.wording, Markup("<q>{}</q>").format(callout.wording.ru))),
        *(paragraph(_step(case, record)) for record in steps),
    ]
    if not steps:
        parts.append(paragraph(t("guide.no_step")))
    if not shots:
        parts.append(paragraph(t("guide.failure_alone" if failed else "guide.no_picture"), "idle"))
    if others:
        parts += [paragraph(t("guide.others")), bullets(_step(case, record) for record in others)]
    cuts = [surroundings(p.png, capture_facts(p.facts), case.guide) for p in shots]
    beside = bool(cuts) and not any(cut.wide for cut in cuts)
    yield panel(
        Markup("<div>{}</div>").format(joined(*parts)),
        *(
            picture(cut.png, _alt(case, section, callout, shot), _caption(case, shot))
            for cut, shot in zip(cuts, shots, strict=True)
        ),
        look="callout beside" if beside else "callout",
    )
    if failed:
        yield panel(_failure(case, section), look="callout")


def _step(case: Case, record: StepRecord) -> Markup:
    """How a step ended, its words, and what is to be said of it."""
    t, step, how = case.words, record.step, case.outcome(record.outcome)
    took = "" if record.duration_ms is None else f", {record.duration_ms} {t('guide.ms')}"
    words = t.read(step.text, f"{step.keyword} {step.text}")
    said = Markup('<strong class="{}">{}</strong>{}: {}').format(how.look, how.content, took, words)
    for remark in (record.message, record.note):
        if remark:
            said += Markup('<br><span class="remark">{}</span>').format(case.said(remark))
    return said


def _failure(case: Case, section: Section) -> Output:
    """The screen as it stood; its numbers are explained in words, also to those who see none."""
    t, png, facts = case.words, case.dossier.failure_png, case.dossier.failure
    assert png is not None  # noqa: S101 - whoever asks has looked
    alt, caption = (
        t("guide.failure_alt", section=section.number),
        Markup("{}").format(t("guide.failure")),
    )
    if facts is not None:
        told = _legend(case, facts.drift) if facts.drift else ""
        alt = " ".join(part for part in (alt, f"{facts.message.rstrip('.')}.", told) if part)
        taken = datetime.fromisoformat(facts.taken_at_utc)
        said = t(
            "guide.shown", title=facts.title, utc=utc_time(taken), local=case.local_time(taken)
        )
        caption = Markup("{} {}<br>{}").format(t("guide.failure"), said, code(facts.url))
        if told:
            caption += Markup("<br>{}").format(told)
    return picture(png, alt, caption)


def _legend(case: Case, drift: Drift) -> str:
    """What the numbers on a failure's picture stand for; the names are the page's own."""
    t = case.words
    if not drift.candidates:
        return ""
    told = (
        t(f"legend.{'one' if one.box else 'beyond'}", number=number, name=one.name)
        for number, one in enumerate(drift.candidates, start=1)
    )
    return t("legend.all", what=t(f"legend.{candidates_are(drift)}"), candidates="; ".join(told))


def _alt(case: Case, section: Section, callout: Callout, shot: Picture) -> str:
    t = case.words
    return t(
        "guide.alt",
        picture=shot.facts["number"],
        section=section.number,
        callout=callout.number,
        control=t.of(callout.control),
        title=shot.facts["title"],
    )


def _caption(case: Case, shot: Picture) -> Markup:
    facts = shot.facts
    moment = f"{datetime.fromisoformat(facts['taken_at_utc']).astimezone(UTC):%H:%M:%S}"
    said = case.words("guide.caption", picture=facts["number"], moment=moment)
    return Markup("{} {}").format(said, code(_on_site(case, facts["url"])))


def _on_site(case: Case, url: str) -> str:
    """An address without that of the service, which the first page names; others stay whole."""
    path = url.removeprefix(case.dossier.environment.address)
    return path if path.startswith("/") and path != "/" else url
