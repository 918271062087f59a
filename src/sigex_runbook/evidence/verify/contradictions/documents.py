"""What is made of the record for people: the report, its PDF, the notebook.

Whether the report is what the program makes of these files takes making it again: see `remaking`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.files import listing
from sigex_runbook.evidence.pack.layout import (
    NOTEBOOK,
    REPORT_HTML,
    REPORT_ORIGIN,
    REPORT_PDF,
    RUN,
    WITH_THE_REPORT,
)
from sigex_runbook.evidence.pack.read import Record

from .faults import Fault


def reported(record: Record) -> Iterator[Fault]:
    """Every run leaves a report, and says what it was made with."""
    for name in (REPORT_HTML, REPORT_ORIGIN):
        if name not in record.files:
            yield name, "его оставляет каждый запуск, а здесь нет"


def as_told(record: Record) -> Iterator[Fault]:
    """There is a PDF, and a notebook, exactly when nothing is said of why there is none."""
    origin = record.values.get(REPORT_ORIGIN)
    if origin is not None:
        yield from _either(record.files, REPORT_PDF, REPORT_ORIGIN, origin["without_pdf"])
    yield from _either(record.files, NOTEBOOK, RUN, record.run["without_notebook"])


def _either(files: Mapping[str, bytes], name: str, where: str, why: str | None) -> Iterator[Fault]:
    if name in files and why is not None:
        yield where, f"сказано, что {name} нет, а он есть"
    if name not in files and not why:
        yield where, f"по записи {name} есть, а его нет"


def of_these_files(record: Record) -> Iterator[Fault]:
    """The report names this run, its verdict, and the digest of the list of all other files."""
    html = record.files.get(REPORT_HTML)
    if html is None:
        return
    said = _without_pictures(html)
    run = record.run
    for what in (run["run_id"], run["organisation_bin"], f"({run['verdict']['kind']})"):
        if what.encode() not in said:
            yield REPORT_HTML, f"в отчёте не сказано {what}"
    if sha256_hex(listing(record.files)).encode() in said:
        return
    # Reports of earlier versions name every file.
    digests = {n: sha256_hex(data) for n, data in record.files.items() if n not in WITH_THE_REPORT}
    others = [name for name, digest in digests.items() if digest.encode() not in said]
    if len(others) == len(digests):
        yield REPORT_HTML, "SHA-256 списка файлов в отчёте не тот"
        return
    yield from ((REPORT_HTML, f"SHA-256 файла {name} в отчёте не тот") for name in others)


def _without_pictures(html: bytes) -> bytes:
    first, *rest = html.split(b";base64,")
    return b"".join([first, *(part.partition(b'"')[2] for part in rest)])
