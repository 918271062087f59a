"""What `bench` prints and writes down of what was measured; measured here by nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.trials.bench.contestants import Measured
from sigex_runbook.trials.bench.figures import Attempt, growth
from sigex_runbook.trials.bench.processes import Spent
from sigex_runbook.trials.bench.rounds import Ended, Long

BATCH = "партия, исполнителей 2"
ROUNDS = "sigex_runbook.trials.bench.rounds"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    def turns(_: object, organisations: int, rounds: int) -> Iterator[Ended]:
        for number in range(rounds + 1):
            for name, seconds in (("граница 1x4", 2.0), (BATCH, 3.0 + number)):
                attempt = Attempt(name, organisations, seconds, seconds / 2, 4.0, {"GPU": 0.5})
                yield Ended(number, Measured(attempt, Spent()))

    def long(organisations: int, workers: int, short: Attempt | None) -> Long:
        assert workers == 2
        ended = [float(at) for at in range(1, organisations + 1)]
        memory = [(at, 900 + 2 * at) for at in ended]
        return Long(Attempt(BATCH, organisations, 3, 2.5), short, growth(ended, memory))

    monkeypatch.setattr(f"{ROUNDS}.take_turns", turns)
    monkeypatch.setattr(f"{ROUNDS}.go_long", long)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_ratios_stand_beside_what_they_must_be(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", "--only", "floor", "batch", "--long", "100"]) == 0
    told = capsys.readouterr().out
    (ratio,) = [line.split() for line in told.splitlines() if "партия / нижняя" in line]
    assert ratio[-8:] == ["2.50", "2.50", "≤", "1.6", "≤", "1.25", "НЕ", "держится"]
    assert "отношение 1.00 (должно ≤ 1.1, держится)" in told
    assert "после 20 — 931, после 100 — 1091. На организацию 2.00 МБ (должно ≤ 1.5, НЕ" in told
    (file,) = (here / "outputs" / "bench").iterdir()
    record = json.loads(file.read_text("utf-8"))
    assert [len(one) for one in record["rounds"]] == [2, 2, 2], "who warms up is not counted"
    assert record["ratios"][0]["verdict"] == "НЕ держится"
    assert record["long"]["ratio"] == 1


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--long", "5"], ["--workers", "0"]])
def test_what_cannot_be_measured_is_refused(
    words: list[str], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *words]) == 2
    assert "не меньше" in capsys.readouterr().err
