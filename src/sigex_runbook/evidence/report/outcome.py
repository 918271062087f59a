"""What came of it: the four blocks, the three channels, what else moved in the settings, and what
the information systems could do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from sigex_runbook.core.access import ABSENT, AccessBlock, AccessSettings, Difference, differences
from sigex_runbook.core.verdict import Answer, Channel, CheckResult, Probe
from sigex_runbook.evidence.pack.read import EMPLOYEE, Call

from .case import Case, clock_time
from .dossier import index_of
from .markup import Cell, Content, Panel, code, heading, panel, paragraph, table, tile


def matrix(case: Case) -> Panel:
    """The four blocks before and after, drawn, and whether they are as ordered."""
    t, system = case.words, case.dossier.order.information_system
    head = (t("block"), t("before"), t("after"), t("order.wished"))
    rows = [_block(case, block, system.fingerprint) for block in AccessBlock]
    caption = t("matrix.caption", system=system.description)
    return panel(table(caption, head, rows, look="blocks"), look="whole")


def _block(case: Case, block: AccessBlock, fingerprint: str) -> list[Cell]:
    dossier = case.dossier
    states = (dossier.before, dossier.expected, dossier.after)
    before, expected, after = (_granted(state, block, fingerprint) for state in states)
    return [
        Cell(case.block(block), heads=True),
        _access(case, before),
        _access(case, after, moved=None not in (before, after) and before != after),
        _agreement(case, block, expected, after),
    ]


def _granted(state: AccessSettings | None, block: AccessBlock, fingerprint: str) -> bool | None:
    index = None if state is None else index_of(state, fingerprint)
    return None if state is None or index is None else state.granted(block, index)


def _access(case: Case, granted: bool | None, *, moved: bool = False) -> Cell:
    name = "unknown" if granted is None else "yes" if granted else "no"
    drawn = tile("arrow") + tile(name) if moved else tile(name)
    return Cell(Markup("{} {}").format(drawn, case.words(f"access.{name}")), name)


def _agreement(case: Case, block: AccessBlock, expected: bool | None, after: bool | None) -> Cell:
    t = case.words
    wish = t(f"wish.{case.dossier.order.access[block]}")
    if expected is None or after is None:
        return Cell(f"{wish}: {t('agreement_unknown')}", "idle")
    name, look = ("agrees", "good") if expected == after else ("disagrees", "bad")
    return Cell(f"{wish}: {t(name)}", look)


def channels(case: Case) -> Panel:
    """The three channels that must agree."""
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
    head = (t("probes.channel"), t("probes.outcome"), t("probes.detail"))
    return panel(table(t("probes.channels"), head, rows, look="channels"), look="whole")


def settings(case: Case) -> Iterator[Panel]:
    """All that moved in the organisation's settings."""
    t, dossier = case.words, case.dossier
    yield panel(heading(2, t("matrix.heading"), "matrix"), paragraph(t("matrix.about")))
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


def _difference(case: Case, one: Difference) -> list[Cell | Content]:
    return [Cell(code(one.path), heads=True), *(_value(case, v) for v in (one.before, one.after))]


def _value(case: Case, value: Any) -> Content:
    if value == ABSENT:
        return case.words("matrix.absent")
    return code(json.dumps(value, ensure_ascii=False, sort_keys=True))


def probes(case: Case) -> Iterator[Panel]:
    """Each try of the information systems, and where all calls are recorded."""
    t, dossier = case.words, case.dossier
    yield panel(
        heading(2, t("probes.heading"), "probes"),
        *([paragraph(t("probes.about")), _probes(case)] if dossier.probes else _tries(case)),
        paragraph(t("probes.calls", count=len(dossier.calls))),
    )


def _probes(case: Case) -> Markup:
    t = case.words
    systems = sorted({(p.control, p.system) for p in case.dossier.probes})
    head = [t("probes.grant")]
    for control, system in systems:
        name = t("control", system=system) if control else system
        head += [f"{name}: {t(moment).lower()}" for moment in ("before", "after")]
    rows = [
        [
            Cell(case.block(block), heads=True),
            *(
                _answers(case, control, system, block, moment)
                for control, system in systems
                for moment in ("before", "after")
            ),
        ]
        for block in AccessBlock
    ]
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
