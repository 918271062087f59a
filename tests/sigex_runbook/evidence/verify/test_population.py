"""A campaign's folder against its ledger: the work grows with the packs, not with their square."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.evidence.attest.ledger import EntryKind, Ledger, LedgerEntry
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.verify.population import beside, on_disk

PACKS = 500


class Watched(tuple[str, str]):
    """A run's name that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Watched.compared += 1
        return super().__eq__(other)

    __hash__ = tuple.__hash__


@pytest.fixture
def runs(tmp_path: Path) -> list[tuple[str, str]]:
    named = [Watched((f"{number:012d}", "run")) for number in range(PACKS)]
    for run in named:
        tmp_path.joinpath(*run).mkdir(parents=True)
    Watched.compared = 0
    return list(named)


def ledger_of(runs: list[tuple[str, str]]) -> Ledger:
    return Ledger(
        tuple(
            LedgerEntry(EntryKind.RUN, number, "0" * 64, "a" * 64, None, *run)
            for number, run in enumerate(runs, 1)
        ),
        (),
        (),
    )


def test_each_pack_is_looked_up_and_not_searched_for(
    tmp_path: Path, runs: list[tuple[str, str]]
) -> None:
    assert list(on_disk(tmp_path, ledger_of(runs), runs)) == []
    assert list(beside(tmp_path, runs)) == []
    assert Watched.compared <= 10 * PACKS  # searching would compare PACKS² / 2 times


def test_a_pack_without_a_line_and_a_line_without_a_pack_are_still_found(
    tmp_path: Path, runs: list[tuple[str, str]]
) -> None:
    """The fast way must see what the slow one saw."""
    ledger = ledger_of(runs[1:])
    (tmp_path / runs[-1][0] / "notes.txt").write_text("", "utf-8")
    told = [str(one) for one in on_disk(tmp_path, ledger, runs[:-1])]
    assert len(told) == 2
    assert any(runs[0][0] in one and "нет в реестре" in one for one in told)
    assert any(runs[-1][0] in one and "нет на месте" in one for one in told)
    [note] = beside(tmp_path, runs)
    assert f"{runs[-1][0]}/notes.txt" in str(note)
    assert ATTESTATION not in str(note)
