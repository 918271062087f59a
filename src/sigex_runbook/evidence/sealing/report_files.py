"""The report of a finished run, made while its pack is sealed: `report.html`, of it the signed
`report.pdf`, and `report.json`, which says what they were made with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.attest.findings import MISSHAPEN, Fault
from sigex_runbook.evidence.attest.key_elsewhere import KeyElsewhere
from sigex_runbook.evidence.attest.ledger import BEGINNING, ledger_end, read_ledger
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pack.layout import REPORT_HTML, REPORT_ORIGIN, REPORT_PDF
from sigex_runbook.evidence.pack.place import PackPlace
from sigex_runbook.evidence.verify.approval import approval_fault

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

    from sigex_runbook.evidence.report import Dossier
    from sigex_runbook.evidence.report.origin import Origin

    from .sealer import Sealer

NO_PRINTER = "Печатать было нечем: запуск вёлся без браузера для печати."


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@dataclass(frozen=True, slots=True)
class Publication:
    """What a `Sealer` calls to have the report made. `print` makes a PDF of HTML and raises
    UsageError when it cannot; `tell` hears why there is no PDF. `before` is the ledger's length and
    head where the ledger is elsewhere. Where the key is elsewhere the PDF is not signed yet."""

    print: Callable[[str], bytes] | None = None
    language: str = "ru"
    tell: Callable[[str], None] = _say
    before: tuple[int, str] | None = None

    def __call__(self, draft: PackDraft, sealer: Sealer) -> None:
        """Add the report to the draft. Without a browser that starts there is no PDF in it."""
        from sigex_runbook.evidence.report import Dossier, render_report

        dossier = Dossier.read(draft.folder)
        origin = origin_of(draft, sealer, dossier, self.language, self.before)
        html = render_report(dossier, origin.binding(sealer.own_key().keyid), self.language)
        try:
            if self.print is None:
                raise UsageError(NO_PRINTER)
            pdf = self.print(html)
            if not isinstance(sealer.signer, KeyElsewhere):
                pdf = _certified(pdf, sealer)
        except UsageError as missing:
            if self.print is not None:
                self.tell(f"Отчёт без PDF: {missing}")
            origin = without_pdf(draft, origin, str(missing))
            html = render_report(dossier, origin.binding(sealer.own_key().keyid), self.language)
        else:
            draft.write_bytes(REPORT_PDF, pdf)
        draft.write_bytes(REPORT_HTML, html.encode("utf-8"))
        draft.write_json(REPORT_ORIGIN, origin.plain())


def certify_report(draft: PackDraft, sealer: Sealer) -> None:
    """Sign a report's PDF that was made where the key is not."""
    if draft.exists(REPORT_PDF):
        signed = _certified(draft.read_bytes(REPORT_PDF), sealer)
        draft.write_bytes(REPORT_PDF, signed, overwrite=True)


def origin_of(
    draft: PackDraft,
    sealer: Sealer,
    dossier: Dossier,
    language: str,
    before: tuple[int, str] | None = None,
) -> Origin:
    """What the report of a draft is made with, when there is a PDF too."""
    from sigex_runbook.evidence.report.origin import Origin, program_digest

    lines, head = before or ledger_end(draft.home.campaign)
    authority = sealer.trust.authorities[0].url if sealer.trust.authorities else None
    return Origin(
        language,
        program_digest(),
        ledger_lines=lines,
        ledger_head=head,
        authority=draft.redacted(REPORT_ORIGIN, authority),
        approval=draft.redacted(REPORT_ORIGIN, approved(dossier, sealer.trust.approvers)),
    )


def approved(dossier: Dossier, approvers: tuple[Certificate, ...]) -> str | None:
    """What is wrong with the approval when only these may approve: nothing is empty; None when
    there is no approval, or nobody may."""
    if dossier.approval is None or not approvers:
        return None
    fault = approval_fault(dossier, approvers)
    return "" if fault is None else fault.what


def without_pdf(draft: PackDraft, origin: Origin, why: str) -> Origin:
    """The same without a PDF, and why there is none."""
    from sigex_runbook.evidence.report.case import without_folders

    return replace(origin, without_pdf=draft.redacted(REPORT_ORIGIN, without_folders(why)))


def _certified(pdf: bytes, sealer: Sealer) -> bytes:
    from pyhanko.sign.timestamps import TimestampRequestError

    from .signed_pdf import certify

    if sealer.trust.authorities:
        authority = sealer.trust.authorities[0]
        try:
            return certify(pdf, sealer.signer, authority=authority, post=sealer.post)
        except (OSError, TimestampRequestError):
            pass  # the attestation asks again, more patiently, and says so
    return certify(pdf, sealer.signer)


def prepare() -> None:
    """Load what a report needs; it takes a while, and there is time while a run lasts."""
    from sigex_runbook.evidence.report.origin import program_digest
    from sigex_runbook.evidence.report.page import exporter

    from . import signed_pdf  # noqa: F401

    exporter()
    program_digest()


def report_of(pack: Path, language: str) -> str:
    """The report of a sealed pack in another language, as HTML that says that it came later.

    Raises UsageError when that is no sealed pack.
    """
    from sigex_runbook.evidence.attest.envelope import read_envelope
    from sigex_runbook.evidence.attest.seal_files import TOKEN
    from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement
    from sigex_runbook.evidence.report import Binding, Dossier, render_report

    none = f"{pack} — не заверенный пакет. Укажите папку запуска, в которой лежит {ATTESTATION}."
    if not (pack / ATTESTATION).is_file():
        raise UsageError(none)
    try:
        attestation = read_envelope((pack / ATTESTATION).read_bytes())
        statement = PackStatement.read(attestation.payload)
    except (OSError, Fault) as error:
        raise UsageError(none) from error
    pack = pack.resolve()
    ledger = read_ledger(PackPlace.of(pack).campaign)
    lines = ledger.runs(statement.organisation_bin, statement.run_id, "") if ledger else []
    before = lines[0] if lines else 0
    binding = Binding(
        keyid=attestation.keyid,
        ledger_lines=before,
        ledger_head=ledger.digests[before - 1] if ledger and before else BEGINNING,
        authority="" if (pack / TOKEN).exists() else None,
        afterwards=True,
    )
    try:
        return render_report(Dossier.read(pack), binding, language)
    except MISSHAPEN as error:
        raise UsageError(
            f"Пакет {pack} устроен не так, как у этой версии программы ({type(error).__name__}). "
            "Возьмите отчёт из самого пакета: evidence/report.html."
        ) from error
