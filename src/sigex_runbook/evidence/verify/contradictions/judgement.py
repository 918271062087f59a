"""Which rules a run is held to: all of them when it claims a success."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from sigex_runbook.evidence.attest.findings import Code, Finding
from sigex_runbook.evidence.pack.layout import EVIDENCE, ORDER, RUN
from sigex_runbook.evidence.pack.read import Record

from . import (
    calls,
    documents,
    notebook,
    outcome,
    overrides,
    parties,
    pictures,
    probes,
    steps,
    times,
)
from .faults import Fault

Rule = Callable[[Record], Iterator[Fault]]
Rules = Mapping[Code, tuple[Rule, ...]]

ALWAYS: Rules = {
    Code.STATE: (
        parties.ordered,
        parties.called,
        calls.only_read,
        steps.reported,
        steps.ended,
        pictures.of_failure,
        overrides.overridden,
        documents.as_told,
        documents.of_these_files,
    ),
    Code.MISSING: (documents.reported,),
    Code.SUBJECT_BINDING: (notebook.owned,),
}
OF_A_SUCCESS: tuple[Rule, ...] = (
    parties.identified,
    parties.pictured,
    steps.passed,
    steps.guided,
    steps.worded,
    steps.ordered,
    steps.reported_at_all,
    pictures.numbered,
    pictures.placed,
    pictures.on_one_page,
    pictures.drawn,
    pictures.complete,
    calls.numbered,
    calls.read_back,
    calls.audited,
    probes.recorded,
    probes.asked,
    outcome.unchanged,
    outcome.ended_well,
    outcome.checked_once,
    notebook.concluded,
)


def contradictions(record: Record, sealed_at: datetime) -> Iterator[Finding]:
    """Every contradiction between the files of a pack that was sealed at that moment.

    Raises KeyError, TypeError, ValueError or AttributeError for records that are built otherwise.
    """
    if record.values.get(RUN) is None or record.values.get(ORDER) is None:
        return  # said already
    _ = record.steps, record.captures, record.calls  # built otherwise, they contradict nothing
    for code, rules in ALWAYS.items():
        yield from _held(rules, record, code)
    if record.claims_success:
        yield from _held(OF_A_SUCCESS, record, Code.STATE)
        yield from _held(times.OF_A_SUCCESS, record, Code.TIME_SKEW)
    for file, what in times.disorder(record, sealed_at):
        yield Finding(Code.TIME_SKEW, f"{EVIDENCE}/{file}", what)


def _held(rules: Iterable[Rule], record: Record, code: Code) -> Iterator[Finding]:
    for rule in rules:
        for file, what in rule(record):
            yield Finding(code, f"{EVIDENCE}/{file}", what)
