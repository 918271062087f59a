"""The executed notebook: it is this run's, and shows this run's pictures and verdict."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any

from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.layout import NOTEBOOK, NOTEBOOK_OWNER
from sigex_runbook.evidence.pack.read import Record

from .faults import Fault

_PNG = "image/png"
_VERDICT = re.compile(rf"\(({'|'.join(VerdictKind)})\)")


def owned(record: Record) -> Iterator[Fault]:
    """It names the run, and every picture in it is one of the pack's."""
    notebook = record.notebook
    if notebook is None:
        return
    owner = {name: record.run[name] for name in ("run_id", "organisation_bin")}
    if notebook["metadata"].get(NOTEBOOK_OWNER) != owner:
        yield NOTEBOOK, "блокнот другого запуска или не сказано, какого"
    if _shown(notebook) - _drawn(record):
        yield NOTEBOOK, "в блокноте есть снимок не из этого пакета"


def concluded(record: Record) -> Iterator[Fault]:
    """That of a success shows all that was drawn, whose run it was, and the verdict."""
    notebook = record.notebook
    if notebook is None:
        return
    if _drawn(record) - _shown(notebook):
        yield NOTEBOOK, "не все снимки с выносками есть в блокноте"
    said = "\n".join(_texts(notebook))
    if record.run["run_id"] not in said or record.run["organisation_bin"] not in said:
        yield NOTEBOOK, "в блокноте не показан заказ этого запуска"
    if set(_VERDICT.findall(said)) != {record.run["verdict"]["kind"]}:
        yield NOTEBOOK, "вердикт в блокноте не тот, что в run.json"


def _outputs(notebook: Any) -> Iterator[dict[str, Any]]:
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            yield output.get("data", {})


def _shown(notebook: Any) -> set[str]:
    """The digests of the pictures in it."""
    return {
        sha256_hex(base64.b64decode("".join(data[_PNG])))
        for data in _outputs(notebook)
        if _PNG in data
    }


def _texts(notebook: Any) -> Iterator[str]:
    for data in _outputs(notebook):
        yield "".join(data.get("text/plain", ""))


def _drawn(record: Record) -> set[str]:
    """The digests of the pack's annotated pictures."""
    return {
        sha256_hex(data) for name, data in record.files.items() if name.endswith("-annotated.png")
    }
