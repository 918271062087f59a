"""The second verifier's view of a campaign: its list, ledger and packs, from the documented format.

Like the other it imports nothing of the product and answers with a status.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_public_key

from . import second_verifier as second
from .second_verifier import FAILED, INTEGRITY_ONLY, SLACK, VERIFIED, Ledger, Wrong, insist, sha

Run = tuple[str, str]
Times = tuple[datetime, datetime, bool]

_LIST = "campaign.dsse.json"
_RUN = "evidence/run.json"
_BIN = re.compile(r"[0-9]{12}")


def verify_campaign(
    folder: Path, trust: Path, *, head: str | None = None, at: datetime | None = None
) -> str:
    """The status of a campaign: the worst of its own and its packs'."""
    try:
        return _verify(folder, trust, head, at or datetime.now(UTC))
    except (Wrong, OSError, LookupError, TypeError, AttributeError, ValueError, OverflowError):
        return FAILED


def _verify(folder: Path, trust: Path, head: str | None, at: datetime) -> str:
    ledger = second.read_ledger(folder)
    insist(ledger, "no ledger")
    assert ledger is not None
    runs = _runs(ledger)
    insist(len(set(runs)) == len(runs), "a run twice")
    packs = [
        (home.name, pack.name)
        for home in folder.iterdir()
        if _BIN.fullmatch(home.name) and home.is_dir() and not home.is_symlink()
        for pack in home.iterdir()
        if pack.is_dir() and not pack.name.endswith(".partial")
    ]
    insist(not any(folder.joinpath(*pack).is_symlink() for pack in packs), "a link")
    absent = set(runs) - set(packs)
    insist(absent <= _unfinished(folder, ledger), "a pack that is gone")
    insist(set(packs) <= set(runs), "a pack that no line names")

    said, place, stamped = _list(folder, trust, ledger, at)
    statuses = {second.verify(folder.joinpath(*pack), trust, head=head, at=at) for pack in packs}
    insist(FAILED not in statuses, "a pack")
    statements = {pack: _said(folder.joinpath(*pack, "attestation.dsse.json")) for pack in packs}
    files = {pack: {_RUN: folder.joinpath(*pack, _RUN).read_bytes()} for pack in packs}
    errors = {pack: second.ahead(file) for pack, file in files.items()}
    _packs(said, statements, errors, set(runs[: _count(ledger, said["ledger"]["length"])]))
    times = {
        run: _times(folder.joinpath(*run), said, ledger, trust) for run, said in statements.items()
    }
    _order([run for run in runs if run in times], times)

    since = {entry["entry"] for entry in ledger.entries[said["ledger"]["length"] :]}
    newest = not since & {"run", "aside"}
    pinned = head is not None and ledger.digests.index(head) >= place
    whole = stamped and newest and pinned and not absent
    return VERIFIED if whole and statuses <= {VERIFIED} else INTEGRITY_ONLY


def _runs(ledger: Ledger) -> list[Run]:
    found = []
    for entry in ledger.entries:
        owner = (entry["organisation"], entry["run"])
        if entry["entry"] in ("run", "aside"):
            insist(all(isinstance(one, str) and one for one in owner), "whose line")
            insist(_BIN.fullmatch(owner[0]), "whose line")
            found += [owner] if entry["entry"] == "run" else []
        else:
            insist(owner == (None, None), "nobody's line")
    return found


def _count(ledger: Ledger, length: int) -> int:
    return sum(1 for entry in ledger.entries[:length] if entry["entry"] == "run")


def _unfinished(folder: Path, ledger: Ledger) -> set[Run]:
    """The run of the last line, when a killed process left it under its other name."""
    last = ledger.entries[-1]
    if last["entry"] != "run":
        return set()
    path = folder / last["organisation"] / f"{last['run']}.partial" / "attestation.dsse.json"
    held = path.is_file() and sha(path.read_bytes()) == last["attestation"]
    return {(last["organisation"], last["run"])} if held else set()


def _list(
    folder: Path, trust: Path, ledger: Ledger, at: datetime
) -> tuple[dict[str, Any], int, bool]:
    """What the list says, its last line in the ledger, and whether its time is trusted."""
    path = folder / _LIST
    insist(not path.is_symlink(), "link")
    data = path.read_bytes()
    payload, keyid, signature = second.unwrap(data)
    believed = json.loads(trust.read_text("utf-8"))
    [key] = [one for one in believed["keys"] if one["keyid"] == keyid]
    kind = b"application/vnd.in-toto+json"
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    second._signed(load_pem_public_key(key["public"].encode()), signature, signed)
    statement = second.strict(payload)
    insist(statement["predicateType"] == "urn:sigex-runbook:campaign:1", "predicate type")
    said = statement["predicate"]
    _members(said["population"], statement["subject"])

    lines = [n for n, entry in enumerate(ledger.entries) if entry["entry"] == "campaign"]
    insist(ledger.entries[lines[-1]]["attestation"] == sha(data), "not the newest list")
    length, last = said["ledger"]["length"], said["ledger"]["head"]
    insist(length == lines[-1], "a list that ends elsewhere")
    insist(last == (ledger.digests[length - 1] if length else "0" * 64), "another ledger")
    ran = {e["organisation"]: e for e in ledger.entries[:length] if e["entry"] == "run"}
    named = {one["organisation_bin"]: one for one in said["population"]}
    for organisation, entry in ran.items():
        one = named[organisation]
        insist(
            (one["run_id"], one["attestation"]) == (entry["run"], entry["attestation"]), "not last"
        )
    aside = {e["organisation"] for e in ledger.entries[:length] if e["entry"] == "aside"}
    insist(aside <= named.keys(), "somebody set aside and not listed")
    insist({b for b, one in named.items() if one["state"] == "pack"} <= ran.keys(), "never ran")

    stamps = [
        (n, e["tsr"])
        for n, e in enumerate(ledger.entries)
        if e["attestation"] == sha(data) and e["entry"] in ("campaign", "stamp") and e["tsr"]
    ]
    token = folder / "campaign.tsr"
    sealed = second.instant(said["sealed_at"])
    insist(sealed <= at + SLACK, "future")
    signed_at = at
    if stamps:
        insist(sha(token.read_bytes()) == stamps[0][1], "token")
        signed_at = second._token(token, path, trust, believed)
        insist(sealed - SLACK <= signed_at <= at + SLACK, "token's time")
    window = [second.instant(key[name]) for name in ("valid_from", "valid_until")]
    insist(window[0] <= signed_at <= window[1], "expired")
    return said, max([lines[-1], *(n for n, _ in stamps)]), bool(stamps)


def _members(population: list[dict[str, Any]], subjects: list[dict[str, Any]]) -> None:
    names = [one["organisation_bin"] for one in population]
    insist(all(_BIN.fullmatch(name) for name in names), "another spelling")
    insist(names == sorted(set(names)), "twice, or not in order")
    for one in population:
        packed = [one["run_id"], one["attestation"], one["verdict"]]
        if one["state"] == "pack":
            insist(all(packed) and one["reason"] is None, "a pack with a reason")
        else:
            insist(one["state"] in ("failed", "excluded"), "state")
            insist(packed == [None] * 3 and one["reason"].strip(), "no reason")
            others = set(re.findall(r"[0-9]{12}", one["reason"])) - {one["organisation_bin"]}
            insist(not others, "a number of somebody")
    listed = [
        (f"{one['organisation_bin']}/{one['run_id']}/attestation.dsse.json", one["attestation"])
        for one in population
        if one["state"] == "pack"
    ]
    insist([(s["name"], s["digest"]["sha256"]) for s in subjects] == listed, "subjects")


def _said(attestation: Path) -> dict[str, Any]:
    predicate: dict[str, Any] = second.strict(second.unwrap(attestation.read_bytes())[0])
    return dict(predicate["predicate"])


def _packs(
    said: dict[str, Any],
    packs: dict[Run, dict[str, Any]],
    errors: dict[Run, timedelta],
    listed: set[Run],
) -> None:
    verdicts = {(one["organisation_bin"], one["run_id"]): one for one in said["population"]}
    for run, pack in packs.items():
        insist(pack["campaign"] == said["campaign"], "another campaign")
        if run in verdicts:
            insist(pack["verdict"] == verdicts[run]["verdict"], "another verdict")
        if run in listed:
            late = second.instant(pack["sealed_at"]) - second.instant(said["sealed_at"])
            insist(min(late, late - errors[run]) <= SLACK, "a list older than its pack")


def _order(runs: list[Run], times: dict[Run, list[Times]]) -> None:
    """No run of an organisation stands after one that began when it was over already."""
    for place, run in enumerate(runs):
        for earlier in [one for one in runs[:place] if one[0] == run[0]]:
            fits = [_follows(a, b) for a in times[earlier] for b in times[run]]
            insist(any(fits), "runs in another order")


def _follows(one: Times, other: Times) -> bool:
    (begun, sealed, sure), (_, ended, surely) = one, other
    return ended >= begun if sure and surely else sealed - ended <= SLACK


def _times(pack: Path, said: dict[str, Any], ledger: Ledger, trust: Path) -> list[Times]:
    """When the run began and was sealed, and whether the error of its clock is known and gone.
    Where the two clocks differ, it may have been the service's that was wrong."""
    sealed = second.instant(said["sealed_at"])
    named = re.match(r"[0-9]{8}T[0-9]{6}Z", said["run_id"])
    begun = datetime.strptime(named[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if named else None
    if begun is None or begun > sealed:
        return [(sealed, sealed, False)]
    token, attestation = pack / "attestation.tsr", pack / "attestation.dsse.json"
    digest = sha(attestation.read_bytes())
    stamped_at_once = any(
        e["entry"] == "run" and e["attestation"] == digest and e["tsr"] for e in ledger.entries
    )
    if token.exists() and stamped_at_once:
        moment = second._token(token, attestation, trust, json.loads(trust.read_text("utf-8")))
        return [(begun + (moment - sealed), moment, True)]
    run = json.loads((pack / "evidence/run.json").read_bytes())
    offset = run["session"].get("clock", {}).get("offset_from_server_seconds")
    late = timedelta(seconds=offset or 0)
    told = [(begun - late, sealed - late, offset is not None)]
    error = second.ahead({"evidence/run.json": (pack / "evidence/run.json").read_bytes()})
    either = abs(error) > SLACK or timedelta(seconds=10) < abs(late) <= SLACK
    return [*told, (begun, sealed, False)] if either else told
