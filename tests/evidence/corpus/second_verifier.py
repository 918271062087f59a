"""A second verifier, written from the documented format alone: the standard library, cryptography,
and OpenSSL for time-stamps. It imports nothing of the product; it only answers with a status.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import stat
import subprocess
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

VERIFIED, FAILED, INTEGRITY_ONLY = "VERIFIED", "FAILED", "INTEGRITY_ONLY"
SLACK = timedelta(minutes=10)


class Wrong(Exception):
    """Something does not fit."""


def insist(fact: object, what: str) -> None:
    if not fact:
        raise Wrong(what)


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def strict(data: bytes) -> Any:
    """JSON in exactly the canonical form: sorted keys, no blanks, no key twice."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        insist(len(dict(pairs)) == len(pairs), "a key twice")
        return dict(pairs)

    try:
        value = json.loads(data, object_pairs_hook=once)
        again = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        insist(again.encode() == data, "not canonical")
    except (ValueError, RecursionError) as error:
        raise Wrong(str(error)) from error
    return value


def unwrap(data: bytes) -> tuple[bytes, str, bytes]:
    raw = strict(data)
    insist(isinstance(raw, dict), "no envelope")
    insist(raw.keys() == {"payload", "payloadType", "signatures"}, "fields")
    insist(raw["payloadType"] == "application/vnd.in-toto+json", "payloadType")
    insist(isinstance(raw["signatures"], list) and len(raw["signatures"]) == 1, "signatures")
    [one] = raw["signatures"]
    insist(isinstance(one, dict) and one.keys() == {"keyid", "sig"}, "signature fields")
    return exact(raw["payload"]), one["keyid"], exact(one["sig"])


def exact(text: Any) -> bytes:
    insist(isinstance(text, str), "base64")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Wrong("base64") from error
    insist(base64.b64encode(data).decode() == text, "base64 padding")
    return data


def instant(text: Any) -> datetime:
    insist(isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), "time")
    return datetime.fromisoformat(text)


@dataclass(frozen=True)
class Ledger:
    entries: list[dict[str, Any]]
    digests: list[str]


def read_ledger(folder: Path) -> Ledger | None:
    path = folder / "ledger.jsonl"
    if not path.is_file():
        return None
    data = path.read_bytes()
    insist(not data or data.endswith(b"\n"), "torn ledger")
    previous = "0" * 64
    entries, digests = [], []
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        entry = strict(line)
        names = {"format", "entry", "seq", "prev", "organisation", "run", "attestation", "tsr"}
        insist(isinstance(entry, dict) and entry.keys() == names, "ledger fields")
        insist(entry["format"] == "sigex-ledger/1", "ledger format")
        insist(entry["entry"] in ("run", "stamp", "campaign"), "ledger entry")
        insist((entry["seq"], entry["prev"]) == (number, previous), "ledger chain")
        previous = sha(line)
        entries.append(entry)
        digests.append(previous)
    return Ledger(entries, digests)


def verify(pack: Path, trust: Path, *, head: str | None = None, at: datetime | None = None) -> str:
    """The status of a pack that lies in its campaign."""
    try:
        return _verify(pack, json.loads(trust.read_text()), trust, head, at or datetime.now(UTC))
    except (Wrong, OSError, KeyError, TypeError, AttributeError, ValueError):
        return FAILED


def _verify(pack: Path, trust: dict[str, Any], path: Path, head: str | None, at: datetime) -> str:
    insist(
        {child.name for child in pack.iterdir()}
        <= {"attestation.dsse.json", "attestation.tsr", "evidence"},
        "extra in the pack",
    )
    for name in ("attestation.dsse.json", "attestation.tsr"):
        insist(not (pack / name).is_symlink(), "link")
    data = (pack / "attestation.dsse.json").read_bytes()
    payload, keyid, signature = unwrap(data)
    keys = [key for key in trust["keys"] if key["keyid"] == keyid]
    insist(len(keys) == 1, "unknown key")
    public = load_pem_public_key(keys[0]["public"].encode())
    kind = b"application/vnd.in-toto+json"
    signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(signature, signed)
        else:
            assert isinstance(public, EllipticCurvePublicKey)
            public.verify(signature, signed, ECDSA(SHA256()))
    except InvalidSignature as error:
        raise Wrong("signature") from error
    statement = strict(payload)
    insist(statement["_type"] == "https://in-toto.io/Statement/v1", "type")
    insist(statement["predicateType"] == "urn:sigex-runbook:pack:1", "predicate type")
    said = statement["predicate"]
    files = _files(pack, statement["subject"])
    _contents(files, said)
    if "evidence/report.pdf" in files:
        _report(files["evidence/report.pdf"], public)
    owner = (said["organisation_bin"], said["run_id"])
    insist((pack.parent.name, pack.name) == owner, "another place")

    ledger = read_ledger(pack.parent.parent)
    place, stamp, tsr, late = _line(ledger, owner, sha(data))
    token = pack / "attestation.tsr"
    moment = None
    if token.exists():
        insist(tsr is None or sha(token.read_bytes()) == tsr, "token")
        moment = _token(token, pack / "attestation.dsse.json", path, trust)
        insist(moment <= at + SLACK, "token of the future")
    else:
        insist(tsr is None, "token gone")
    sealed = instant(said["sealed_at"])
    insist(sealed <= at + SLACK, "future")
    if moment is not None:
        insist(moment >= sealed - SLACK and (late or moment <= sealed + SLACK), "skew")
    trusted = moment is not None and tsr is not None
    signed_at = moment if trusted and moment is not None else at
    insist(
        instant(keys[0]["valid_from"]) <= signed_at <= instant(keys[0]["valid_until"]), "expired"
    )
    pinned = False
    if head is not None:
        insist(ledger is not None and head in ledger.digests, "head")
        assert ledger is not None
        pinned = place is not None and max(place, stamp or 0) <= ledger.digests.index(head)
    return VERIFIED if trusted and pinned else INTEGRITY_ONLY


def _line(
    ledger: Ledger | None, owner: tuple[str, str], digest: str
) -> tuple[int | None, int | None, str | None, bool]:
    if ledger is None:
        return None, None, None, False
    mine = [
        (place, entry)
        for place, entry in enumerate(ledger.entries)
        if entry["entry"] == "run"
        and ((entry["organisation"], entry["run"]) == owner or entry["attestation"] == digest)
    ]
    if not mine:
        return None, None, None, False
    insist(len(mine) == 1, "two lines")
    [(place, entry)] = mine
    insist((entry["organisation"], entry["run"], entry["attestation"]) == (*owner, digest), "line")
    stamps = [
        (later, e)
        for later, e in enumerate(ledger.entries)
        if e["entry"] == "stamp" and e["attestation"] == digest
    ]
    insist(len(stamps) + (entry["tsr"] is not None) <= 1, "two stamps")
    if stamps:
        insist(stamps[0][0] > place, "stamp before run")
        return place, stamps[0][0], stamps[0][1]["tsr"], True
    return place, None, entry["tsr"], False


def _files(pack: Path, subjects: list[dict[str, Any]]) -> dict[str, bytes]:
    listed = {one["name"]: one for one in subjects}
    insist(list(listed) == sorted(listed) and len(listed) == len(subjects), "names")
    for names in (list(listed), [p.relative_to(pack).as_posix() for p in pack.rglob("*")]):
        folded = {unicodedata.normalize("NFC", name).casefold() for name in names}
        insist(len(folded) == len(names), "twins")
    found: dict[str, bytes] = {}
    insist(not (pack / "evidence").is_symlink(), "link")
    for path in (pack / "evidence").rglob("*"):
        name = path.relative_to(pack).as_posix()
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            insist(any(path.iterdir()), "empty folder")
            continue
        insist(stat.S_ISREG(mode) and name in listed, "extra")
        insist(path.stat().st_size == listed[name]["annotations"]["size"], "size")
        found[name] = path.read_bytes()
        insist(sha(found[name]) == listed[name]["digest"]["sha256"], "digest")
    insist(found.keys() == listed.keys(), "missing")
    return found


def _report(pdf: bytes, public: Any) -> None:
    """One signature over all the bytes but its own, with a certificate by the pack's key."""
    spans = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    insist(len(spans) == 1, "signatures of the PDF")
    start, gap, rest, length = map(int, spans[0])
    insist(start == 0 and rest + length == len(pdf), "the PDF is longer than what is signed")
    insist(re.fullmatch(rb"<[0-9a-fA-F]+>", pdf[gap:rest]), "between the signed parts")
    container = bytes.fromhex(pdf[gap + 1 : rest - 1].decode())
    insist(container[:2] == b"\x30\x82", "no signature")
    container = container[: 4 + int.from_bytes(container[2:4], "big")]  # behind it are zeros
    [certificate] = load_der_pkcs7_certificates(container)
    insist(certificate.public_key() == public, "the PDF is signed by another key")


def _contents(files: dict[str, bytes], said: dict[str, Any]) -> None:
    """Whose the record is, and whether the states fit the order."""
    values = {
        name.removeprefix("evidence/"): strict(data)
        for name, data in files.items()
        if name.endswith(".json")
    }
    run = values["run.json"]
    owner = (said["organisation_bin"], said["run_id"])
    insist((run["organisation_bin"], run["run_id"]) == owner, "another run")
    insist(run["verdict"]["kind"] == said["verdict"], "verdict")
    insist(values["order.json"]["organisation_bin"] == owner[0], "another order")
    redaction = values["redaction.json"]
    insist(redaction["format"] == "sigex-redaction/1" and redaction["residual"] == 0, "residual")
    names = {name.removeprefix("evidence/") for name in files}
    unscanned = names - set(redaction["scanned"]) - {"redaction.json", "approval.p7s"}
    insist(not unscanned, "a file that was not scanned")
    insist(abs(run["session"]["clock"]["offset_from_server_seconds"]) <= SLACK.total_seconds(), "")
    for name, value in values.items():
        if name.startswith("screens/"):
            insist(value["facts"]["run_id"] == owner[1], "another run's picture")
            for one in (value["raw"], value["annotated"]):
                insist(sha(files["evidence/" + one["path"]]) == one["sha256"], "picture")
    order, before = values["order.json"], values["state/before.json"]
    expected = json.loads(json.dumps(before))
    [index] = [
        i
        for i, one in enumerate(before["tlsCertificatesList"])
        if one["description"] == order["information_system"]["description"]
    ]
    for name, wish in order["access"].items():
        ticks = expected[name]["tlsCertificatesIndices"]
        if wish == "granted" and index not in ticks:
            ticks.append(index)
        if wish == "revoked" and index in ticks:
            ticks.remove(index)
    insist(before["businessId"] == f"BIN{owner[0]}", "another's settings")
    insist(expected == values["state/expected.json"], "expected")
    if said["verdict"] == "PASSED":
        after = {**values["state/after.json"], "modifiedAt": before.get("modifiedAt")}
        insist(after == {**expected, "modifiedAt": before.get("modifiedAt")}, "after")


_known: dict[tuple[str, str, str], datetime | None] = {}


def _token(token: Path, data: Path, trust: Path, raw: dict[str, Any]) -> datetime:
    """OpenSSL's answer, asked once for the same bytes."""
    key = (sha(token.read_bytes()), sha(data.read_bytes()), json.dumps(raw["authorities"]))
    if key not in _known:
        _known[key] = None
        _known[key] = _ask(token, data, trust, raw)
    moment = _known[key]
    insist(moment, "token")
    assert moment is not None
    return moment


def _ask(token: Path, data: Path, trust: Path, raw: dict[str, Any]) -> datetime:
    """What OpenSSL says of a token; its chain is judged at the token's own time."""
    shown = _openssl("ts", "-reply", "-in", str(token), "-text")
    stamped = re.search(r"Time stamp: (.+) GMT", shown)
    insist(stamped, "no time")
    assert stamped is not None
    moment = datetime.strptime(stamped[1].split(".")[0].strip(), "%b %d %H:%M:%S %Y")
    moment = moment.replace(tzinfo=UTC)
    pinned = trust.with_name("authorities.pem")
    pinned.write_text("".join(one["certificates"] for one in raw["authorities"]))
    _openssl(
        *("ts", "-verify", "-in", str(token), "-data", str(data), "-CAfile", str(pinned)),
        *("-attime", str(int(moment.timestamp()))),
    )
    return moment


def _openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, check=False)
    insist(done.returncode == 0, "openssl")
    return done.stdout.decode("utf-8", "replace")
