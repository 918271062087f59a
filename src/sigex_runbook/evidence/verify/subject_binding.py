"""Whose pack this is: the statement, the folder, the question and the files must name one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sigex_runbook.evidence.attest.findings import Code, Finding, Note, Telling
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement
from sigex_runbook.evidence.attest.timestamp import TOLERANCE
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.layout import (
    CAPTURE_FORMAT,
    EVIDENCE,
    FAILURE_FORMAT,
    ORDER,
    REPORT_ORIGIN,
    REPORT_ORIGIN_FORMAT,
    RUN,
    SCREENS,
)
from sigex_runbook.evidence.pack.place import PackPlace, named_like_a_bin
from sigex_runbook.evidence.pack.read import clock_offset, known_error

RUN_FORMAT = "sigex-run/1"
ORDER_FORMAT = "sigex-access-order/1"


def asked_for(
    statement: PackStatement, *, organisation: str | None, run: str | None
) -> Iterator[Finding]:
    """Whether it is the pack that the verifier asked for."""
    if organisation is not None and organisation != statement.organisation_bin:
        yield _foreign(f"заверен пакет организации {statement.organisation_bin}, а не спрошенной")
    if run is not None and run != statement.run_id:
        yield _foreign(f"заверен запуск {statement.run_id}, а не спрошенный")


def in_its_place(pack: Path, statement: PackStatement, *, beside_ledger: bool) -> Telling[None]:
    """Whether the folders are named as the statement says, where a campaign keeps its packs."""
    place = PackPlace.of(pack)
    named = f"{place.organisation_bin}/{place.run_id}"
    sealed = f"{statement.organisation_bin}/{statement.run_id}"
    if (beside_ledger or named_like_a_bin(place.organisation_bin)) and named != sealed:
        yield _foreign(f"папка названа {named}, а заверен запуск {sealed}")
    if beside_ledger and place.campaign.name != statement.campaign:
        yield Note(f"Кампания в заверении называется «{statement.campaign}».")


def own_files(
    statement: PackStatement, values: Mapping[str, Any], sealed: Mapping[str, bytes]
) -> Telling[None]:
    """Whether run.json, order.json and the screens belong to the run of the statement.

    `values` holds the JSON of the evidence by its name under evidence/, `sealed` the bytes of the
    files that are as sealed by their whole name.
    """
    run = values.get(RUN)
    if isinstance(run, dict):
        yield from _run(statement, run)
    order = values.get(ORDER)
    if isinstance(order, dict):
        yield from _order(statement, order)
    origin = values.get(REPORT_ORIGIN)
    if isinstance(origin, dict) and origin.get("format") != REPORT_ORIGIN_FORMAT:
        yield Finding(Code.TYPE, f"{EVIDENCE}/{REPORT_ORIGIN}", f"это не {REPORT_ORIGIN_FORMAT}")
    for name, record in values.items():
        if name.startswith(f"{SCREENS}/") and isinstance(record, dict):
            yield from _screen(f"{EVIDENCE}/{name}", record, statement, sealed)


def _run(statement: PackStatement, run: dict[str, Any]) -> Telling[None]:
    name = f"{EVIDENCE}/run.json"
    if run.get("format") != RUN_FORMAT:
        yield Finding(Code.TYPE, name, f"это не {RUN_FORMAT}")
        return
    for name_in_run, sealed in (
        ("organisation_bin", statement.organisation_bin),
        ("run_id", statement.run_id),
    ):
        if run.get(name_in_run) != sealed:
            yield Finding(Code.SUBJECT_BINDING, name, f"{name_in_run} не тот, что в заверении")
    verdict = run.get("verdict")
    if not isinstance(verdict, dict) or verdict.get("kind") != statement.verdict:
        yield Finding(Code.STATE, name, "вердикт не тот, что в заверении")
    offset = clock_offset(run)
    if offset is not None and abs(offset) > TOLERANCE.total_seconds():
        what = f"часы запуска расходились с часами сервиса на {offset:.0f} с"
        if known_error(run):
            yield Note(f"{what.capitalize()}; он ничего не сохранил, времена в нём — по тем часам.")
        else:
            yield Finding(Code.TIME_SKEW, name, what)


def _order(statement: PackStatement, order: dict[str, Any]) -> Iterator[Finding]:
    name = f"{EVIDENCE}/order.json"
    if order.get("format") != ORDER_FORMAT:
        yield Finding(Code.TYPE, name, f"это не {ORDER_FORMAT}")
    if order.get("organisation_bin") != statement.organisation_bin:
        yield Finding(Code.SUBJECT_BINDING, name, "заказ другой организации")


def _screen(
    name: str, record: dict[str, Any], statement: PackStatement, sealed: Mapping[str, bytes]
) -> Iterator[Finding]:
    if record.get("format") not in (CAPTURE_FORMAT, FAILURE_FORMAT):
        yield Finding(Code.TYPE, name, f"это не {CAPTURE_FORMAT} и не {FAILURE_FORMAT}")
        return
    try:
        if record["facts"]["run_id"] != statement.run_id:
            yield Finding(Code.SUBJECT_BINDING, name, "снимок сделан в другом запуске")
        raw, annotated = record["raw"], record["annotated"]
        pictures = [raw] if annotated is None else [raw, annotated]
        parent = raw["sha256"] if annotated is None else annotated["parent"]
        for picture in pictures:
            path = f"{EVIDENCE}/{picture['path']}"
            if path in sealed and sha256_hex(sealed[path]) != picture["sha256"]:
                yield Finding(Code.SUBJECT_BINDING, path, f"это не снимок из {name}")
        if parent != raw["sha256"]:
            yield Finding(Code.SUBJECT_BINDING, name, "размеченный снимок сделан с другого")
    except (KeyError, TypeError):
        yield Finding(Code.TYPE, name, "описание снимка устроено иначе")


def _foreign(what: str) -> Finding:
    return Finding(Code.SUBJECT_BINDING, ATTESTATION, what)
