"""The appendix on the circumstances of a run: roles, keys, clock, tools, order and approval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.evidence.attest.approval import approver_of

from .case import Case, utc_time
from .markup import Content, Panel, code, heading, pairs, panel


def circumstances(case: Case) -> Iterator[Panel]:
    """What the first page does not say of who, with what and by whose wish."""
    yield panel(heading(2, case.words("facts.heading"), "facts"), pairs(_rows(case)))


def _rows(case: Case) -> Iterator[tuple[str, Content]]:
    t, dossier = case.words, case.dossier
    run, session, order = dossier.run, dossier.run["session"], dossier.order
    control = order.control_system
    browser = session.get("browser") or {}
    offset = (session.get("clock") or {}).get("offset_from_server_seconds")
    yield t("facts.role"), t("role.open" if dossier.settings_opened else "role.unknown")
    yield t("order.sign_in"), t(f"sign_in.{order.sign_in}")
    yield t("order.approval"), _approval(case)
    yield t("facts.key"), code(order.information_system.fingerprint)
    yield t("facts.control"), control.description if control else t("facts.no_control")
    yield t("facts.control_key"), code(control.fingerprint) if control else t("none")
    yield t("order.probe"), order.probe_document or t("order.no_probe")
    yield t("facts.mtls"), code(run["mtls_target"]) if run["mtls_target"] else t("facts.no_mtls")
    clock = t("none") if offset is None else t("facts.offset", seconds=t.number(offset))
    yield t("facts.clock"), clock
    yield t("facts.program"), _program(run, session)
    yield t("facts.browser"), " ".join(map(str, browser.values())) or t("none")
    yield t("facts.parameters"), _parameters(case)
    yield from ((t("locators.row"), one) for one in _overridden(case))


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
