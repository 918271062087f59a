"""`sigex-runbook index`: verifies when it is given somebody's trust, and says what it found."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.cli.main import main
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.index.test_index import Cells
from tests.sigex_runbook.evidence.sealed import CAMPAIGN, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "outputs", TestAuthority.make(tmp_path))
    made.seal()
    made.close()
    made.trust.save(tmp_path / "trust.json")
    return made


def integrity(place: Place) -> set[str]:
    page = Cells((place.outputs / "index.html").read_text("utf-8"))
    return {text for row in page.rows for text, look in row if look in ("good", "half", "bad")}


def index(place: Place, *words: str) -> int:
    return main(["index", str(place.outputs), *words])


def test_without_trust_nothing_is_verified(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    assert index(place) == 0
    assert str(place.outputs / "index.html") in capsys.readouterr().out
    assert integrity(place) == {"Выполнено на эмуляторе"}


def test_verified_needs_trust_time_and_the_pinned_head(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = str(tmp_path / "trust.json")
    assert index(place, "--trust", trust) == 3
    assert (
        f'подробно: sigex-runbook verify "{place.campaign}" --trust …\n' in capsys.readouterr().out
    )
    assert integrity(place) == {"Выполнено на эмуляторе", "INTEGRITY_ONLY"}
    assert index(place, "--trust", trust, "--head", f"{CAMPAIGN}={place.heads[-1]}") == 0
    assert integrity(place) == {"Выполнено на эмуляторе", "✓ VERIFIED"}
    (next(place.campaign.rglob("run.json"))).write_bytes(b"{}")
    assert index(place, "--trust", trust, "--head", f"{CAMPAIGN}={place.heads[-1]}") == 1
    assert integrity(place) == {"✗ FAILED"}, "its verdict is not shown in green"
    assert index(place) == 0, "a list that verified nothing keeps no old claim"
    assert integrity(place) == {"Выполнено"}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--head", f"{CAMPAIGN}={'0' * 64}"), "--trust"),
        (("--trust", "{trust}", "--head", "0" * 64), "имя кампании"),
        (("--trust", "{trust}", "--head", f"нет={'0' * 64}"), "«нет»"),
        (("--trust", "nowhere.json"), "не читается"),
    ],
)
def test_usage_is_refused_in_a_sentence(
    place: Place,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    complaint: str,
) -> None:
    given = [word.replace("{trust}", str(tmp_path / "trust.json")) for word in words]
    assert index(place, *given) == 2
    assert complaint in capsys.readouterr().err
    assert not (place.outputs / "index.html").exists()
