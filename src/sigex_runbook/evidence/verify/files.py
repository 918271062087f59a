"""What the sealed files of a pack hold: each by itself, and all taken together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from sigex_runbook.core.environment import Environment
from sigex_runbook.evidence.attest.findings import MISSHAPEN, Code, Fault, Finding, Note, Telling
from sigex_runbook.evidence.attest.statement import PackStatement
from sigex_runbook.evidence.attest.subjects import compare
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.canonical import (
    DuplicateKey,
    NotCanonical,
    NotJson,
    read_canonical,
)
from sigex_runbook.evidence.pack.layout import APPROVAL, EVIDENCE, LOCATORS, REPORT_PDF, RUN
from sigex_runbook.evidence.pack.read import Record, known_error, under_evidence
from sigex_runbook.evidence.pack.records import Overridden
from sigex_runbook.evidence.privacy.leak import LeakScanner

from .approval import approval_fault
from .contradictions import contradictions
from .inventory import unknown_files
from .pdf_coverage import check_pdf
from .recalculation import disagreements
from .redaction_record import redaction_faults
from .subject_binding import own_files

_REPORT = f"{EVIDENCE}/{REPORT_PDF}"


@dataclass(frozen=True, slots=True)
class Redrawn:
    """What was made again of a pack's files: how many pictures came out the same, and whether the
    report did."""

    pictures: int
    report: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What the files established: what of them could be made again, None when that was not asked
    or could not be done, and the operator's locators, None without any; how far the
    clock of a run that saved nothing was ahead; where the run says it was, and why it ended so."""

    redrawn: Redrawn | None = None
    overridden: Overridden | None = None
    ahead: timedelta = timedelta(0)
    environment: Environment | None = None
    reasons: tuple[str, ...] = ()


def contents(
    pack: Path,
    statement: PackStatement,
    keyid: str,
    trust: Trust,
    scanner: LeakScanner,
    system: Collection[str],
    *,
    pictures: bool,
) -> Telling[Held]:
    """What is wrong with the evidence under its statement, which the key `keyid` is said to have
    signed. With `pictures` every picture is drawn again, and the report made again."""
    findings, sealed = compare(pack, statement.subjects, system)
    yield from findings
    for name, data in sealed.items():
        for leak in scanner.scan(name, data, statement.organisation_bin):
            yield Finding(Code.LEAK, name, f"{leak.rule}: {leak.where}")
    if _REPORT in sealed:
        sealer = trust.key(keyid)
        try:
            check_pdf(sealed[_REPORT], sealer.key if sealer else None)
        except Fault as fault:
            yield fault.at(_REPORT)
    try:
        return (yield from _record(statement, keyid, sealed, trust, pictures=pictures))
    except MISSHAPEN as error:
        what = f"записи устроены не так, как у этой версии ({type(error).__name__})"
        yield Finding(Code.TYPE, EVIDENCE, what)
        return Held()


def _record(
    statement: PackStatement,
    keyid: str,
    sealed: Mapping[str, bytes],
    trust: Trust,
    *,
    pictures: bool,
) -> Telling[Held]:
    """What the files say, taken together. Asked only of files that are as sealed."""
    values: dict[str, Any] = {}
    for name, data in sealed.items():
        if name.endswith((".json", ".ndjson")):
            values[name.removeprefix(f"{EVIDENCE}/")] = yield from _value(name, data)
    yield from own_files(statement, values, sealed)
    drawn = (yield from _drawn(values, sealed)) if pictures else None
    held, same = Held(), False
    if {subject.name for subject in statement.subjects} == sealed.keys():
        record = Record(values, under_evidence(sealed))
        yield from unknown_files(record.files)
        yield from redaction_faults(record)
        for file, what in disagreements(record):
            yield Finding(Code.STATE, f"{EVIDENCE}/{file}", what)
        fault = approval_fault(record, trust.approvers)
        if fault is not None:
            yield fault.at(f"{EVIDENCE}/{APPROVAL}")
        yield from contradictions(record, statement.sealed_at)
        if RUN in record.values:
            run = record.run
            held = Held(
                overridden=record.overridden,
                ahead=known_error(run),
                environment=Environment(str(run["target"])),
                reasons=tuple(map(str, run["verdict"]["reasons"])),
            )
        if held.overridden is not None:
            yield _remark(held.overridden)
        same = pictures and (yield from _made_again(statement, keyid, values, sealed))
    return replace(held, redrawn=None if drawn is None else Redrawn(drawn, same))


def _remark(told: Overridden) -> Note:
    """That the operator said where controls are: no fault, but the reader should look."""
    pointed = ", ".join(told.pointed) or "никаких"
    return Note(
        f"Оператор своим файлом указал, где элементы страницы: {pointed}; ответов на вопросы "
        f"страницы в нём {told.answers}. Файл — {EVIDENCE}/{LOCATORS}, SHA-256 {told.sha256}. "
        "Сличите снимки этих элементов с инструкцией."
    )


def _value(name: str, data: bytes) -> Telling[Any]:
    try:
        if name.endswith(".ndjson"):
            for line in data.splitlines():
                read_canonical(line)
            return data.decode("utf-8")
        return read_canonical(data)
    except DuplicateKey as error:
        yield Finding(Code.JSON_DUP, name, str(error))
    except NotJson as error:
        yield Finding(Code.TYPE, name, str(error))
    except NotCanonical as error:
        yield Finding(Code.NONCANONICAL, name, str(error))
    return None


def _drawn(values: Mapping[str, Any], sealed: Mapping[str, bytes]) -> Telling[int]:
    from .redraw_pictures import redraw_all  # slow, and asked for seldom

    drawn, findings = redraw_all(values, sealed)
    yield from findings
    return drawn


def _made_again(
    statement: PackStatement, keyid: str, values: Mapping[str, Any], sealed: Mapping[str, bytes]
) -> Telling[bool]:
    from .rerender_report import remake  # as slow

    return (yield from remake(statement, keyid, values, sealed))
