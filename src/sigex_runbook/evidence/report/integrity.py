"""What binds the record, how to check it, and what it does not prove."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from sigex_runbook.core.environment import Kind

from .case import Case
from .dossier import Dossier
from .markup import Content, Panel, bullets, code, heading, pairs, panel, paragraph

_FOREMOST = 3
"""How many of the limits stand on the first page."""


def place_of(case: Case) -> str:
    """Where the pack lies in the folder of outputs."""
    dossier = case.dossier
    return f"{dossier.campaign}/{dossier.order.organisation.bin}/{dossier.run_id}"


def integrity(case: Case) -> Iterator[Panel]:
    """Key, attestation, time, ledger, and the digest of the list of all other files."""
    t, dossier, binding = case.words, case.dossier, case.binding
    ledger = t("seal.lines", count=binding.ledger_lines)
    files = t("seal.listed", count=len(dossier.listed))
    rows: list[tuple[str, Content]] = [
        (t("seal.key"), code(binding.keyid)),
        (t("seal.attestation"), code(f"{place_of(case)}/attestation.dsse.json")),
        (t("seal.time"), _time(case)),
        (t("seal.before"), Markup("{} {}").format(ledger, code(binding.ledger_head))),
        (t("seal.pdf"), _pdf(case)),
        (t("seal.files"), Markup("{} {}").format(files, code(dossier.listing_sha256))),
    ]
    yield panel(
        heading(2, t("seal.heading"), "integrity"),
        paragraph(t("seal.about")),
        pairs(rows),
        paragraph(t("seal.head")),
    )


def _time(case: Case) -> Markup:
    t, authority = case.words, case.binding.authority
    if authority is None:
        return Markup("{}").format(t("seal.no_time"))
    token = code(f"{place_of(case)}/attestation.tsr")
    if not authority:
        return token
    return Markup("{}<br>{}").format(token, t("seal.authority", address=authority))


def _pdf(case: Case) -> Markup:
    t, why = case.words, case.binding.without_pdf
    if why is None:
        return Markup("{}").format(t("seal.signed_pdf"))
    return Markup("{} {}").format(t("seal.without_pdf"), case.said(why))


def foremost_limits(case: Case) -> Panel:
    """What weighs most of what this does not prove."""
    t, names = case.words, _unproved(case)[:_FOREMOST]
    return panel(
        heading(2, t("limits.heading"), "limits"),
        bullets(t(f"limits.{name}") for name in names),
        look="brief",
    )


def limits(case: Case) -> Iterator[Panel]:
    """The rest of it, and what offsets it."""
    t, names = case.words, _unproved(case)[_FOREMOST:]
    yield panel(
        heading(2, t("limits.more"), "limits-more"),
        bullets(t(f"limits.{name}") for name in names),
        paragraph(t("limits.offset")),
    )


def _unproved(case: Case) -> list[str]:
    there = case.dossier.approval is not None
    return unproved(case.dossier, approved=there and case.binding.approval == "")


def unproved(dossier: Dossier, *, approved: bool) -> list[str]:
    """What such a record does not prove, by the names of the texts under `limits`; what weighs
    most stands first."""
    names = ["screen", "operator", "clock", "ledger", "key", "later", "redaction"]
    if not approved:
        names.insert(0, "approval")
    if dossier.overridden is not None:
        names.insert(0, "locators")
    if dossier.environment.kind is not Kind.SERVICE:
        names.insert(0, f"environment_{dossier.environment.kind}")
    return names
