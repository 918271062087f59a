"""The pictures of a draft. Each is stored three times: raw, annotated, and its facts as JSON with
the digests of both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL.Image import Image

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import Guide, load_guide
from sigex_runbook.core.record import CaptureFacts, FailureFacts, PageFacts
from sigex_runbook.evidence.pictures.annotation import annotate, mask
from sigex_runbook.evidence.pictures.failure import annotate_failure
from sigex_runbook.evidence.pictures.pixels import to_png

from .canonical import plain, sha256_hex
from .draft import PackDraft
from .layout import CAPTURE_FORMAT, FAILURE, FAILURE_FORMAT, SCREENS
from .records import capture_facts, failure_facts


@dataclass(frozen=True, slots=True)
class Capture:
    """One picture as it was stored: its facts, the annotated PNG, the digest of the raw one."""

    facts: CaptureFacts
    annotated_png: bytes
    raw_sha256: str


def store_capture(
    draft: PackDraft, raw_png: bytes, facts: CaptureFacts, guide: Guide | None = None
) -> Capture:
    """Store the picture of one callout.

    The places in `facts.masks` are covered here, whoever else covered them before. When the callout
    cannot be drawn, the raw picture and its facts are stored before ControlNotFound rises.
    """
    stem = f"{SCREENS}/{facts.number:03d}"
    facts = capture_facts(draft.redacted(f"{stem}.json", plain(facts)))
    raw, picture = mask(raw_png, facts.masks)
    annotated = _store(
        draft,
        stem,
        CAPTURE_FORMAT,
        facts,
        raw,
        lambda: annotate(picture, facts, guide or load_guide()),
    )
    return Capture(facts, annotated, sha256_hex(raw))


def store_failure(
    draft: PackDraft, raw_png: bytes, facts: FailureFacts, guide: Guide | None = None
) -> None:
    """Store the picture of what stopped the run."""
    facts = failure_facts(draft.redacted(f"{FAILURE}.json", plain(facts)))
    raw, picture = mask(raw_png, facts.masks)
    _store(
        draft,
        FAILURE,
        FAILURE_FORMAT,
        facts,
        raw,
        lambda: annotate_failure(picture, facts, guide or load_guide()),
    )


def _store(
    draft: PackDraft,
    stem: str,
    form: str,
    facts: PageFacts,
    raw: bytes,
    draw: Callable[[], Image],
) -> bytes:
    """The three files of a picture. What `draw` raises rises once the other two are stored."""
    draft.write_bytes(f"{stem}-raw.png", raw)
    record: dict[str, Any] = {
        "format": form,
        "facts": facts,
        "raw": {"path": f"{stem}-raw.png", "sha256": sha256_hex(raw)},
        "annotated": None,
    }
    try:
        annotated = to_png(draw())
    except RunFailed:
        draft.write_json(f"{stem}.json", record)
        raise
    draft.write_bytes(f"{stem}-annotated.png", annotated)
    record["annotated"] = {
        "path": f"{stem}-annotated.png",
        "sha256": sha256_hex(annotated),
        "parent": sha256_hex(raw),
    }
    draft.write_json(f"{stem}.json", record)
    return annotated


def stored_captures(draft: PackDraft, section: int) -> list[Capture]:
    """The pictures of a section that carry their callout, by number."""
    captures = []
    for path in sorted((draft.evidence / SCREENS).glob("[0-9]*.json")):
        record = draft.read_json(f"{SCREENS}/{path.name}")
        if record["annotated"] is not None and record["facts"]["section"] == section:
            png = draft.read_bytes(record["annotated"]["path"])
            captures.append(Capture(capture_facts(record["facts"]), png, record["raw"]["sha256"]))
    return captures


def stored_failure(draft: PackDraft) -> tuple[FailureFacts, bytes] | None:
    """The annotated picture of what stopped the run, if there is one."""
    if not draft.exists(f"{FAILURE}.json"):
        return None
    record = draft.read_json(f"{FAILURE}.json")
    if record["annotated"] is None:
        return None
    return failure_facts(record["facts"]), draft.read_bytes(record["annotated"]["path"])
