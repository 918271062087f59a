"""Which rules a run is held to: all of them when it claims a success."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from sigex_runbook.evidence.findings import Code, Finding
from sigex_runbook.evidence.subjects import EVIDENCE

from . import calls, outcome, parties, pictures, probes, steps, times
from .record import Record, Values

ALWAYS = (parties.ordered, parties.called, steps.reported)
OF_A_SUCCESS = (
    parties.identified,
    parties.pictured,
    steps.worded,
    steps.ordered,
    steps.reported_at_all,
    pictures.numbered,
    pictures.placed,
    pictures.complete,
    calls.numbered,
    calls.read_back,
    probes.recorded,
    outcome.unchanged,
    outcome.checked_once,
)


def contradictions(
    values: Values, files: Mapping[str, bytes], sealed_at: datetime
) -> Iterator[Finding]:
    """Every contradiction.

    `values` are the JSON files of a pack by their names under evidence/, steps.ndjson as text;
    `files` all its files by their names in the pack; `sealed_at` is its statement's. Raises
    KeyError, TypeError, ValueError or AttributeError for records that are built otherwise.
    """
    if values.get("run.json") is None or values.get("order.json") is None:
        return  # said already
    record = Record.read(values, files)
    for rule in (*ALWAYS, *(OF_A_SUCCESS if record.claims_success else ())):
        for file, what in rule(record):
            yield Finding(Code.STATE, f"{EVIDENCE}/{file}", what)
    for file, what in times.disorder(record, sealed_at):
        yield Finding(Code.TIME_SKEW, f"{EVIDENCE}/{file}", what)
