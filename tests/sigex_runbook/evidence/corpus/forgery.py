"""Ways of spoiling a campaign, including those of the signing key's owner."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import asn1crypto.tsp
from securesystemslib.signer import CryptoSigner

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.attest.envelope import enclose, read_envelope
from sigex_runbook.evidence.attest.keyring import SealingKey
from sigex_runbook.evidence.attest.ledger import (
    BEGINNING,
    LEDGER,
    EntryKind,
    LedgerEntry,
    read_ledger,
)
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN, CAMPAIGN_TOKEN, TOKEN
from sigex_runbook.evidence.attest.statement import (
    ATTESTATION,
    CampaignStatement,
    Member,
    PackStatement,
)
from sigex_runbook.evidence.pack.canonical import canonical_json, sha256_hex
from sigex_runbook.evidence.pack.files import gather
from sigex_runbook.evidence.pack.layout import EVIDENCE, REPORT_HTML, REPORT_ORIGIN
from sigex_runbook.evidence.report import Dossier, render_report
from sigex_runbook.evidence.report.origin import Origin
from tests.sigex_runbook.evidence.sealed import SIGNER, Place

from .second_verifier import verify as second_opinion

Edit = Callable[[Path], object]


def trust_file(place: Place) -> Path:
    path = place.outputs.parent / "trust.json"
    path.write_text(place.trust.to_text(), encoding="utf-8")
    return path


def second_status(place: Place, pack: Path, **asked: Any) -> str:
    return second_opinion(pack, trust_file(place), **asked)


def edit_json(path: Path, change: Callable[[Any], object]) -> None:
    value = json.loads(path.read_bytes())
    change(value)
    path.write_bytes(canonical_json(value))


def reseal(
    place: Place,
    pack: Path,
    edit: Edit = lambda _: None,
    *,
    signer: CryptoSigner | None = None,
    sealed_at: datetime | None = None,
    post: Callable[[str, bytes], bytes] | None = None,
    stamped: bool = True,
    reported: bool = True,
    change: Callable[[PackStatement], PackStatement] = lambda s: s,
) -> str:
    """What somebody with a signing key can do: change evidence, make the report of it anew with the
    same program unless told not to, sign anew, rewrite the ledger.

    Gives the new head.
    """
    old = (pack / ATTESTATION).read_bytes()
    statement = PackStatement.read(read_envelope(old).payload)
    edit(pack)
    if reported:
        report_anew(pack, (signer or place.signer).public_key.keyid)
    statement = change(
        replace(statement, subjects=gather(pack), sealed_at=sealed_at or statement.sealed_at)
    )
    new = enclose(statement.to_bytes(), signer or place.signer)
    (pack / ATTESTATION).write_bytes(new)
    (pack / TOKEN).unlink(missing_ok=True)
    token = token_over(place, new, post) if stamped else None
    if token is not None:
        (pack / TOKEN).write_bytes(token)
    digest, tsr = sha256_hex(new), None if token is None else sha256_hex(token)
    return rewrite_ledger(
        pack.parent.parent,
        lambda entries: [
            replace(e, attestation=digest, tsr=tsr) if e.attestation == sha256_hex(old) else e
            for e in entries
        ],
    )


def report_anew(pack: Path, keyid: str) -> None:
    """The report of the files as they are now, when there is one and one can be made."""
    origin, page = pack / EVIDENCE / REPORT_ORIGIN, pack / EVIDENCE / REPORT_HTML
    unmade = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
    with suppress(*unmade, OSError, RunFailed):
        made = Origin.read(json.loads(origin.read_bytes()))
        html = render_report(Dossier.read(pack), made.binding(keyid), made.language)
        if page.exists():
            page.write_text(html, encoding="utf-8", newline="")


def listing_sha256(evidence: Path) -> str:
    """The digest of the list of files that the report names, made as `docs/auditor.md` says."""
    files = {p.relative_to(evidence).as_posix(): p for p in evidence.rglob("*") if p.is_file()}
    lines = [
        f"{sha256_hex(path.read_bytes())}  {name}\n"
        for name, path in sorted(files.items())
        if not name.startswith("report.") and name != "redaction.json"
    ]
    return sha256_hex("".join(lines).encode())


def token_over(
    place: Place, data: bytes, post: Callable[[str, bytes], bytes] | None = None
) -> bytes:
    """A token whatever its time says."""
    asn1: Any = asn1crypto  # without types
    request = asn1.tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": "sha256"},
                "hashed_message": hashlib.sha256(data).digest(),
            },
        }
    )
    assert place.authority is not None
    return (post or place.authority.post)("", request.dump())


def rewrite_ledger(campaign: Path, change: Callable[[list[LedgerEntry]], list[LedgerEntry]]) -> str:
    """The whole chain anew, without a gap. Gives its head."""
    ledger = read_ledger(campaign)
    assert ledger is not None
    previous, lines = BEGINNING, []
    for number, entry in enumerate(change(list(ledger.entries)), 1):
        line = replace(entry, seq=number, prev=previous).to_bytes()
        previous = sha256_hex(line)
        lines.append(line + b"\n")
    (campaign / LEDGER).write_bytes(b"".join(lines))
    return previous


def forge_list(
    campaign: Path,
    change: Callable[[CampaignStatement], CampaignStatement] = lambda s: s,
    *,
    rewrite: Callable[[bytes], bytes] = lambda payload: payload,
    signer: SealingKey = SIGNER,
) -> str:
    """A campaign's list of the key's owner's liking, the ledger rewritten to fit. The new head."""
    path = campaign / CAMPAIGN
    old = read_envelope(path.read_bytes()).payload
    new = rewrite(change(CampaignStatement.read(old)).to_bytes())
    path.write_bytes(enclose(new, signer))
    digest = sha256_hex(path.read_bytes())
    return rewrite_ledger(
        campaign,
        lambda entries: [
            *(e for e in entries if e.entry is not EntryKind.CAMPAIGN),
            replace(
                next(e for e in entries if e.entry is EntryKind.CAMPAIGN),
                attestation=digest,
                tsr=None,
            ),
        ],
    )


def close_again(place: Place, *others: Member) -> str:
    """The list made anew, as if this were the first one. The new head."""
    for name in (CAMPAIGN, CAMPAIGN_TOKEN):
        (place.campaign / name).unlink(missing_ok=True)
    rewrite_ledger(
        place.campaign, lambda entries: [e for e in entries if e.entry is not EntryKind.CAMPAIGN]
    )
    return place.close(*others)


def ledger_lines(campaign: Path) -> list[bytes]:
    return (campaign / LEDGER).read_bytes().splitlines(keepends=True)


def write_lines(campaign: Path, lines: list[bytes]) -> None:
    (campaign / LEDGER).write_bytes(b"".join(lines))


def reshape(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """An envelope written by somebody who need not be canonical."""
    path.write_bytes(json.dumps(change(json.loads(path.read_bytes()))).encode())


def swap(pack: Path) -> None:
    before, after = pack / "evidence/state/before.json", pack / "evidence/state/after.json"
    one, two = before.read_bytes(), after.read_bytes()
    before.write_bytes(two)
    after.write_bytes(one)
