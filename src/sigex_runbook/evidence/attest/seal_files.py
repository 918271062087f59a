"""The files of a seal, which lie beside what they seal."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.layout import EVIDENCE

from .findings import Code, Finding, Telling
from .statement import ATTESTATION

TOKEN = "attestation.tsr"  # noqa: S105 - a file's name
SET_ASIDE = "aside.dsse.json"
"""The signed list of what a run left that was set aside, in its draft: no attestation of a pack."""

CAMPAIGN = "campaign.dsse.json"
CAMPAIGN_TOKEN = "campaign.tsr"  # noqa: S105 - a file's name


def strangers(pack: Path, system: Collection[str]) -> Telling[None]:
    """Whatever lies in a pack beside its evidence and its seal, but the `system`'s own files."""
    for child in sorted(pack.iterdir()):
        if child.name not in (EVIDENCE, ATTESTATION, TOKEN, *system):
            code = Code.PATH if child.is_symlink() else Code.EXTRA
            yield Finding(code, child.name, "этому в пакете не место")


def seal_file(folder: Path, name: str, *, largest: int | None = None) -> Telling[bytes | None]:
    """The bytes of a file that is there and no link; a larger one, in bytes, is not read."""
    path = folder / name
    if path.is_symlink() or (path.exists() and not path.is_file()):
        yield Finding(Code.PATH, name, "вместо файла — ссылка, папка или устройство")
        return None
    if not path.exists():
        return None
    if largest is not None and path.stat().st_size > largest:
        yield Finding(Code.ENVELOPE, name, "файл неправдоподобно велик")
        return None
    return path.read_bytes()


def holds(path: Path, digest: str) -> bool:
    """Whether there is a file with that SHA-256."""
    return path.is_file() and sha256_hex(path.read_bytes()) == digest
