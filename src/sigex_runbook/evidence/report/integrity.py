"""What binds the record, how to check it, and what it does not prove."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from sigex_runbook.core.environment import Kind

from .case import Case
from .dossier import Dossier
from .markup import Cell, Panel, bullets, code, heading, panel, paragraph, table


def integrity(case: Case) -> Iterator[Panel]:
    """Key, attestation, ledger, the commands to check, and the digest of every other file."""
    t, dossier, binding = case.words, case.dossier, case.binding
    place = f"{dossier.campaign}/{dossier.order.organisation.bin}/{dossier.run_id}"
    rows = [
        (t("seal.key"), code(binding.keyid)),
        (t("seal.attestation"), code(f"{place}/attestation.dsse.json")),
        (t("seal.time"), _time(case, place)),
        (t("seal.ledger"), code(f"{dossier.campaign}/ledger.jsonl")),
        (
            t("seal.before"),
            Markup("{}<br>{}").format(
                t("seal.lines", count=binding.ledger_lines), code(binding.ledger_head)
            ),
        ),
        (t("seal.pdf"), _pdf(case)),
    ]
    cells = [(Cell(name, heads=True), Cell(value, "value")) for name, value in rows]
    yield panel(
        heading(2, t("seal.heading"), "integrity"),
        paragraph(t("seal.about")),
        table(t("seal.caption"), (t("facts.what"), t("facts.value")), cells, look="pairs"),
    )
    command = f"sigex-runbook verify {place} --trust trust.json"
    yield panel(
        heading(3, t("seal.check")),
        paragraph(t("seal.command")),
        Markup("<pre>{}</pre>").format(f"{command}\n{command} --head HEX"),
        paragraph(t("seal.codes")),
        paragraph(t("seal.by_hand")),
        Markup("<pre>{}</pre>").format(f"sha256sum {place}/evidence/run.json"),
        look="whole",
    )
    files = [
        (
            Cell(code(one.name), heads=True),
            Cell(str(one.size), "number"),
            Cell(code(one.sha256), "digest"),
        )
        for one in dossier.listed
    ]
    head = (t("seal.file"), t("seal.bytes"), "SHA-256")
    yield panel(
        heading(3, t("seal.files")),
        paragraph(t("seal.not_itself")),
        table(t("seal.files_caption", count=len(files)), head, files, look="dense digests"),
    )


def _time(case: Case, place: str) -> Markup:
    t, authority = case.words, case.binding.authority
    if authority is None:
        return Markup("{}").format(t("seal.no_time"))
    token = code(f"{place}/attestation.tsr")
    if not authority:
        return token
    return Markup("{}<br>{}").format(token, t("seal.authority", address=authority))


def _pdf(case: Case) -> Markup:
    t, why = case.words, case.binding.without_pdf
    if why is None:
        return Markup("{}").format(t("seal.signed_pdf"))
    return Markup("{} {}").format(t("seal.without_pdf"), case.said(why))


def limits(case: Case) -> Iterator[Panel]:
    """What this does not prove, and what offsets it."""
    t, names = case.words, unproved(case.dossier)
    if case.dossier.approval is not None and case.binding.approval != "":
        names.append("approval")
    yield panel(
        heading(2, t("limits.heading"), "limits"),
        bullets(t(f"limits.{name}") for name in names),
        paragraph(t("limits.offset")),
        look="whole",
    )


def unproved(dossier: Dossier) -> list[str]:
    """What such a record does not prove, by the names of the texts under `limits`."""
    names = ["screen", "operator", "clock", "ledger", "key", "redaction", "later"]
    if dossier.environment.kind is not Kind.SERVICE:
        names.insert(0, f"environment_{dossier.environment.kind}")
    if dossier.overridden is not None:
        names.append("locators")
    if dossier.approval is None:
        names.append("approval")
    return names
