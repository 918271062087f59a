"""The pictures of a draft: raw, annotated, described, and with nothing that must be covered."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.core.errors import ControlNotFound, RunFailed
from sigex_runbook.core.record import Box
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.captures import (
    store_capture,
    store_failure,
    stored_captures,
    stored_failure,
)
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.pictures.pixels import BLUE
from tests.sigex_runbook.evidence.material import ORGANISATION, facts, failure, page_png, pixels

RUN = "20261123T230102Z-7f3a"


@pytest.fixture
def draft(tmp_path: Path) -> PackDraft:
    return PackDraft.create(tmp_path, "2026-весна", ORGANISATION, RUN)


def test_a_capture_is_stored_raw_annotated_and_described(draft: PackDraft) -> None:
    capture = store_capture(draft, page_png(), facts())
    record = draft.read_json("screens/006.json")
    assert draft.read_bytes("screens/006-raw.png") == page_png()
    assert record["raw"]["sha256"] == sha256_hex(page_png()) == record["annotated"]["parent"]
    assert record["annotated"]["sha256"] == sha256_hex(capture.annotated_png)
    assert draft.read_bytes("screens/006-annotated.png") == capture.annotated_png
    assert stored_captures(draft, 4) == [capture]
    assert stored_captures(draft, 5) == []


def test_masked_places_are_covered_before_anything_is_stored(draft: PackDraft) -> None:
    store_capture(draft, page_png(), facts(masks=(Box(10, 90, 200, 30),)))
    stored = pixels(draft.read_bytes("screens/006-raw.png")).crop((10, 90, 210, 120))
    colours = stored.getcolors()
    assert colours is not None
    assert len(colours) == 1
    assert stored_captures(draft, 4)[0].facts.masks == (Box(10, 90, 200, 30),)


def test_a_mask_that_misses_stores_nothing(draft: PackDraft) -> None:
    with pytest.raises(RunFailed, match="личные данные"):
        store_capture(draft, page_png(), facts(masks=(Box(10, 390, 200, 30),)))
    assert list(draft.evidence.iterdir()) == []


def test_a_callout_that_cannot_be_drawn_leaves_its_raw_picture(draft: PackDraft) -> None:
    with pytest.raises(ControlNotFound):
        store_capture(draft, page_png(), facts(box=Box(0, 0, 0, 0)))
    assert draft.read_json("screens/006.json")["annotated"] is None
    assert draft.exists("screens/006-raw.png")
    assert stored_captures(draft, 4) == []


def test_a_failures_picture_is_stored_raw_annotated_and_described(draft: PackDraft) -> None:
    store_failure(draft, page_png(), failure())
    record = draft.read_json("screens/failure.json")
    assert draft.read_bytes("screens/failure-raw.png") == page_png()
    assert record["raw"]["sha256"] == sha256_hex(page_png()) == record["annotated"]["parent"]
    found = stored_failure(draft)
    assert found is not None
    assert found[0] == failure()
    assert record["annotated"]["sha256"] == sha256_hex(found[1])
    assert stored_captures(draft, 4) == []  # it shows no callout


def test_a_failure_without_drift_has_its_frame(draft: PackDraft) -> None:
    store_failure(draft, page_png(), failure(drift=None, callout=None))
    found = stored_failure(draft)
    assert found is not None
    assert found[0].drift is None
    assert BLUE not in {colour for _, colour in pixels(found[1]).getcolors(256) or []}


def test_a_failures_masks_cover_before_anything_is_stored(draft: PackDraft) -> None:
    store_failure(draft, page_png(), failure(masks=(Box(10, 90, 200, 30),)))
    stored = pixels(draft.read_bytes("screens/failure-raw.png")).crop((10, 90, 210, 120))
    assert len(stored.getcolors() or []) == 1
