"""The first page, for somebody with two minutes: the verdict and where it was reached, who and
when, the four blocks, the three channels, what is not proved, how to verify, and the guide."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from sigex_runbook.core.environment import Kind
from sigex_runbook.core.record import Outcome
from sigex_runbook.core.verdict import VerdictKind

from .case import Case, utc_time
from .integrity import foremost_limits, place_of
from .markup import Content, Panel, bullets, code, heading, joined, pairs, panel, paragraph
from .outcome import channels, matrix


def first_page(case: Case) -> Iterator[Panel]:
    """All that a reader needs who reads no further."""
    yield from _verdict(case)
    yield panel(pairs(_facts(case)))
    yield matrix(case)
    yield channels(case)
    yield foremost_limits(case)
    yield _check(case)
    yield _guide(case)


def _verdict(case: Case) -> Iterator[Panel]:
    """The verdict, what stopped the run, and whether settings were stored."""
    t, dossier = case.words, case.dossier
    kind = dossier.verdict
    idle = kind is VerdictKind.PASSED and dossier.saved == "idle"
    yield panel(
        heading(1, t("title")),
        *([paragraph(t("afterwards"), "saved")] if case.binding.afterwards else []),
    )
    told = f"{t(f'word.{kind}')} ({kind.value}) {_where(case)}"
    yield panel(
        Markup('<div class="verdict {}">{}</div>').format(
            kind.lower(),
            joined(
                paragraph(Markup("<strong>{}</strong>").format(told)),
                paragraph(t("verdict.IDLE" if idle else f"verdict.{kind}")),
                *([paragraph(_stopped_at(case))] if kind is VerdictKind.FAILED else []),
                *_reasons(case),
                paragraph(t(f"saved.{dossier.saved}"), "saved"),
                *([paragraph(t("locators.told"))] if dossier.overridden else []),
                paragraph(_counted(case)),
            ),
        ),
        look="whole",
    )


def _where(case: Case) -> str:
    environment = case.dossier.environment
    emulator = environment.kind is Kind.EMULATOR
    return case.words("where.emulator" if emulator else "where.at", address=environment.address)


def _stopped_at(case: Case) -> str:
    t, found = case.words, case.dossier.run["verdict"]
    if found["section"] is None:
        return t("stopped.not" if case.dossier.carried_out else "stopped.nowhere")
    section = case.guide.section(found["section"])
    where = t("stopped.section", number=section.number, title=t.of(section.title))
    if found["callout"] is None:
        return f"{where}."
    control = t.of(case.guide.callout(found["callout"]).control)
    return f"{where}, {t('stopped.callout', number=found['callout'], control=control)}."


def _reasons(case: Case) -> Iterator[Markup]:
    """The reasons, but for what the three channels say themselves."""
    t, dossier = case.words, case.dossier
    told = {check.detail for check in dossier.checks}
    reasons = [reason for reason in dossier.reasons if reason not in told]
    if reasons:
        read = all(t.reading(reason) is not None for reason in reasons)
        yield paragraph(t("reasons" if read else "reasons_unread"))
        yield bullets(case.said(reason) for reason in reasons)


def _counted(case: Case) -> str:
    count = {o: sum(1 for s in case.dossier.steps if s.outcome is o) for o in Outcome}
    return case.words(
        "counted", total=len(case.dossier.steps), **{o.value: count[o] for o in count}
    )


def _facts(case: Case) -> Iterator[tuple[str, Content]]:
    t, dossier = case.words, case.dossier
    identity = dossier.run["session"].get("identity")
    environment = dossier.environment
    yield t("facts.organisation"), str(dossier.order.organisation.bin)
    yield t("facts.system"), dossier.order.information_system.description
    yield t("facts.identity"), case.said(identity) if identity else t("facts.nobody")
    yield t("facts.operator"), dossier.run["operator"]
    yield t("facts.when"), _when(case)
    where = t(f"environment.{environment.kind}")
    yield t("facts.environment"), Markup("{}, {}").format(where, code(environment.address))
    yield t("facts.run"), code(dossier.run_id)


def _when(case: Case) -> Content:
    moments = [one for one in (case.dossier.started_at, case.dossier.finished_at) if one]
    return Markup("<br>").join(f"{utc_time(one)} = {case.local_time(one)}" for one in moments)


def _check(case: Case) -> Panel:
    t = case.words
    return panel(
        heading(2, t("check.heading"), "check"),
        Markup("<pre>sigex-runbook verify {} --trust trust.json</pre>").format(place_of(case)),
        paragraph(t("check.where")),
        look="brief",
    )


def _guide(case: Case) -> Panel:
    t, guide = case.words, case.guide
    address, dated = guide.published.address, guide.published.dated
    published = (
        t("source.unknown")
        if address is None and dated is None
        else t("source.published", address=address or t("none"), dated=dated or t("none"))
    )
    return panel(
        heading(2, t("source.heading"), "source"),
        paragraph(t.read_guide(guide.title, Markup("<q>{}</q>").format(guide.title.ru))),
        paragraph(
            Markup("{} {}<br>{}").format(
                t("source.held", held=guide.held), code(guide.sha256), published
            )
        ),
        look="brief",
    )
