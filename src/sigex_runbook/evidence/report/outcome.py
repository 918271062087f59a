"""What came of it: the four blocks, what the information systems could do, and when what was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from markupsafe import Markup

from sigex_runbook.core.access import ABSENT, AccessBlock, AccessSettings, Difference, differences
from sigex_runbook.core.verdict import Answer, Channel, CheckResult, Probe
from sigex_runbook.evidence.pack.read import EMPLOYEE, Call

from .case import Case, clock_time, utc_time
from .dossier import index_of
from .markup import Cell, Content, Panel, code, heading, panel, paragraph, table


def matrix(case: Case) -> Iterator[Panel]:
    """The four blocks before, as ordered, as expected and after; then all else that moved."""
    t, dossier = case.words, case.dossier
    ordered, control = dossier.order.information_system, dossier.order.control_system
    yield panel(
        heading(2, t("matrix.heading"), "matrix"),
        paragraph(t("matrix.about")),
        _blocks(case, ordered.description, ordered.fingerprint, control=False),
        look="whole",
    )
    if control is not None:
        name = t("control", system=control.description)
        yield panel(_blocks(case, name, control.fingerprint, control=True), look="whole")
    if dossier.before is None or dossier.after is None:
        seen = dossier.saved.startswith("ticks")
        yield panel(paragraph(t("matrix.ticks_alone" if seen else "matrix.no_after")))
        return
    moved = differences(dossier.before, dossier.after)
    if not moved:
        yield panel(paragraph(t("matrix.nothing")))
        return
    head = (t("matrix.field"), t("before"), t("after"))
    yield panel(table(t("matrix.moved"), head, [_difference(case, one) for one in moved]))
    yield panel(paragraph(t("matrix.rest")))


def _blocks(case: Case, name: str, fingerprint: str, *, control: bool) -> Markup:
    t, dossier = case.words, case.dossier
    states = (dossier.before, dossier.expected, dossier.after)
    rows: list[list[Cell | Content]] = []
    for block in AccessBlock:
        before, expected, after = (_granted(state, block, fingerprint) for state in states)
        wish = t("wish.leave") if control else t(f"wish.{dossier.order.access[block]}")
        rows.append(
            [
                Cell(case.block(block), heads=True),
                _access(case, before),
                wish,
                _access(case, expected),
                _access(case, after),
                _agreement(case, expected, after),
            ]
        )
    head = (t("block"), t("before"), t("order.wished"), t("expected"), t("after"), t("agreement"))
    return table(t("matrix.caption", system=name), head, rows)


def _granted(state: AccessSettings | None, block: AccessBlock, fingerprint: str) -> bool | None:
    index = None if state is None else index_of(state, fingerprint)
    return None if state is None or index is None else state.granted(block, index)


def _access(case: Case, granted: bool | None) -> Cell:
    t = case.words
    if granted is None:
        return Cell(t("access.unknown"), "idle")
    return Cell(t("access.yes" if granted else "access.no"), "yes" if granted else "")


def _agreement(case: Case, expected: bool | None, after: bool | None) -> Cell:
    t = case.words
    if expected is None or after is None:
        return Cell(t("agreement_unknown"), "idle")
    return Cell(t("agrees"), "good") if expected == after else Cell(t("disagrees"), "bad")


def _difference(case: Case, one: Difference) -> list[Cell | Content]:
    return [Cell(code(one.path), heads=True), *(_value(case, v) for v in (one.before, one.after))]


def _value(case: Case, value: Any) -> Content:
    if value == ABSENT:
        return case.words("matrix.absent")
    return code(json.dumps(value, ensure_ascii=False, sort_keys=True))


def channels(case: Case) -> Iterator[Panel]:
    """The three channels that must agree, then each try of the information systems."""
    t, dossier = case.words, case.dossier
    found = {check.channel: check for check in dossier.checks}
    looks = {CheckResult.AGREES: "good", CheckResult.DISAGREES: "bad"}
    rows: list[list[Cell | Content]] = []
    for channel in Channel:
        check = found.get(channel)
        result = check.result if check else CheckResult.NOT_CHECKED
        rows.append(
            [
                Cell(t(f"channel.{channel}"), heads=True),
                Cell(t(f"result.{result}"), looks.get(result, "idle")),
                case.said(check.detail) if check else t("probes.not_reached"),
            ]
        )
    head = (t("probes.channel"), t("guide.outcome"), t("probes.detail"))
    yield panel(
        heading(2, t("probes.heading"), "probes"),
        paragraph(t("probes.about")),
        table(t("probes.channels"), head, rows),
        look="whole",
    )
    if dossier.probes:
        yield panel(_probes(case), look="whole")
    else:
        yield panel(*_tries(case))


def _probes(case: Case) -> Markup:
    t, dossier = case.words, case.dossier
    systems = dict.fromkeys((p.control, p.system) for p in dossier.probes)
    rows: list[list[Cell | Content]] = [
        [
            Cell(t("control", system=system) if control else system, heads=True),
            case.block(block),
            *(_answers(case, control, system, block, moment) for moment in ("before", "after")),
        ]
        for control, system in sorted(systems)
        for block in AccessBlock
    ]
    head = (t("probes.system"), t("probes.grant"), t("before"), t("after"))
    return table(t("probes.caption"), head, rows)


def _answers(case: Case, control: bool, system: str, block: AccessBlock, moment: str) -> Cell:
    key = (control, system, block, moment)
    tries = [p for p in case.dossier.probes if (p.control, p.system, p.block, p.moment) == key]
    if not tries:
        return Cell(case.words("none"), "idle")
    wrong = any(p.answer is not Answer.NOT_TRIED and not p.as_expected for p in tries)
    untried = all(p.answer is Answer.NOT_TRIED for p in tries)
    said = Markup("; ").join(_answer(case, p) for p in tries)
    return Cell(said, "bad" if wrong else "idle" if untried else "good")


def _answer(case: Case, probe: Probe) -> Markup:
    t = case.words
    said = Markup("{}").format(t(f"answer.{probe.answer}"))
    if probe.answer is not Answer.NOT_TRIED and not probe.as_expected:
        said += Markup(", {}").format(t("probes.instead", answer=t(f"answer.{probe.expected}")))
    return said + Markup(" ({})").format(case.said(probe.detail)) if probe.detail else said


def _tries(case: Case) -> Iterator[Markup]:
    """Without a verification, what the information systems were answered before it."""
    t = case.words
    calls = [call for call in case.dossier.calls if call.actor != EMPLOYEE]
    if not calls:
        yield paragraph(t("probes.none"))
        return
    head = (t("time.utc"), t("time.who"), t("time.call"), t("time.answer"))
    yield table(t("probes.only_before"), head, [_call(case, call) for call in calls])


def _call(case: Case, call: Call) -> list[Cell | Content]:
    return [
        Cell(clock_time(call.sent_at), "number"),
        case.words(f"actor.{call.actor.replace(' ', '_')}"),
        code(f"{call.method} {call.url}"),
        _reply(call),
    ]


def _reply(call: Call) -> Markup:
    """The service answers 200 to a refusal too: its message is what counts."""
    said = Markup("{}").format(str(call.status))
    return said + Markup(", «{}»").format(call.message) if call.message is not None else said


def timeline(case: Case) -> Iterator[Panel]:
    """Steps and calls by their time."""
    t, dossier = case.words, case.dossier
    yield panel(heading(2, t("time.heading"), "timeline"), paragraph(_day(case)))
    rows: list[tuple[datetime, list[Cell | Content]]] = []
    for record in dossier.steps:
        if record.started_at:
            moment, step = datetime.fromisoformat(record.started_at), record.step
            what = Markup("{}: {}").format(
                t("time.section", number=step.section),
                t.read(step.text, f"{step.keyword} {step.text}"),
            )
            rows.append(
                (moment, [clock_time(moment), t("time.step"), what, case.outcome(record.outcome)])
            )
    rows += [(call.sent_at, _call(case, call)) for call in dossier.calls]
    rows.sort(key=lambda row: row[0])
    head = (t("time.utc"), t("time.who"), t("time.what"), t("time.answer"))
    if rows:
        yield panel(table(t("time.caption"), head, [row for _, row in rows], look="dense"))
    idle = sum(1 for record in dossier.steps if not record.started_at)
    if idle:
        yield panel(paragraph(t("time.not_run", count=idle)))


def _day(case: Case) -> str:
    started = case.dossier.started_at
    if started is None:
        return case.words("time.empty")
    return case.words("time.about", day=utc_time(started), local=case.local_time(started))
