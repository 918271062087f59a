"""The report of a finished run, made while its pack is sealed: `report.html`, and of it the signed
`report.pdf`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from .errors import UsageError
from .evidence.ledger import BEGINNING, read_ledger
from .evidence.pack import PackDraft
from .evidence.sealing import Sealer
from .site.printing import Printer


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@dataclass(frozen=True, slots=True)
class Publication:
    """What a `Sealer` calls to have the report made; `tell` hears why there is no PDF."""

    printer: Printer
    language: str = "ru"
    tell: Callable[[str], None] = _say

    def __call__(self, draft: PackDraft, sealer: Sealer) -> None:
        """Add the report to the draft. Without a browser that starts there is no PDF in it."""
        from .evidence.layout import REPORT_PDF
        from .evidence.report import REPORT_HTML, Binding, Dossier, render_report

        dossier = Dossier.read(draft.folder)
        ledger = read_ledger(draft.folder.parent.parent)
        authority = sealer.trust.authorities[0].url if sealer.trust.authorities else None
        binding = Binding(
            keyid=sealer.own_key().keyid,
            ledger_lines=len(ledger.entries) if ledger else 0,
            ledger_head=ledger.head if ledger else BEGINNING,
            authority=authority,
            approvers=sealer.trust.approvers,
        )
        html = render_report(dossier, binding, language=self.language)
        try:
            pdf = _certified(self.printer.print(html), sealer)
        except UsageError as missing:
            self.tell(f"Отчёт без PDF: {missing}")
            binding = replace(binding, without_pdf=str(missing))
            html = render_report(dossier, binding, language=self.language)
        else:
            draft.write_bytes(REPORT_PDF, pdf)
        draft.write_bytes(REPORT_HTML, html.encode("utf-8"))


def _certified(pdf: bytes, sealer: Sealer) -> bytes:
    from pyhanko.sign.timestamps import TimestampRequestError

    from .evidence.document import certify

    if sealer.trust.authorities:
        authority = sealer.trust.authorities[0]
        try:
            return certify(pdf, sealer.signer, authority=authority, post=sealer.post)
        except (OSError, TimestampRequestError):
            pass  # the attestation asks again, more patiently, and says so
    return certify(pdf, sealer.signer)


def prepare() -> None:
    """Load what a report needs; it takes a while, and there is time while a run lasts."""
    from .evidence import document  # noqa: F401
    from .evidence.report.page import exporter

    exporter()


def report_of(pack: Path, language: str) -> str:
    """The report of a sealed pack in another language, as HTML that says that it came later.

    Raises UsageError when that is no sealed pack.
    """
    from .evidence.envelope import read_envelope
    from .evidence.findings import Fault
    from .evidence.report import Binding, Dossier, render_report
    from .evidence.seal_files import TOKEN
    from .evidence.statement import ATTESTATION, PackStatement

    try:
        attestation = read_envelope((pack / ATTESTATION).read_bytes())
        statement = PackStatement.read(attestation.payload)
    except (OSError, Fault) as error:
        raise UsageError(
            f"{pack} — не заверенный пакет. Укажите папку запуска, в которой лежит {ATTESTATION}."
        ) from error
    pack = pack.resolve()
    ledger = read_ledger(pack.parent.parent)
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
        return render_report(Dossier.read(pack), binding, language=language)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            f"Пакет {pack} устроен не так, как у этой версии программы ({type(error).__name__}). "
            "Возьмите отчёт из самого пакета: evidence/report.html."
        ) from error
