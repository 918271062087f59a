"""How long 500 packs of a real run's size take to verify. By hand:

python -m tests.sigex_runbook.evidence.corpus.measure [PACKS [PACK]]

One pack is a real run's, performed for this or given. The others are made of it: another
organisation's BIN in every text, other bytes in every picture and wherever these are embedded, a
PDF certified anew; each is sealed and time-stamped the way that runs are. To verify one of them is
the same work as to verify the run's.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.layout import REDACTION, REPORT_HTML, REPORT_ORIGIN, REPORT_PDF
from sigex_runbook.evidence.privacy.leak import DecodingScanner
from sigex_runbook.evidence.sealing.sealing import seal_pack
from sigex_runbook.evidence.sealing.signed_pdf import certify
from sigex_runbook.evidence.verify.campaign import verify_campaign
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.sealed import Place, bin_of, published

_END_CHUNK_BYTES = 12
_END_OF_PDF = b"%%EOF\n"

Files = dict[str, bytes]


def main(packs: int, pack: Path | None) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        original = pack or _run(folder)
        place = Place(folder / "measured", TestAuthority.make(folder))
        with patch.object(os, "fsync", lambda _: None):
            for number in range(packs):
                seal_another(original, place, bin_of(number))
            head = place.close()
        files = [path for path in place.campaign.rglob("*") if path.is_file()]
        size = sum(path.stat().st_size for path in files)
        each = f"{len(files) / packs:.0f} files, {size / packs / 1e6:.1f} MB each"
        print(f"{packs} packs, {each}")  # noqa: T201
        for processes in (1, os.cpu_count() or 1):
            started, used = time.perf_counter(), _processor_seconds()
            found = verify_campaign(place.campaign, place.question(head=head), processes=processes)
            seconds, used = time.perf_counter() - started, _processor_seconds() - used
            print(  # noqa: T201
                f"{processes} processes: {seconds:.1f} s, of the processor {used:.1f} s "
                f"= {used / packs:.3f} s a pack; {found.status}"
            )


def seal_another(original: Path, place: Place, organisation: str) -> None:
    """Seal a pack like the original for another organisation."""
    files = _files(original)
    changes = {original.parent.name.encode(): organisation.encode()}
    for name, data in files.items():
        if name.endswith(".png"):
            files[name] = other = _other_picture(data, organisation)
            changes[sha256_hex(data).encode()] = sha256_hex(other).encode()
            changes[base64.b64encode(data)] = base64.b64encode(other)
    for name, data in files.items():
        if not name.endswith((".png", ".pdf")):
            for one, another in changes.items():
                data = data.replace(one, another)  # noqa: PLW2901
            files[name] = data
    end = files[REPORT_PDF].index(_END_OF_PDF) + len(_END_OF_PDF)
    assert place.authority is not None
    files[REPORT_PDF] = certify(
        files[REPORT_PDF][:end],
        place.signer,
        authority=place.authority.pinned,
        post=place.authority.post,
    )
    draft = place.draft(organisation, original.name)
    for name, data in files.items():
        draft.write_bytes(name, data)
    for one in json.loads((original / "evidence" / REDACTION).read_bytes())["removed"]:
        draft.count_removed(one["file"], {one["rule"]: one["count"]})
    verdict = json.loads(files["run.json"])["verdict"]["kind"]
    sealer = replace(place.sealer, scanner=DecodingScanner(), report=published)
    seal_pack(draft, sealer, verdict=verdict)


def _files(pack: Path) -> Files:
    """The evidence but for what sealing writes anew: the record of its redaction, the report."""
    evidence = pack / "evidence"
    paths = (path for path in sorted(evidence.rglob("*")) if path.is_file())
    files = {path.relative_to(evidence).as_posix(): path.read_bytes() for path in paths}
    for name in (REDACTION, REPORT_HTML, REPORT_ORIGIN):
        del files[name]
    return files


def _other_picture(png: bytes, text: str) -> bytes:
    """The same picture with a text that is not seen."""
    body = b"tEXtOrganisation\0" + text.encode()
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return png[:-_END_CHUNK_BYTES] + chunk + png[-_END_CHUNK_BYTES:]


def _run(folder: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "sigex_runbook.cli.main",
        "run",
        "--outputs",
        str(folder / "run"),
    ]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    [pack] = (folder / "run").glob("*/*/*/attestation.dsse.json")
    return pack.parent


def _processor_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 500, Path(given[1]) if len(given) > 1 else None)
