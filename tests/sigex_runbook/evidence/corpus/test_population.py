"""A campaign names every organisation exactly once; verification needs nothing but the files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.statement import Member, State
from sigex_runbook.evidence.sealing.campaign import close_campaign
from sigex_runbook.evidence.verify.campaign import verify_campaign
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.sealed import RUN, A, B, Place, bin_of, codes, copy

from .forgery import forge_list, trust_file

LATER = "20261125T130000Z-1111"
Population = tuple[Member, ...]


@pytest.fixture(scope="module")
def campaign(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[Place, int]:
    """Many organisations: nearly all have a pack, one failed to begin, one was excluded."""
    count = 500 if request.config.getoption("--full-corpus") else 60
    place = Place(tmp_path_factory.mktemp("many") / "outputs")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        for number in range(1, count - 1):
            place.seal(bin_of(number), picture=False)
        place.close(
            Member(bin_of(count - 1), State.FAILED, reason="Ключ не читается."),
            Member(bin_of(count), State.EXCLUDED, reason="Договор расторгнут."),
        )
    return place, count


def forge_population(place: Place, change: Callable[[Population], Population]) -> str:
    """A population of the key's owner's liking, with the ledger rewritten to fit. The new head."""
    return forge_list(
        place.campaign, lambda said: replace(said, population=change(said.population))
    )


def test_every_organisation_exactly_once(
    campaign: tuple[Place, int], tmp_path: Path, record_property: Any
) -> None:
    place, count = campaign
    question = place.question(head=place.heads[-1])
    verified = verify_campaign(place.campaign, question)
    assert (verified.findings, verified.status) == ((), Status.INTEGRITY_ONLY)  # unstamped
    assert verified.statement is not None
    assert len(verified.statement.population) == count
    assert len(verified.packs) == count - 2
    record_property("corpus: organisations of one campaign, verified", count)

    few = replace(question, organisation=bin_of(1))
    spoiled = copy(place, tmp_path / "outputs")
    for change in (
        lambda members: members[1:],
        lambda members: (members[0], *members),
        lambda members: (replace(members[0], run_id="another"), *members[1:]),
        lambda members: (
            Member(members[0].organisation_bin, State.EXCLUDED, reason="x"),
            *members[1:],
        ),
    ):
        original = (spoiled.campaign / "campaign.dsse.json").read_bytes()
        ledger = (spoiled.campaign / "ledger.jsonl").read_bytes()
        head = forge_population(spoiled, change)
        found = verify_campaign(spoiled.campaign, replace(few, head=head))
        assert codes(found) == {"E_POPULATION"}, found.findings
        with_head = verify_campaign(spoiled.campaign, few)
        assert "E_LEDGER_TRUNCATED" in codes(with_head)
        (spoiled.campaign / "campaign.dsse.json").write_bytes(original)
        (spoiled.campaign / "ledger.jsonl").write_bytes(ledger)
    gone = spoiled.campaign / bin_of(2)
    gone.rename(tmp_path / "gone")
    assert codes(verify_campaign(spoiled.campaign, few)) == {"E_POPULATION"}


@pytest.fixture
def small(tmp_path: Path) -> Place:
    place = Place(tmp_path / "outputs")
    place.seal(A, picture=False)
    place.seal(B, picture=False)
    return place


def test_the_last_run_counts_and_reasons_stay(small: Place) -> None:
    left = Member(bin_of(7), State.FAILED, reason="Нет ключа.")
    close_campaign(small.campaign, small.sealer, [left])
    small.seal(A, LATER, picture=False)
    stale = verify_campaign(small.campaign, small.question())
    assert stale.findings == ()
    assert any("новые запуски" in note for note in stale.notes)
    closed = close_campaign(small.campaign, small.sealer)
    named = {m.organisation_bin: (m.state, m.run_id) for m in closed.population}
    assert named == {
        A: (State.PACK, LATER),
        B: (State.PACK, RUN),
        bin_of(7): (State.FAILED, None),
    }
    assert verify_campaign(small.campaign, small.question(head=closed.head)).findings == ()
    small.seal(bin_of(7), picture=False)
    again = close_campaign(small.campaign, small.sealer)
    assert [m.state for m in again.population] == [State.PACK] * 3


def test_what_lies_in_a_campaign_must_be_in_its_ledger(small: Place) -> None:
    small.close()
    (small.campaign / B / RUN).rename(small.campaign / B / LATER)
    assert codes(verify_campaign(small.campaign, small.question())) == {"E_POPULATION"}
    (small.campaign / "campaign.dsse.json").unlink()
    assert "E_MISSING" in codes(verify_campaign(small.campaign, small.question()))
    (small.campaign / "ledger.jsonl").unlink()
    assert main(["verify", str(small.campaign), "--trust", str(trust_file(small))]) == 2


def test_a_cut_ledger_does_not_fit_its_population(small: Place) -> None:
    small.close()
    path = small.campaign / "ledger.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    found = codes(verify_campaign(small.campaign, small.question()))
    assert {"E_LEDGER_TRUNCATED", "E_LEDGER", "E_POPULATION"} <= found


# The verb, and what it needs


def words(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_the_verbs_exit_codes(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = TestAuthority.make(tmp_path_factory.mktemp("authority"))
    place = Place(tmp_path / "outputs", authority)
    sealed = place.seal()
    head = place.close()
    trust = ["--trust", str(trust_file(place))]
    for where in (str(sealed.pack), str(place.campaign)):
        assert main(["verify", where, *trust, "--head", head]) == 0
        assert "VERIFIED" in words(capsys)
        assert main(["verify", where, *trust]) == 3
        assert "INTEGRITY_ONLY" in words(capsys)
        assert main(["verify", where, *trust, "--head", "0" * 64]) == 1
        assert "E_LEDGER_TRUNCATED" in words(capsys)
        assert main(["verify", where, *trust, "--head", head, "--organisation", B]) == 1
        assert "E_SUBJECT_BINDING" in words(capsys)
        assert main(["verify", where, *trust, "--head", head, "--json"]) == 0
        told = json.loads(words(capsys))
        assert (told["status"], told["findings"]) == ("VERIFIED", [])
        assert told.get("verdicts", {"PASSED": 1}) == {"PASSED": 1}  # a campaign's
        assert main(["verify", where, *trust, "--head", "x"]) == 2
        assert main(["verify", where, "--trust", str(tmp_path / "none.json")]) == 2
        assert main(["verify", where, *trust, "--head", head, "--at", "2020-01-01"]) == 1
        assert main(["verify", where, *trust, "--at", "yesterday"]) == 2
    assert main(["verify", str(tmp_path / "none"), *trust]) == 2


_ALONE = """
import builtins, socket, sys
real = builtins.__import__
heavy = ("playwright aiohttp IPython jupyter_client jupyter_core nbformat nbconvert papermill "
         "ipykernel pytest_bdd dask").split()
def guarded(name, *args, **kwargs):
    assert name.split(".")[0] not in heavy, name
    return real(name, *args, **kwargs)
builtins.__import__ = guarded
def offline(*args, **kwargs):
    raise AssertionError("network")
socket.socket.connect = socket.create_connection = socket.getaddrinfo = offline
from sigex_runbook.cli.main import main
code = main(sys.argv[1:])
assert not [m for m in heavy if m in sys.modules]
sys.exit(code)
"""


def test_it_needs_no_network_no_browser_and_no_writing(small: Place) -> None:
    head = small.close()
    pack = small.campaign / A / RUN

    def snapshot() -> list[tuple[str, int, bytes | None]]:
        return [
            (str(path), path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
            for path in sorted(small.campaign.rglob("*"))
        ]

    trust = trust_file(small)
    for path in (*small.campaign.rglob("*"), small.campaign):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = snapshot()
    for where in (pack, small.campaign):
        done = subprocess.run(
            [
                *(sys.executable, "-c", _ALONE, "verify", str(where)),
                *("--trust", str(trust), "--head", head),
            ],
            capture_output=True,
            check=False,
            encoding="utf-8",
        )
        assert done.returncode == 3, done.stdout + done.stderr
        assert "E_" not in done.stdout
    assert snapshot() == before
    for path in (small.campaign, *small.campaign.rglob("*")):
        path.chmod(0o755)
