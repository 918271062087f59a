"""A sealed pack as a Process Run RO-Crate: an export for other tools, made from the pack.

`ro-crate-metadata.json` is derived from the attestation and `run.json` alone, so the same pack
gives the same bytes. The pack's files are copied beside it as they are; what proves them is still
the attestation, which is among them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.attest.seal_files import TOKEN
from sigex_runbook.evidence.attest.statement import ATTESTATION, PackStatement, instant_text
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.layout import (
    AFTER,
    AUDIT,
    BEFORE,
    DIFFERENCE,
    EVIDENCE,
    ORDER,
    REPORT_HTML,
    RUN,
)
from sigex_runbook.evidence.pack.read import json_of

METADATA = "ro-crate-metadata.json"
_CRATE = "https://w3id.org/ro/crate/1.1"
_PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
_KINDS = {
    ".feature": "text/plain",
    ".yaml": "application/yaml",
    ".html": "text/html",
    ".ipynb": "application/x-ipynb+json",
    ".json": "application/json",
    ".ndjson": "application/x-ndjson",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".tsr": "application/timestamp-reply",
    ".xml": "application/xml",
}
_COMPLETED, _FAILED = "CompletedActionStatus", "FailedActionStatus"


def export_crate(pack: Path, statement: PackStatement, folder: Path) -> None:
    """Write the crate into a new folder. Raises UsageError when it cannot be made there."""
    if folder.resolve() == pack.resolve() or pack.resolve() in folder.resolve().parents:
        raise UsageError(f"{folder} лежит внутри заверенного пакета. Укажите другое место: --out.")
    run = json_of(pack, RUN)
    seals = {n: (pack / n).read_bytes() for n in (ATTESTATION, TOKEN) if (pack / n).is_file()}
    try:
        folder.mkdir(parents=True)
        for name, data in seals.items():
            (folder / name).write_bytes(data)
        for subject in statement.subjects:
            (folder / subject.name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(pack / subject.name, folder / subject.name)
        (folder / METADATA).write_bytes(describe(statement, run, seals))
    except FileExistsError:
        raise UsageError(f"{folder} уже есть. Укажите новую папку: --out.") from None
    except OSError as error:
        raise UsageError(f"В {folder} не записать ({why(error)}). Укажите другое место.") from error


def describe(statement: PackStatement, run: Mapping[str, Any], seals: Mapping[str, bytes]) -> bytes:
    """The metadata: the run as an action, the program as its instrument, every file with digest."""
    files = [_file(name, len(data), sha256_hex(data)) for name, data in sorted(seals.items())]
    files += [_file(one.name, one.size, one.sha256) for one in statement.subjects]
    status = _FAILED if statement.verdict == "FAILED" else _COMPLETED
    ended = instant_text(statement.sealed_at)
    organisation = f"urn:sigex-runbook:bin:{statement.organisation_bin}"
    program = f"urn:sigex-runbook:program:{run.get('program', {}).get('version', '0')}"
    graph: list[dict[str, Any]] = [
        {
            "@id": METADATA,
            "@type": "CreativeWork",
            "about": {"@id": "./"},
            "conformsTo": {"@id": _CRATE},
        },
        {
            "@id": "./",
            "@type": "Dataset",
            "conformsTo": {"@id": _PROFILE},
            "datePublished": ended,
            "description": "Доказательства одного запуска: файлы пакета и его заверение. Экспорт "
            "ничего не доказывает сам; проверяется attestation.dsse.json.",
            "hasPart": [{"@id": file["@id"]} for file in files],
            "license": {"@id": "#license"},
            "mentions": {"@id": "#run"},
            "name": f"Запуск {statement.run_id}, организация {statement.organisation_bin}",
        },
        {
            "@id": _PROFILE,
            "@type": "CreativeWork",
            "name": "Process Run Crate",
            "version": "0.5",
        },
        {
            "@id": "#license",
            "@type": "CreativeWork",
            "description": "Все права у организации, о которой эти сведения.",
            "name": "Права на эти сведения",
        },
        {
            "@id": "#run",
            "@type": "UpdateAction",
            "actionStatus": f"http://schema.org/{status}",
            "agent": {"@id": organisation},
            "description": f"Вердикт: {statement.verdict}",
            "endTime": run.get("finished_at") or ended,
            "instrument": {"@id": program},
            "name": f"Настройка доступа, запуск {statement.run_id}",
            "object": _among(files, ORDER, BEFORE),
            "result": _among(files, AFTER, DIFFERENCE, AUDIT, REPORT_HTML),
        },
        {
            "@id": program,
            "@type": "SoftwareApplication",
            "name": "sigex-runbook",
            "softwareVersion": str(run.get("program", {}).get("version", "0")),
            "url": "urn:sigex-runbook",
        },
        {
            "@id": organisation,
            "@type": "Organization",
            "identifier": statement.organisation_bin,
            "name": f"БИН {statement.organisation_bin}",
        },
        *files,
    ]
    value = {"@context": f"{_CRATE}/context", "@graph": graph}
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    return f"{text}\n".encode()


def _file(name: str, size: int, digest: str) -> dict[str, Any]:
    kind = _KINDS.get(Path(name).suffix, "application/octet-stream")
    return {
        "@id": quote(name),
        "@type": "File",
        "contentSize": str(size),
        "encodingFormat": kind,
        "name": name,
        "sha256": digest,
    }


def _among(files: list[dict[str, Any]], *wanted: str) -> list[dict[str, str]]:
    names = {f"{EVIDENCE}/{name}" for name in wanted}
    return [{"@id": file["@id"]} for file in files if file["name"] in names]
