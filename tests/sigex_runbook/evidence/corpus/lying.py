"""What the owner of the signing key can tell in one file of a pack, and what is found of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sigex_runbook.core.record import Outcome, PlannedStep, StepRecord
from sigex_runbook.evidence.attest.envelope import read_envelope
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement
from sigex_runbook.evidence.pack.canonical import canonical_json, sha256_hex
from sigex_runbook.evidence.pack.junit import junit_xml
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.verify.verification import Verification
from tests.sigex_runbook.evidence.sealed import A, Place, codes, copy

from .forgery import edit_json, reseal, second_status
from .second_reading import disagreements

Edit = Callable[[Path], object]


@dataclass(frozen=True)
class Lie:
    """A change under evidence/ that leaves every digest right, and what is found of it."""

    name: str
    edit: Edit
    file: str
    what: str
    code: str = "E_STATE"


def at(name: str, change: Callable[[Any], object]) -> Edit:
    """Change one JSON file."""
    return lambda evidence: edit_json(evidence / name, change)


def facts(number: int, **changes: Any) -> Edit:
    return at(f"screens/{number:03d}.json", lambda record: record["facts"].update(changes))


def call(number: int, **changes: Any) -> Edit:
    return at(f"api/{number:03d}.json", lambda record: record.update(changes))


def run(**changes: Any) -> Edit:
    return at("run.json", lambda record: record.update(changes))


def steps(change: Callable[[list[Any]], list[Any]]) -> Edit:
    """Change the steps, and their number in run.json with them."""

    def edit(evidence: Path) -> None:
        path = evidence / "steps.ndjson"
        records = change([json.loads(line) for line in path.read_bytes().splitlines()])
        path.write_bytes(b"".join(canonical_json(one) + b"\n" for one in records))
        counted = {o: sum(1 for one in records if one["outcome"] == o) for o in Outcome}
        edit_json(evidence / "run.json", lambda record: record.update(steps=counted))

    return edit


def without(*patterns: str) -> Edit:
    """Drop files, and their places in the record of the scan; an empty folder goes too."""

    def edit(evidence: Path) -> None:
        for pattern in patterns:
            for path in sorted(evidence.glob(pattern)):
                path.unlink()
                if not any(path.parent.iterdir()):
                    path.parent.rmdir()
        scanned_is_there(evidence)

    return edit


def with_file(name: str, data: bytes) -> Edit:
    def edit(evidence: Path) -> None:
        (evidence / name).write_bytes(data)
        scanned_is_there(evidence)

    return edit


def scanned_is_there(evidence: Path) -> None:
    there = {p.relative_to(evidence).as_posix() for p in evidence.rglob("*") if p.is_file()}
    edit_json(
        evidence / "redaction.json",
        lambda record: record.update(scanned=sorted(there - {"redaction.json"})),
    )


def exchanged(one: str, other: str, *keys: str) -> Edit:
    """Give two records each other's values."""

    def edit(evidence: Path) -> None:
        first, second = (json.loads((evidence / name).read_bytes()) for name in (one, other))
        for key in keys:
            first[key], second[key] = second[key], first[key]
        (evidence / one).write_bytes(canonical_json(first))
        (evidence / other).write_bytes(canonical_json(second))

    return edit


def words(name: str, old: str, new: str) -> Edit:
    def edit(evidence: Path) -> None:
        path = evidence / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    return edit


def probes(change: Callable[[list[Any]], object]) -> Edit:
    return at("verification.json", lambda record: change(record["probes"]))


def checks(change: Callable[[list[Any]], object]) -> Edit:
    return at("verification.json", lambda record: change(record["checks"]))


def text_of(step: Any, text: str) -> Any:
    return {**step, "step": {**step["step"], "text": text}}


def both(*edits: Edit) -> Edit:
    """Several files changed to fit each other."""

    def edit(evidence: Path) -> None:
        for one in edits:
            one(evidence)

    return edit


def retold(change: Callable[[Any], object], *numbers: int) -> Edit:
    """Change these steps (all if none is named), with junit.xml and the count in run.json."""

    def edit(evidence: Path) -> None:
        def changed(records: list[Any]) -> list[Any]:
            for number, record in enumerate(records, 1):
                if not numbers or number in numbers:
                    change(record)
            return records

        steps(changed)(evidence)
        lines = (evidence / "steps.ndjson").read_bytes().splitlines()
        told = [
            StepRecord(
                **{**one, "step": PlannedStep(**one["step"]), "outcome": Outcome(one["outcome"])}
            )
            for one in map(json.loads, lines)
        ]
        (evidence / "junit.xml").write_text(junit_xml(told), "utf-8")

    return edit


STATES = ("before", "expected", "after")


def settings(change: Callable[[Any], object], *states: str) -> Edit:
    """In these states; in all of them, and as the journal tells them, when none is named."""

    def told(audit: Any) -> None:
        for event in audit["events"]:
            change(event["original"])
            change(event["modified"])

    everywhere = () if states else (at("state/audit.json", told),)
    return both(*(at(f"state/{state}.json", change) for state in states or STATES), *everywhere)


def everywhere(old: str, new: str) -> Edit:
    """The same words exchanged in every text of the pack."""

    def edit(evidence: Path) -> None:
        for path in evidence.rglob("*"):
            if path.suffix in (".json", ".ndjson", ".xml", ".feature"):
                path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")

    return edit


def picture(number: int, kind: str, of: int, of_kind: str) -> Edit:
    """Another picture's bytes, with the digest that fits."""

    def edit(evidence: Path) -> None:
        data = (evidence / f"screens/{of:03d}-{of_kind}.png").read_bytes()
        (evidence / f"screens/{number:03d}-{kind}.png").write_bytes(data)

        def fits(record: Any) -> None:
            record[kind]["sha256"] = sha256_hex(data)
            if kind == "raw":
                record["annotated"]["parent"] = sha256_hex(data)

        edit_json(evidence / f"screens/{number:03d}.json", fits)

    return edit


def reading_between(**ticks: list[int]) -> Edit:
    """One more reading of the settings before the last one, all later calls numbered anew."""

    def edit(evidence: Path) -> None:
        folder = evidence / "api"
        for number in range(20, 9, -1):
            (folder / f"{number:03d}.json").rename(folder / f"{number + 1:03d}.json")
        record = json.loads((folder / "001.json").read_bytes())
        for block, indices in ticks.items():
            record["fields"][block]["tlsCertificatesIndices"] = indices
        (folder / "010.json").write_bytes(canonical_json(record))
        scanned_is_there(evidence)

    return edit


def probe_at(place: int, **changes: Any) -> Edit:
    return probes(lambda all_: all_[place].update(changes))


def field_of(number: int, **changes: Any) -> Edit:
    return at(f"api/{number:03d}.json", lambda record: record["fields"].update(changes))


def refused_and_expected(evidence: Path) -> None:
    """As if the information system had been refused after all, and nothing else expected."""
    for number in range(11, 15):
        call(number, fields={"message": "Access denied"})(evidence)
    refused = {"answer": "refused", "expected": "refused", "detail": "Access denied"}
    for place in range(8, 12):
        probe_at(place, **refused)(evidence)
    words("verification.json", "обслужено 4, отказано 12", "обслужено 0, отказано 16")(evidence)
    words("run.json", "обслужено 4, отказано 12", "обслужено 0, отказано 16")(evidence)


def systems_of(change: Callable[[Any], object], *states: str) -> Edit:
    return settings(lambda state: change(state["tlsCertificatesList"]), *states)


def without_control(evidence: Path) -> None:
    """As if no second system had been ordered."""
    at("order.json", lambda order: order.update(control_system=None))(evidence)
    probes(lambda all_: all_.__setitem__(slice(None), [p for p in all_ if not p["control"]]))(
        evidence
    )
    kept = [
        path
        for path in sorted((evidence / "api").iterdir())
        if json.loads(path.read_bytes())["actor"] != "control system"
    ]
    for path in sorted((evidence / "api").iterdir()):
        if path not in kept:
            path.unlink()
    for number, path in enumerate(kept, 1):
        path.rename(path.with_name(f"{number:03d}.json"))
    for name in ("verification.json", "run.json"):
        words(name, "проб 16: обслужено 4, отказано 12", "проб 8: обслужено 4, отказано 4")(
            evidence
        )
    scanned_is_there(evidence)


def acting(step: Any, act: str) -> Any:
    return {**step, "step": {**step["step"], "act": act}}


@dataclass(frozen=True)
class Told:
    """What two verifiers that share no code make of one story."""

    found: Verification
    second: str
    against: list[str]
    """What the second one found of the contents alone."""


def told(place: Place, edit: Edit) -> Told:
    """Lie, seal anew, and let both verify with the new head."""
    [pack] = place.campaign.glob(f"{A}/*")
    head = reseal(place, pack, lambda pack: edit(pack / EVIDENCE), stamped=False)
    statement = PackStatement.read(read_envelope((pack / ATTESTATION).read_bytes()).payload)
    evidence = pack / EVIDENCE
    files = {
        path.relative_to(evidence).as_posix(): path.read_bytes()
        for path in evidence.rglob("*")
        if path.is_file()
    }
    said = json.loads(statement.to_bytes())["predicate"]
    return Told(
        place.verify(pack, head=head),
        second_status(place, pack, head=head),
        disagreements(files, said),
    )


def found_by_both(sealed: Place, outputs: Path, lie: Lie) -> None:
    """Insist that both verifiers find this lie in a copy, the first one as it says."""
    judged = told(copy(sealed, outputs), lie.edit)
    said = [(one.code, one.place, one.what) for one in judged.found.findings]
    assert any(
        (code, place) == (lie.code, f"{EVIDENCE}/{lie.file}") and lie.what in what
        for code, place, what in said
    ), said
    assert codes(judged.found) <= {"E_STATE", "E_TIME_SKEW", lie.code}
    assert (judged.second, bool(judged.against)) == (Status.FAILED, True)
