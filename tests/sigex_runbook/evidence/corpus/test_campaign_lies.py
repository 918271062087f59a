"""What the signing key's owner can seal around the packs, and what shows that it is not so.

Nothing here is caught by a digest: every lie is signed with the right key and the ledger fits it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.ledger import LedgerEntry, read_ledger
from sigex_runbook.evidence.attest.seal_files import CAMPAIGN
from sigex_runbook.evidence.attest.statement import CampaignStatement, Member, State
from sigex_runbook.evidence.pack.canonical import canonical_json
from sigex_runbook.evidence.pack.disk import NEW
from sigex_runbook.evidence.sealing.campaign import close_campaign
from sigex_runbook.evidence.sealing.sealer import SealStep
from sigex_runbook.evidence.sealing.sealing import seal_pack
from sigex_runbook.evidence.sealing.stamping import stamp
from sigex_runbook.evidence.verify.campaign import CampaignVerification, verify_campaign
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.sealed import (
    RUN,
    A,
    B,
    Place,
    bin_of,
    codes,
    evidence,
    fill,
    moved,
)

from .forgery import close_again, forge_list, ledger_lines, reseal, rewrite_ledger, trust_file
from .second_campaign import verify_campaign as second_campaign

C = bin_of(7)
NOW = datetime.now(UTC).replace(microsecond=0)
UNKNOWN_CLOCK = {"identity": None}


def run_at(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%SZ}-7f3a"


EARLY, LATE = NOW - timedelta(hours=3), NOW - timedelta(minutes=5)


def one_run(
    place: Place,
    begun: datetime,
    *,
    organisation: str = A,
    outcome: Outcome = Outcome.PASSED,
    session: dict[str, Any] | None = None,
    saved: str | None = None,
) -> str:
    """A run that began then and took a minute."""

    def change(values: dict[str, Any]) -> None:
        if session is not None:
            values["run.json"]["session"] = session
        if saved is not None:
            values["run.json"]["saved"] = saved
        moved(values, begun)

    run = run_at(begun)
    place.seal(organisation, run, outcome=outcome, change=change)
    reseal(
        place,
        place.campaign / organisation / run,
        sealed_at=begun + timedelta(minutes=1),
        stamped=False,
    )
    return run


def look(place: Place, head: str | None = None) -> CampaignVerification:
    """What the verifier found, with whose status the second one, written apart, agrees."""
    found = verify_campaign(place.campaign, place.question(head=head))
    second = second_campaign(place.campaign, trust_file(place), head=head)
    assert second == found.status, found.findings
    return found


def reordered(entries: list[LedgerEntry]) -> list[LedgerEntry]:
    return entries[::-1]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "outputs")


@pytest.fixture
def small(place: Place) -> Place:
    place.seal(A, picture=False)
    place.seal(B, picture=False)
    place.close(Member(C, State.EXCLUDED, reason="Договор расторгнут."))
    return place


def test_a_failed_run_cannot_be_put_before_the_passed_one_that_it_followed(place: Place) -> None:
    for begun, outcome in ((EARLY, Outcome.PASSED), (LATE, Outcome.FAILED)):
        one_run(place, begun, outcome=outcome)
    honest = look(place, place.close())
    assert honest.findings == ()
    rewrite_ledger(place.campaign, reordered)
    head = close_again(place)
    lied = look(place, head)
    assert lied.statement is not None
    assert lied.statement.population[0].verdict == "PASSED"  # this is what he wanted
    assert codes(lied) == {"E_LEDGER"}, lied.findings


def test_nor_when_the_clock_of_the_failed_one_is_unknown(place: Place) -> None:
    one_run(place, EARLY)
    one_run(place, LATE, outcome=Outcome.FAILED, session=UNKNOWN_CLOCK)
    assert look(place, place.close()).findings == ()
    rewrite_ledger(place.campaign, reordered)
    assert codes(look(place, close_again(place))) == {"E_TIME_SKEW"}


def test_a_clock_that_was_put_right_between_two_runs_is_no_lie(place: Place) -> None:
    fast = {"clock": {"offset_from_server_seconds": 540.0}}
    one_run(place, LATE + timedelta(seconds=540), outcome=Outcome.FAILED, session=fast)
    one_run(place, LATE + timedelta(minutes=2))
    assert look(place, place.close()).findings == ()


@pytest.mark.parametrize("seconds", [580.0, -580.0])
def test_a_services_clock_that_was_put_right_between_two_runs_is_no_lie(
    place: Place, seconds: float
) -> None:
    wrong = {"clock": {"offset_from_server_seconds": seconds}}
    one_run(place, LATE, outcome=Outcome.FAILED, session=wrong)
    one_run(place, LATE + timedelta(seconds=20))
    assert look(place, place.close()).findings == ()


@pytest.mark.parametrize("hours", [2, -2])
@pytest.mark.parametrize("whose", ["machine", "service"])
def test_a_run_that_a_wrong_clock_stopped_does_not_spoil_its_campaign(
    place: Place, hours: int, whose: str
) -> None:
    """It saved nothing; which of the two clocks was wrong is not known."""
    wrong = timedelta(hours=hours)
    clock = {"clock": {"offset_from_server_seconds": wrong.total_seconds()}}
    begun = LATE + (wrong if whose == "machine" else timedelta(0))
    one_run(place, begun, outcome=Outcome.FAILED, session=clock, saved="no")
    one_run(place, LATE + timedelta(minutes=2))
    found = look(place, place.close())
    assert found.findings == ()
    assert [one.status for _, one in found.packs] == [Status.INTEGRITY_ONLY] * 2


def test_a_wrong_clock_of_a_run_that_saved_is_a_fault(place: Place) -> None:
    clock = {"clock": {"offset_from_server_seconds": 7_200.0}}
    one_run(place, LATE, outcome=Outcome.FAILED, session=clock, saved="unknown")
    found = look(place, place.close())
    assert [codes(one) for _, one in found.packs] == [{"E_TIME_SKEW"}]


@pytest.mark.parametrize("offset", [4e11, -4e11, 1e300, 3.2e9])
def test_no_clock_is_a_century_wrong(place: Place, offset: float) -> None:
    clock = {"clock": {"offset_from_server_seconds": offset}}
    one_run(place, LATE, outcome=Outcome.FAILED, session=clock, saved="no")
    [(_, pack)] = look(place, place.close()).packs
    assert codes(pack) == {"E_TIME_SKEW"}


def test_a_run_from_the_first_day_of_all_has_no_time(place: Place) -> None:
    def fast(values: dict[str, Any]) -> None:
        values["run.json"]["session"] = {"clock": {"offset_from_server_seconds": 540.0}}

    place.seal(A, "00010101T000000Z-7f3a", outcome=Outcome.FAILED, change=fast)
    assert codes(look(place, place.close())) == {"E_TIME_SKEW"}


def test_the_time_stamps_order_what_the_clocks_do_not(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """By the machine's clock the second began before the first was sealed, by the tokens after."""
    authority = TestAuthority.make(tmp_path_factory.mktemp("authority"))
    place = Place(tmp_path / "outputs", authority)
    slow = replace(place, post=authority.posting_at(datetime.now(UTC) - timedelta(minutes=2)))
    slow.seal(A, run_at(EARLY), picture=False)
    place.seal(A, run_at(datetime.now(UTC) - timedelta(minutes=1)), picture=False)
    assert look(place, place.close()).findings == ()
    rewrite_ledger(place.campaign, reordered)
    assert codes(look(place, close_again(place))) == {"E_LEDGER"}


Lie = Callable[[Place], object]


def list_of_the_earlier(place: Place) -> None:
    """The list ends before the failed run, though it was sealed after it."""
    one_run(place, LATE, outcome=Outcome.FAILED)
    close_again(place, Member(C, State.EXCLUDED, reason="Договор расторгнут."))
    ledger = read_ledger(place.campaign)
    assert ledger is not None
    lines = len(ledger.entries) - 2

    def earlier(said: CampaignStatement) -> CampaignStatement:
        one = Member(A, State.PACK, RUN, ledger.entries[0].attestation, "PASSED")
        rest = tuple(m for m in said.population if m.organisation_bin != A)
        return replace(
            said, head=ledger.digests[lines - 1], length=lines, population=_sorted(one, *rest)
        )

    forge_list(place.campaign, earlier)


def _sorted(*members: Member) -> tuple[Member, ...]:
    return tuple(sorted(members, key=lambda member: member.organisation_bin))


def not_in_order(place: Place) -> None:
    forge_list(place.campaign, lambda s: replace(s, population=s.population[::-1]))


def rewritten(old: str, new: str) -> Lie:
    def lie(place: Place) -> None:
        forge_list(
            place.campaign,
            rewrite=lambda data: canonical_json(json.loads(data.decode().replace(old, new))),
        )

    lie.__name__ = f"{old[:12]}→{new[:24]}"
    return lie


def failed_though_it_passed(place: Place) -> None:
    _instead(place, Member(A, State.FAILED, reason="Ключ не читается."))


def passed_though_it_did_not_begin(place: Place) -> None:
    _instead(place, Member(C, State.PACK, RUN, "0" * 64, "PASSED"))


def another_verdict(place: Place) -> None:
    [one] = [m for m in _population(place) if m.organisation_bin == A]
    _instead(place, replace(one, verdict="PARTIAL"))


def _population(place: Place) -> tuple[Member, ...]:
    statement = look(place).statement
    assert statement is not None
    return statement.population


def _instead(place: Place, member: Member) -> None:
    forge_list(
        place.campaign,
        lambda said: replace(
            said,
            population=tuple(
                member if m.organisation_bin == member.organisation_bin else m
                for m in said.population
            ),
        ),
    )


def older_than_a_pack(place: Place) -> None:
    forge_list(place.campaign, lambda s: replace(s, sealed_at=s.sealed_at - timedelta(hours=1)))


def a_pack_of_another_campaign(place: Place) -> None:
    other = "другая"
    borrowed = Place(place.outputs)
    draft = borrowed.draft(C, RUN, campaign=other)
    fill(draft, evidence(C))
    seal_pack(draft, borrowed.sealer, verdict="PASSED")
    shutil.copytree(place.outputs / other / C, place.campaign / C)
    lent = read_ledger(place.outputs / other)
    assert lent is not None
    rewrite_ledger(place.campaign, lambda entries: [*entries[:2], *lent.entries])
    (place.campaign / CAMPAIGN).unlink()
    place.close()


def another_campaigns_ledger(place: Place) -> None:
    other = Place(place.outputs.parent / "other")
    other.seal(C, picture=False)
    shutil.copyfile(other.campaign / "ledger.jsonl", place.campaign / "ledger.jsonl")
    close_campaign(other.campaign, other.sealer)


def died_they_say(place: Place) -> None:
    """The failed run is given the name of one that a killed process left."""
    run = one_run(place, LATE, outcome=Outcome.FAILED)
    close_again(place)
    home = place.campaign / A
    (home / run).rename(home / f"{run}.partial")


def the_older_list_they_say(place: Place) -> None:
    """The list that counts lies under the name of one that a killed process left."""
    path = place.campaign / CAMPAIGN
    older = path.read_bytes()
    close_campaign(
        place.campaign, place.sealer, [Member(bin_of(9), State.FAILED, reason="Ключ не читается.")]
    )
    place.seal(B, run_at(NOW), picture=False)
    path.rename(path.with_name(f"{CAMPAIGN}{NEW}"))
    path.write_bytes(older)


def a_link_to_a_pack(place: Place) -> None:
    pack = place.campaign / A / RUN
    away = place.outputs.parent / "away"
    pack.rename(away)
    pack.symlink_to(away, target_is_directory=True)


def a_number_of_a_person(place: Place) -> None:
    _instead(place, Member(C, State.EXCLUDED, reason="Заявление подал 760314300123."))


@pytest.mark.parametrize(
    ("lie", "told"),
    [
        (list_of_the_earlier, {"E_POPULATION"}),
        (not_in_order, {"E_POPULATION"}),
        (rewritten("Договор расторгнут.", " "), {"E_TYPE"}),
        (rewritten('"Договор расторгнут."', "5"), {"E_TYPE"}),
        (rewritten('"excluded"', '["excluded"]'), {"E_TYPE"}),
        (rewritten(f'"{C}"', f'"BIN{C}"'), {"E_TYPE"}),
        (rewritten(f'"{C}"', f'"{C[:6]} {C[6:]}"'), {"E_TYPE"}),
        (
            rewritten(f'"{C}"', f'"{C.translate({48 + n: 0xFF10 + n for n in range(10)})}"'),
            {"E_TYPE"},
        ),
        (failed_though_it_passed, {"E_POPULATION"}),
        (passed_though_it_did_not_begin, {"E_POPULATION"}),
        (another_verdict, {"E_POPULATION"}),
        (older_than_a_pack, {"E_TIME_SKEW"}),
        (a_pack_of_another_campaign, {"E_SUBJECT_BINDING"}),
        (another_campaigns_ledger, {"E_LEDGER", "E_LEDGER_TRUNCATED", "E_POPULATION"}),
        (died_they_say, {"E_POPULATION"}),
        (the_older_list_they_say, {"E_LEDGER"}),
        (a_link_to_a_pack, {"E_PATH"}),
        (a_number_of_a_person, {"E_LEAK"}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_the_packs_contradict_is_found(small: Place, lie: Lie, told: set[str]) -> None:
    assert look(small).findings == ()
    lie(small)
    found = look(small)
    assert codes(found) == told, found.findings


@pytest.mark.parametrize(
    "field", [{"organisation": ["x"]}, {"run": {}}, {"organisation": "BIN1"}, {"run": None}]
)
def test_a_line_of_another_shape_is_told(small: Place, field: dict[str, Any]) -> None:
    first, *rest = ledger_lines(small.campaign)
    line = canonical_json({**json.loads(first), **field})
    (small.campaign / "ledger.jsonl").write_bytes(b"".join([line, b"\n", *rest]))
    assert "E_LEDGER" in codes(look(small))


def test_what_lies_beside_is_told_and_no_fault(small: Place) -> None:
    (small.campaign / "архив" / RUN).mkdir(parents=True)
    (small.campaign / A / f"{run_at(NOW)}.partial").mkdir()
    (small.campaign / A / ".DS_Store").write_bytes(b"\0")  # whoever looks at folders leaves it
    found = look(small)
    assert found.findings == ()
    [told] = [note for note in found.notes if "не заверенное" in note]
    assert "архив" in told
    assert f"{A}/{run_at(NOW)}.partial" in told
    assert ".DS_Store" not in told
    assert f"Файлы, которые сделала система: {A}/.DS_Store." in found.notes


def test_a_copy_under_another_name_tells_the_first(small: Place) -> None:
    copied = small.outputs / "осень"
    shutil.copytree(small.campaign, copied)
    notes = verify_campaign(copied, small.question()).notes
    assert f"Список заверен для кампании «{small.campaign.name}»." in notes
    assert not any("Список заверен для" in note for note in look(small).notes)


def test_a_stamp_finishes_first_what_a_killed_process_left(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Else the ledger's next line would be written, and the pack stay under its other name."""
    place = Place(tmp_path / "outputs", TestAuthority.make(tmp_path_factory.mktemp("authority")))
    alone = Place(place.outputs)
    first = alone.seal(A, picture=False)

    class Killed(BaseException):
        pass

    def kill(step: SealStep) -> None:
        if step is SealStep.APPENDED:
            raise Killed

    with pytest.raises(Killed):
        alone.seal(B, picture=False, sealer=replace(alone.sealer, reached=kill))
    assert not (place.campaign / B / RUN).exists()
    [done] = stamp(first.pack, place.sealer)
    assert done.stamped
    assert (place.campaign / B / RUN).is_dir()
    assert look(place, place.close()).findings == ()
