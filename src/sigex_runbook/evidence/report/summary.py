"""The report's first page: the verdict; who, what, when, where; the order and its approval."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from markupsafe import Markup

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.record import Outcome
from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.attest.approval import approver_of

from .case import Case, utc_time
from .markup import Cell, Content, Panel, bullets, code, heading, joined, panel, paragraph, table


def verdict(case: Case) -> Iterator[Panel]:
    """The verdict with its sentence, what stopped the run, and whether settings were stored."""
    t, dossier = case.words, case.dossier
    kind = dossier.verdict
    system = dossier.order.information_system.description
    organisation = str(dossier.order.organisation.bin)
    yield panel(
        heading(1, t("title")),
        paragraph(t("lead", organisation=organisation, system=system, run=dossier.run_id), "lead"),
        *([paragraph(t("afterwards"), "saved")] if case.binding.afterwards else []),
    )
    sentence = "verdict.IDLE" if _idle(case) else f"verdict.{kind}"
    said = bullets(case.said(reason) for reason in dossier.reasons)
    read = all(t.reading(reason) is not None for reason in dossier.reasons)
    yield panel(
        Markup('<div class="verdict {}">{}</div>').format(
            kind.lower(),
            joined(
                paragraph(
                    Markup("<strong>{}</strong>").format(f"{t(f'word.{kind}')} ({kind.value})")
                ),
                paragraph(t(f"{sentence}", organisation=organisation, system=system)),
                *([paragraph(_stopped_at(case))] if kind is VerdictKind.FAILED else []),
                paragraph(t("reasons" if read else "reasons_unread")),
                said,
                paragraph(t(f"saved.{dossier.saved}"), "saved"),
                *([paragraph(t("locators.told"))] if dossier.overridden else []),
                paragraph(_counted(case)),
            ),
        ),
        look="whole",
    )


def _idle(case: Case) -> bool:
    return case.dossier.verdict is VerdictKind.PASSED and case.dossier.saved == "idle"


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


def _counted(case: Case) -> str:
    count = {o: sum(1 for s in case.dossier.steps if s.outcome is o) for o in Outcome}
    return case.words(
        "counted", total=len(case.dossier.steps), **{o.value: count[o] for o in count}
    )


def circumstances(case: Case) -> Iterator[Panel]:
    """Who, what, when, where, and with which tools."""
    t, dossier = case.words, case.dossier
    run, session = dossier.run, dossier.run["session"]
    yield panel(heading(2, t("facts.heading"), "facts"))
    system, control = dossier.order.information_system, dossier.order.control_system
    browser = session.get("browser") or {}
    offset = (session.get("clock") or {}).get("offset_from_server_seconds")
    rows: list[tuple[str, Content]] = [
        (
            t("facts.identity"),
            case.said(session["identity"]) if session.get("identity") else t("facts.nobody"),
        ),
        (t("facts.role"), t("role.open" if dossier.settings_opened else "role.unknown")),
        (t("facts.operator"), run["operator"]),
        (t("facts.organisation"), str(dossier.order.organisation.bin)),
        (t("facts.system"), system.description),
        (t("facts.key"), code(system.fingerprint)),
        (t("facts.control"), control.description if control else t("facts.no_control")),
        (t("facts.control_key"), code(control.fingerprint) if control else t("none")),
        (t("facts.started"), _both(case, dossier.started_at)),
        (t("facts.finished"), _both(case, dossier.finished_at)),
        (
            t("facts.clock"),
            t("none") if offset is None else t("facts.offset", seconds=t.number(offset)),
        ),
        (t("facts.environment"), t(f"environment.{dossier.environment.kind}")),
        (t("facts.target"), code(run["target"])),
        (t("facts.mtls"), code(run["mtls_target"]) if run["mtls_target"] else t("facts.no_mtls")),
        (t("facts.program"), _program(run, session)),
        (t("facts.browser"), " ".join(map(str, browser.values())) or t("none")),
        (t("facts.parameters"), _parameters(case)),
        *((t("locators.row"), one) for one in _overridden(case)),
        (t("facts.campaign"), dossier.campaign),
        (t("facts.run"), code(dossier.run_id)),
    ]
    yield panel(_pairs(case, t("facts.caption"), rows))


def _both(case: Case, moment: datetime | None) -> Content:
    if moment is None:
        return case.words("none")
    return Markup("{}<br>{}").format(utc_time(moment), case.local_time(moment))


def _program(run: Any, session: Any) -> str:
    program = run["program"]
    revision = f" ({program['revision']})" if program["revision"] else ""
    python = f", Python {session['python']}" if session.get("python") else ""
    return f"sigex-runbook {program['version']}{revision}{python}"


def _parameters(case: Case) -> str:
    t, said = case.words, []
    for name, value in case.dossier.run["parameters"].items():
        shown = t("yes" if value else "no") if isinstance(value, bool) else value
        said.append(f"{t.texts.get(f'parameter.{name}', name)}: {shown}")
    return ", ".join(said)


def _overridden(case: Case) -> Iterator[Markup]:
    """What the operator pointed at, how many answers he gave, and the digest of his file."""
    t, told = case.words, case.dossier.overridden
    if told is None:
        return
    said = [_pointed(case, keys) for keys in told.pointed]
    if told.answers:
        said.append(t("locators.answers", count=told.answers))
    yield Markup("{}<br>{} {}").format("; ".join(said), t("locators.file"), code(told.sha256))


def _pointed(case: Case, keys: str) -> str:
    """A key of the operator's file, and what it is called."""
    kind, name, *part = keys.split(".")
    if kind == "blocks" and name in list(AccessBlock) and part:
        called = case.words(f"locators.{part[0]}", block=case.block(AccessBlock(name)))
    else:
        called = case.words.texts.get(f"locators.{name}", "")
    return f"{called} ({keys})" if called else keys


def _pairs(case: Case, caption: str, rows: list[tuple[str, Content]]) -> Markup:
    head = (case.words("facts.what"), case.words("facts.value"))
    cells = [(Cell(name, heads=True), Cell(value, "value")) for name, value in rows]
    return table(caption, head, cells, look="pairs")


def order(case: Case) -> Iterator[Panel]:
    """What was asked for, and who approved it."""
    t, dossier = case.words, case.dossier
    rows = [
        (Cell(case.block(block), heads=True), t(f"wish.{dossier.order.access[block]}"))
        for block in AccessBlock
    ]
    more: list[tuple[str, Content]] = [
        (t("order.sign_in"), t(f"sign_in.{dossier.order.sign_in}")),
        (t("order.probe"), dossier.order.probe_document or t("order.no_probe")),
        (t("order.approval"), _approval(case)),
    ]
    yield panel(
        heading(2, t("order.heading"), "order"),
        table(t("order.caption"), (t("block"), t("order.wished")), rows),
        look="whole",
    )
    yield panel(_pairs(case, t("order.more"), more))


def _approval(case: Case) -> Content:
    t, dossier = case.words, case.dossier
    if dossier.approval is None:
        return t("approval.none")
    approver = approver_of(dossier.approval)
    if approver is None:
        return t("approval.unreadable")
    moment = utc_time(approver.signed_at) if approver.signed_at else t("none")
    said = t("approval.signed", name=approver.name, moment=moment)
    found = case.binding.approval
    if found is None:
        return f"{said} {t('approval.unchecked')}"
    if found:
        return Markup("{} {} {}").format(said, t("approval.refused"), case.said(found))
    return f"{said} {t('approval.checked')}"
