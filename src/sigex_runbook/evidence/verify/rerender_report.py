"""The report made again of a pack's own files: it must come out the same, to the byte, but for how
its pictures are compressed: that differs from machine to machine.

Whoever holds the signing key can seal any page. What he cannot do is seal words that do not follow
from the files beside them: the same program makes the same page of the same files.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.attest.findings import MISSHAPEN, Code, Finding, Note, Telling
from sigex_runbook.evidence.attest.statement import PackStatement
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.layout import EVIDENCE, REPORT_HTML, REPORT_ORIGIN, REPORT_PDF, RUN
from sigex_runbook.evidence.pictures.pixels import open_png
from sigex_runbook.evidence.report import Dossier, render_report
from sigex_runbook.evidence.report.origin import Origin, program_digest
from sigex_runbook.evidence.report.words import words

from .pdf_text import apart, difference

_PAGE, _PDF = f"{EVIDENCE}/{REPORT_HTML}", f"{EVIDENCE}/{REPORT_PDF}"
_TAG = re.compile(r"<[^>]*>|;base64,[^\"]*")
_PICTURE = re.compile(r"(?<=;base64,)[^\"]*")


def remake(
    statement: PackStatement, keyid: str, values: Mapping[str, Any], sealed: Mapping[str, bytes]
) -> Telling[bool]:
    """Make the report of a pack again: whether it came out the same.

    `values` holds the JSON of the evidence by its name under evidence/, `sealed` the bytes of all
    its files by their whole name; the pack is said to be sealed by the key `keyid`. A page that
    another program made differently is no fault of the pack: that is told, with which program.
    """
    page, raw = sealed.get(_PAGE), values.get(REPORT_ORIGIN)
    if page is None or raw is None:
        return False  # said already
    try:
        origin = Origin.read(raw)
    except (AttributeError, KeyError, TypeError, ValueError):
        place = f"{EVIDENCE}/{REPORT_ORIGIN}"
        yield Finding(Code.TYPE, place, "запись об отчёте устроена не так, как у этой версии")
        return False
    again = _made(statement, origin, keyid, sealed)
    if again is not None and _same(page, again):
        yield from _printed(statement, origin, again, sealed)
        return True
    if origin.program != program_digest():
        yield Note(
            f"{REPORT_HTML} с файлами пакета не сличён: его сделала другая версия программы "
            f"({_program(values)}), а эта делает его иначе. Повторите проверку той версией."
        )
    elif again is None:
        yield Finding(Code.STATE, _PAGE, "по файлам пакета такой отчёт не сделать")
    else:
        yield Finding(Code.STATE, _PAGE, _words(page.decode("utf-8", "replace"), again))
    return False


def _made(
    statement: PackStatement, origin: Origin, keyid: str, sealed: Mapping[str, bytes]
) -> str | None:
    """The page; None when none can be made of these files."""
    try:
        dossier = Dossier.of(sealed, campaign=statement.campaign, run_id=statement.run_id)
        return render_report(dossier, origin.binding(keyid), origin.language)
    except MISSHAPEN:
        return None


def _same(page: bytes, again: str) -> bool:
    return page == again.encode() or _seen(page.decode("utf-8", "replace")) == _seen(again)


def _seen(page: str) -> str:
    """The page with its pictures as their pixels."""
    return _PICTURE.sub(lambda found: _pixels(found[0]), page)


def _pixels(encoded: str) -> str:
    try:
        picture = open_png(b64decode(encoded, validate=True))
    except (RunFailed, ValueError):
        return encoded
    return f"{picture.size} {sha256_hex(picture.tobytes())}"


def _printed(
    statement: PackStatement, origin: Origin, page: str, sealed: Mapping[str, bytes]
) -> Iterator[Finding]:
    """Whether the PDF says what the page says."""
    if _PDF not in sealed:
        return
    what = difference(
        page,
        sealed[_PDF],
        language=origin.language,
        running=f"{statement.organisation_bin} · {statement.run_id}",
        page=words(origin.language)("page"),
    )
    if what is not None:
        yield Finding(Code.PDF_COVERAGE, _PDF, what)


def _program(values: Mapping[str, Any]) -> str:
    """The program's version as run.json says it."""
    program = values[RUN]["program"]
    return " ".join(str(one) for one in (program["version"], program["revision"]) if one)


def _words(page: str, again: str) -> str:
    """Where the first difference is, in the words that a reader sees."""
    said, follows = apart(*(" ".join(_TAG.sub(" ", one).split()) for one in (page, again)))
    if said == follows:
        return "разметка или снимки в отчёте не те, что следуют из файлов"
    return f"в отчёте стоит «{said}», а из файлов следует «{follows}»"
