"""What honest carriers do to a pack on its way: told as what it is, and still a change."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.evidence.verify.campaign import verify_campaign
from tests.sigex_runbook.evidence.sealed import RUN, A, Place, codes


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path / "outputs")
    place.seal(picture=False, files={"features/пусто.feature": b""})
    place.close()
    return place


def checked_out_in_windows(folder: Path) -> set[str]:
    """What `git` with core.autocrlf does to text; the names of what it changed."""
    changed = set()
    for path in folder.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        if b"\n" in data and b"\0" not in data:
            path.write_bytes(data.replace(b"\n", b"\r\n"))
            changed.add(path.name)
    return changed


def test_other_line_ends_are_named_as_the_cause(place: Place) -> None:
    changed = checked_out_in_windows(place.campaign)
    assert {"ledger.jsonl", "steps.ndjson", "раздел 4.feature"} <= changed
    campaign = verify_campaign(place.campaign, place.question())
    [(_, pack)] = campaign.packs
    assert (codes(campaign), codes(pack)) == ({"E_LEDGER"}, {"E_DIGEST"})
    for finding in (*campaign.findings, *pack.findings):
        assert "core.autocrlf" in str(finding)
    assert len(pack.findings) == len(changed) - 1  # but for the ledger


def test_a_change_under_other_line_ends_is_a_change(place: Place) -> None:
    checked_out_in_windows(place.campaign)
    path = place.campaign / A / RUN / "evidence/steps.ndjson"
    path.write_bytes(path.read_bytes().replace(b"passed", b"failed"))
    [finding] = [
        one
        for one in place.verify(place.campaign / A / RUN).findings
        if one.place == "evidence/steps.ndjson"
    ]
    assert (finding.code, finding.what) == ("E_DIGEST", "содержимое не то")


def test_an_empty_file_that_was_lost_is_named_as_that(place: Place) -> None:
    pack = place.campaign / A / RUN
    (pack / "evidence/features/пусто.feature").unlink()
    [finding] = place.verify(pack).findings
    assert finding.code == "E_MISSING"
    assert "он пуст" in finding.what
