"""Whose pack lies where: the names of the folders on the way to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.evidence.pack.place import PackPlace, named_like_a_bin


@pytest.mark.parametrize("run", ["run-1", "run-1.partial"])
def test_a_pack_and_its_draft_have_one_place(tmp_path: Path, run: str) -> None:
    campaign = tmp_path / "весна"
    place = PackPlace.of(campaign / "990640000015" / run)
    assert place == PackPlace(campaign, "990640000015", "run-1")


def test_a_place_is_found_from_inside_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert PackPlace.of(Path("run-1")).organisation_bin == tmp_path.name


@pytest.mark.parametrize(
    ("name", "like"),
    [("990640000015", True), ("99064000001", False), ("99064000001x", False), ("٩" * 12, False)],
)
def test_an_organisations_folder_is_twelve_digits(name: str, like: bool) -> None:
    assert named_like_a_bin(name) is like
