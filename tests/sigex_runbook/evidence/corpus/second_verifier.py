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
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from cryptography.x509 import (
    BasicConstraints,
    Certificate,
    ExtensionNotFound,
    load_pem_x509_certificates,
)

from .second_reading import disagreements
from .second_story import STATES, spelled_out

VERIFIED, FAILED, INTEGRITY_ONLY = "VERIFIED", "FAILED", "INTEGRITY_ONLY"
SLACK = timedelta(minutes=10)
CENTURY = 100 * 365 * 86_400
JUPYTER = ".ipynb_checkpoints"


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
        insist(entry["entry"] in ("run", "aside", "stamp", "campaign"), "ledger entry")
        insist((entry["seq"], entry["prev"]) == (number, previous), "ledger chain")
        previous = sha(line)
        entries.append(entry)
        digests.append(previous)
    return Ledger(entries, digests)


def verify(pack: Path, trust: Path, *, head: str | None = None, at: datetime | None = None) -> str:
    """The status of a pack that lies in its campaign."""
    try:
        return _verify(pack, json.loads(trust.read_text()), trust, head, at or datetime.now(UTC))
    except (Wrong, OSError, LookupError, TypeError, AttributeError, ValueError, OverflowError):
        return FAILED


def _verify(pack: Path, trust: dict[str, Any], path: Path, head: str | None, at: datetime) -> str:
    insist(
        {child.name for child in pack.iterdir() if not _the_systems(child)}
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
    _signed(public, signature, b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload))
    statement = strict(payload)
    insist(statement["_type"] == "https://in-toto.io/Statement/v1", "type")
    insist(statement["predicateType"] == "urn:sigex-runbook:pack:1", "predicate type")
    said = statement["predicate"]
    files = _files(pack, statement["subject"])
    _contents(files, said)
    told = {name.removeprefix("evidence/"): data for name, data in files.items()}
    against = disagreements(told, said)
    insist(not against, "; ".join(against))
    _report(files.get("evidence/report.pdf"), public)
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
    sealed, error = instant(said["sealed_at"]), ahead(files)
    insist(sealed - at - max(error, timedelta(0)) <= SLACK, "future")
    if moment is not None:
        apart = {moment - sealed, moment - sealed + error}
        insist(any(one >= -SLACK and (late or one <= SLACK) for one in apart), "skew")
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
    there = [p for p in pack.rglob("*") if not _the_systems(p) or _name(pack, p) in listed]
    for names in (list(listed), [_name(pack, path) for path in there]):
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
        if _the_systems(path) and name not in listed:
            folders = {"evidence", *(one.rpartition("/")[0] for one in listed)}
            here = path.parent.parent if path.parent.name == JUPYTER else path.parent
            insist(_name(pack, here) in folders, "a folder that nobody sealed")
            continue
        insist(stat.S_ISREG(mode) and name in listed, "extra")
        insist(path.stat().st_size == listed[name]["annotations"]["size"], "size")
        found[name] = path.read_bytes()
        insist(sha(found[name]) == listed[name]["digest"]["sha256"], "digest")
    insist(found.keys() == listed.keys(), "missing")
    return found


def _name(pack: Path, path: Path) -> str:
    return path.relative_to(pack).as_posix()


def _the_systems(path: Path) -> bool:
    """What Finder, Explorer and JupyterLab leave wherever they look."""
    called = path.name.lower()
    if path.parent.name == JUPYTER:
        copied = re.fullmatch(r".+-checkpoint(\.[0-9A-Za-z_]+)?", path.name)
        return stat.S_ISREG(path.lstat().st_mode) and copied is not None
    known = path.name.isascii() and called in {".ds_store", "thumbs.db", "desktop.ini"}
    return stat.S_ISREG(path.lstat().st_mode) and (
        known or (called.startswith("._") and called != "._")
    )


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
    clock = run["session"].get("clock", {})
    offset = clock.get("offset_from_server_seconds") or 0
    insist(ahead(files) or abs(offset) <= SLACK.total_seconds(), "clock")
    for name, value in values.items():
        if name.startswith("screens/"):
            insist(value["facts"]["run_id"] == owner[1], "another run's picture")
            for one in filter(None, (value["raw"], value["annotated"])):
                insist(sha(files["evidence/" + one["path"]]) == one["sha256"], "picture")
    if said["verdict"] == "FAILED" and "state/expected.json" not in values:
        return  # it ended before there was a plan
    values |= {name: spelled_out(values[name]) for name in STATES if name in values}
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
        after = values["state/after.json"]
        insist(_meant(after) == _meant(expected), "after")


def ahead(files: dict[str, bytes]) -> timedelta:
    """The error of the clock of a run that saved nothing, as it says itself."""
    run = json.loads(files["evidence/run.json"])
    if run["verdict"]["kind"] != "FAILED" or run["saved"] != "no":
        return timedelta(0)
    told = run["session"].get("clock", {}).get("offset_from_server_seconds") or 0
    return timedelta(seconds=told if abs(told) <= CENTURY else 0)


def _meant(settings: dict[str, Any]) -> dict[str, Any]:
    """Without the moment of saving, each tick once."""
    return {
        name: {**value, "tlsCertificatesIndices": sorted(set(value["tlsCertificatesIndices"]))}
        if isinstance(value, dict) and "tlsCertificatesIndices" in value
        else value
        for name, value in settings.items()
        if name != "modifiedAt"
    }


def _report(pdf: bytes | None, public: Any) -> None:
    """The PDF's one signature covers all of it and was made by the key of the attestation."""
    if pdf is None:
        return
    ranges = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)
    insist(len(ranges) == 1, "one signature")
    start, length, again, rest = (int(number) for number in ranges[0])
    insist(start == 0 and again + rest == len(pdf), "not all of the file")
    insist(pdf[length : length + 1] + pdf[again - 1 : again] == b"<>", "a gap beside the signature")
    cms = bytes.fromhex(pdf[length + 1 : again - 1].decode("ascii"))
    [(_, content, _)] = _parts(cms)[:1]  # zeros fill the place that was kept for it
    signed_data = _parts(_parts(_parts(content)[1][1])[0][1])
    [(_, signer, _)] = _parts(signed_data[-1][1])
    [attributes] = [whole for tag, _, whole in _parts(signer) if tag == _ATTRIBUTES]
    [signature] = [inner for tag, inner, _ in _parts(signer) if tag == _OCTETS]
    [digest] = [
        _parts(_parts(one)[1][1])[0][1]
        for _, one, _ in _parts(_parts(attributes)[0][1])
        if _parts(one)[0][1] == _MESSAGE_DIGEST
    ]
    made = hashlib.sha512 if isinstance(public, Ed25519PublicKey) else hashlib.sha256
    insist(made(pdf[:length] + pdf[again:]).digest() == digest, "the PDF is another")
    _signed(public, signature, b"\x31" + attributes[1:])


def _signed(public: Any, signature: bytes, data: bytes) -> None:
    try:
        if isinstance(public, Ed25519PublicKey):
            public.verify(signature, data)
        else:
            public.verify(signature, data, ECDSA(SHA256()))
    except InvalidSignature as error:
        raise Wrong("signature") from error


_OCTETS, _ATTRIBUTES = 0x04, 0xA0
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")  # 1.2.840.113549.1.9.4


def _parts(der: bytes) -> list[tuple[int, bytes, bytes]]:
    """What follows each other in DER: the tag, what is inside, and both with the length."""
    parts, at = [], 0
    while at + 1 < len(der) and der[at]:
        size, begin = der[at + 1], at + 2
        if size & 0x80:
            begin += size & 0x7F
            size = int.from_bytes(der[at + 2 : begin], "big")
        insist(begin + size <= len(der), "length")
        parts.append((der[at], der[begin : begin + size], der[at : begin + size]))
        at = begin + size
    return parts


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
    for authority in raw["authorities"]:
        with suppress(Wrong):
            _vouched(token, data, trust.with_name("authorities.pem"), authority, moment)
            return moment
    raise Wrong("no authority")


def _vouched(
    token: Path, data: Path, pinned: Path, authority: dict[str, Any], moment: datetime
) -> None:
    """By a pinned certificate, or by one that leads to it; where a server's own is pinned, by that
    server's own."""
    pinned.write_text(authority["certificates"])
    _openssl(
        *("ts", "-verify", "-in", str(token), "-data", str(data), "-CAfile", str(pinned)),
        *("-untrusted", str(pinned), "-partial_chain", "-attime", str(int(moment.timestamp()))),
    )
    own = [one for one in load_pem_x509_certificates(pinned.read_bytes()) if not _issues(one)]
    if own:
        cms, signer = pinned.with_name("token.p7s"), pinned.with_name("signer.pem")
        _openssl("ts", "-reply", "-in", str(token), "-token_out", "-out", str(cms))
        _openssl(
            *("cms", "-verify", "-inform", "DER", "-in", str(cms), "-certfile", str(pinned)),
            *("-noverify", "-signer", str(signer), "-out", str(pinned.with_name("told"))),
        )
        insist(load_pem_x509_certificates(signer.read_bytes())[0] in own, "another server")


def _issues(certificate: Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(BasicConstraints).value.ca)
    except ExtensionNotFound:
        return certificate.issuer == certificate.subject


def _openssl(*arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], capture_output=True, check=False)
    insist(done.returncode == 0, "openssl")
    return done.stdout.decode("utf-8", "replace")
