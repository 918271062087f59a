"""The guide as it was walked: eight sections, thirteen callouts, each with its words, its outcome
and its picture."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from markupsafe import Markup

from sigex_runbook.core.guide import Callout, Section
from sigex_runbook.core.record import Act, Drift, Outcome, PlannedStep, StepRecord
from sigex_runbook.evidence.pictures.failure import candidates_are

from .case import Case, utc_time
from .dossier import SAVING_CALLOUT, Picture
from .markup import Cell, Content, Panel, code, heading, joined, panel, paragraph, picture, table

Output = dict[str, Any]


def walkthrough(case: Case) -> Iterator[Panel]:
    """All sections of the guide in order, also those that were not reached."""
    t = case.words
    yield panel(
        heading(2, t("guide.heading"), "guide"),
        paragraph(t("guide.about")),
        *(paragraph(one) for one in _departures(case)),
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
    steps = [s for s in case.dossier.steps if s.step.section == section.number]
    head = (t("guide.number"), t("guide.step"), t("callout"), t("guide.outcome"), t("guide.ms"))
    yield panel(
        heading(3, title, f"section-{section.number}"),
        Markup("<blockquote>{}</blockquote>").format(paragraph(t.read_guide(section.wording))),
        table(t("guide.steps", number=section.number), head, [_step(case, s) for s in steps]),
        look="section",
    )
    apart = [s for s in steps if s.outcome is Outcome.FAILED and s.step.callout is None]
    if apart and case.dossier.failure_png is not None:
        yield panel(_failure(case, section), look="callout")
    for callout in section.callouts:
        yield _callout(case, section, callout)


def _step(case: Case, record: StepRecord) -> list[Cell | Content]:
    t, step = case.words, record.step
    said = t.read(step.text, f"{step.keyword} {step.text}")
    for remark in (record.message, record.note):
        if remark:
            said += Markup('<br><span class="remark">{}</span>').format(case.said(remark))
    return [
        Cell(str(step.position), "number"),
        Cell(said, heads=True),
        f"({step.callout})" if step.callout else t("none"),
        case.outcome(record.outcome),
        Cell(t("none") if record.duration_ms is None else str(record.duration_ms), "number"),
    ]


def _callout(case: Case, section: Section, callout: Callout) -> Panel:
    t = case.words
    steps = [s for s in case.dossier.steps if s.step.callout == callout.number]
    otherwise = [s.step for s in steps if s.step.act in (Act.REVOKE, Act.KEEP)]
    manner = f"_{otherwise[0].act}" if otherwise else ""
    title = t(
        "guide.callout",
        number=callout.number,
        control=t.of(callout.control),
        action=t(f"action.{callout.action}{manner}"),
    )
    shots = [p for p in case.dossier.pictures if p.facts["callout"] == callout.number]
    quoted = Markup("<q>{}</q>").format(callout.wording.ru)
    parts: list[Markup] = [
        heading(4, title, f"callout-{callout.number}"),
        paragraph(
            Markup("{} {}").format(t("guide.wording"), t.read_guide(callout.wording, quoted))
        ),
        *(_done(case, step) for step in otherwise),
        *(paragraph(_outcome(case, record)) for record in steps),
    ]
    if not steps:
        parts.append(paragraph(t("guide.no_step")))
    failed = any(s.outcome is Outcome.FAILED for s in steps)
    failed = failed and case.dossier.failure_png is not None
    if not shots:
        parts.append(paragraph(t("guide.failure_alone" if failed else "guide.no_picture"), "idle"))
    pictures = [
        picture(shot.png, _alt(case, section, callout, shot), _caption(case, shot))
        for shot in shots
    ]
    if failed:
        pictures.append(_failure(case, section))
    return panel(joined(*parts), *pictures, look="callout")


def _done(case: Case, step: PlannedStep) -> Markup:
    t = case.words
    said = Markup("{} {}").format(t("guide.done"), t.read(step.text))
    return paragraph(Markup("<strong>{}</strong>").format(said))


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


def _outcome(case: Case, record: StepRecord) -> Markup:
    t, how = case.words, case.outcome(record.outcome)
    said = Markup('{} <strong class="{}">{}</strong>').format(
        t("guide.step_was"), how.look, how.content
    )
    if record.started_at:
        moment = utc_time(datetime.fromisoformat(record.started_at))
        said += Markup(", {}").format(t("guide.step_at", moment=moment, ms=record.duration_ms))
    if record.message:
        said += Markup(". {}").format(case.said(record.message))
    return said


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
    t, facts = case.words, shot.facts
    taken = datetime.fromisoformat(facts["taken_at_utc"])
    said = t(
        "guide.caption",
        picture=facts["number"],
        title=facts["title"],
        utc=utc_time(taken),
        local=case.local_time(taken),
    )
    digests = Markup("{} {}<br>{} {}").format(
        t("guide.digest"), code(shot.sha256), t("guide.raw_digest"), code(shot.raw_sha256)
    )
    return Markup("{}<br>{}<br>{}").format(said, code(facts["url"]), digests)
