"""What the sealed files of a pack hold: each by itself, and all taken together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .approval import APPROVAL, check_approval, employee_of
from .binding import own_files
from .canonical import DuplicateKey, NotCanonical, NotJson, read_canonical
from .contradictions import contradictions
from .findings import Code, Fault, Finding, Telling
from .layout import REPORT_PDF
from .leak import LeakScanner
from .pdf_coverage import check_pdf
from .reckoning import disagreements
from .redaction_record import redaction_faults
from .statement import PackStatement
from .subjects import EVIDENCE, compare
from .trust import Trust

_REPORT = f"{EVIDENCE}/{REPORT_PDF}"


def contents(
    pack: Path,
    statement: PackStatement,
    keyid: str,
    trust: Trust,
    scanner: LeakScanner,
    *,
    pictures: bool,
) -> Telling[int | None]:
    """What is wrong with the evidence under its statement, which the key `keyid` is said to have
    signed. With `pictures` every picture is drawn again: how many came out the same."""
    findings, sealed = compare(pack, statement.subjects)
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
        return (yield from _record(statement, sealed, trust, pictures=pictures))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        what = f"записи устроены не так, как у этой версии ({type(error).__name__})"
        yield Finding(Code.TYPE, EVIDENCE, what)
        return None


def _record(
    statement: PackStatement, sealed: Mapping[str, bytes], trust: Trust, *, pictures: bool
) -> Telling[int | None]:
    """What the files say, taken together. Asked only of files that are as sealed."""
    values: dict[str, Any] = {}
    for name, data in sealed.items():
        if name.endswith((".json", ".ndjson")):
            values[name.removeprefix(f"{EVIDENCE}/")] = yield from _value(name, data)
    yield from own_files(statement, values, sealed)
    redrawn = (yield from _redrawn(values, sealed)) if pictures else None
    if {subject.name for subject in statement.subjects} == sealed.keys():
        yield from redaction_faults(values, (name.removeprefix(f"{EVIDENCE}/") for name in sealed))
        for file, what in disagreements(values.get):
            yield Finding(Code.STATE, f"{EVIDENCE}/{file}", what)
        if APPROVAL in sealed:
            yield from _approved(values, sealed, trust)
        yield from contradictions(values, sealed, statement.sealed_at)
    return redrawn


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


def _redrawn(values: Mapping[str, Any], sealed: Mapping[str, bytes]) -> Telling[int]:
    from .redrawing import redraw_all  # slow, and asked for seldom

    drawn, findings = redraw_all(values, sealed)
    yield from findings
    return drawn


def _approved(
    values: Mapping[str, Any], sealed: Mapping[str, bytes], trust: Trust
) -> Iterator[Finding]:
    try:
        check_approval(
            sealed[APPROVAL],
            sealed.get(f"{EVIDENCE}/order.json", b""),
            trust.approvers,
            employee=employee_of(values.get("run.json") or {}),
            steps=values.get("steps.ndjson") or "",
        )
    except Fault as fault:
        yield fault.at(APPROVAL)
