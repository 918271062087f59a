"""Clocks, time-stamps and the windows of keys: what they prove of a pack, and what they do not."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.seal_files import TOKEN
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.attest.trust import Authority, Trust, TrustedKey
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.office import Office
from tests.sigex_runbook.evidence.sealed import CAMPAIGN, SIGNER, Place, codes, moved, window

from .forgery import edit_json, reseal, token_over
from .judging import judge, pack_of


def reseal_at(place: Place, moment: datetime, token: datetime | None = None) -> str:
    assert place.authority is not None
    post = place.authority.posting_at(token) if token else None
    return reseal(place, pack_of(place), sealed_at=moment.replace(microsecond=0), post=post)


@pytest.mark.parametrize(
    ("machine", "server", "found"),
    [
        (timedelta(days=30), timedelta(days=30), {"E_TIME_FUTURE"}),
        (timedelta(days=30), timedelta(0), {"E_TIME_FUTURE", "E_TIME_SKEW"}),
        (timedelta(days=-3), timedelta(0), {"E_TIME_SKEW"}),
        (timedelta(0), timedelta(days=400), {"E_TIME_FUTURE", "E_TIME_SKEW", "E_KEY_EXPIRED"}),
        (timedelta(minutes=5), timedelta(0), set()),
        (timedelta(minutes=-5), timedelta(0), set()),
    ],
)
def test_clocks(
    place: Place, machine: timedelta, server: timedelta, found: set[str], record_property: Any
) -> None:
    now = datetime.now(UTC)
    head = reseal_at(place, now + machine, now + server)
    verification = judge(place, head=head)
    assert codes(verification) - {"E_KEY_EXPIRED"} == found - {"E_KEY_EXPIRED"}
    if not found:
        assert verification.status is Status.VERIFIED
        skew = verification.clock_skew_seconds
        assert skew is not None
        assert abs(skew + machine.total_seconds()) <= 1
    record_property("corpus: other ways of spoiling, all found by both", 1)


def test_the_runs_own_clock_against_the_services(place: Place) -> None:
    def behind(pack: Path) -> None:
        def clock(raw: dict[str, Any]) -> None:
            raw["session"]["clock"]["offset_from_server_seconds"] = -259_200

        edit_json(pack / "evidence/run.json", clock)

    head = reseal(place, pack_of(place), behind)
    assert codes(judge(place, head=head)) == {"E_TIME_SKEW"}


@pytest.mark.parametrize("stamping", [True, False], ids=["same name", "no timestamping EKU"])
def test_a_foreign_authority_counts_for_nothing(
    place: Place, tmp_path: Path, stamping: bool
) -> None:
    (tmp_path / "foreign").mkdir()
    foreign = TestAuthority.make(tmp_path / "foreign", stamping=stamping)
    head = reseal(place, pack_of(place), post=foreign.posting_at(datetime.now(UTC)))
    assert codes(judge(place, head=head)) == {"E_TIMESTAMP"}
    if not stamping:  # even when it is the very one that is pinned
        place.authority = foreign
        assert codes(place.verify(pack_of(place), head=head)) == {"E_TIMESTAMP"}


def test_an_old_pack_stamped_in_time_outlives_its_certificates(tmp_path: Path) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    then = now - timedelta(days=100)
    (tmp_path / "old").mkdir()
    old = TestAuthority.make(
        tmp_path / "old", start=now - timedelta(days=400), end=now - timedelta(days=30)
    )
    place = Place(tmp_path / "outputs", old, post=lambda *_: b"")
    place.seal(change=lambda values: moved(values, now - timedelta(days=300)))
    head = reseal_at(place, then, then)
    key = TrustedKey(SIGNER.public_key, now - timedelta(days=200), now - timedelta(days=50))
    trust = Trust((key,), (old.pinned,))
    pack = pack_of(place)
    assert place.verify(pack, trust=trust, head=head).status is Status.VERIFIED
    early = then - timedelta(days=150)
    head = reseal_at(place, early, early)
    assert codes(place.verify(pack, trust=trust, head=head)) == {"E_KEY_EXPIRED"}
    head = reseal(place, pack, sealed_at=then, stamped=False)
    assert codes(place.verify(pack, trust=trust, head=head)) == {"E_KEY_EXPIRED"}


def test_at_says_for_which_moment(place: Place) -> None:
    year = datetime.now(UTC) - timedelta(days=365)
    assert codes(judge(place, at=year)) == {"E_TIME_FUTURE"}


def test_without_an_authority_or_a_head_it_is_never_green(place: Place) -> None:
    pack, head = pack_of(place), place.heads[-1]
    assert place.verify(pack).status is Status.INTEGRITY_ONLY
    unstamped = place.verify(pack, trust=Trust((window(),)), head=head)
    assert (unstamped.status, unstamped.trusted_time) == (Status.INTEGRITY_ONLY, None)
    assert codes(place.verify(pack, trust=Trust(), head=head)) == {"E_SIGNATURE", "E_TIMESTAMP"} - {
        "E_TIMESTAMP"
    }


def test_a_token_is_bound_to_the_very_bytes(place: Place) -> None:
    """A valid token over the same bytes, which the ledger does not know, proves no time."""
    pack = pack_of(place)
    (pack / TOKEN).write_bytes(token_over(place, (pack / ATTESTATION).read_bytes()))
    assert codes(judge(place)) == {"E_TIMESTAMP"}
    assert CAMPAIGN in str(place.campaign)


@dataclass(frozen=True)
class Server:
    """One server of an office as a place's authority: how it answers, and what is pinned."""

    office: Office
    name: str
    chain: tuple[str, ...]
    pins: tuple[str, ...]

    @property
    def pinned(self) -> Authority:
        return self.office.pinned(*self.pins)

    def post(self, url: str, query: bytes) -> bytes:
        return self.office.post(self.name, self.chain)(url, query)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


@pytest.mark.parametrize(
    ("chain", "pins", "believed"),
    [
        (("issuer", "root"), ("root",), True),
        (("root", "issuer"), ("root",), True),
        (("root", "issuer"), ("issuer",), True),
        (("issuer", "root"), ("first",), True),
        (("issuer",), ("first", "issuer", "root"), True),
        (("issuer",), ("second", "first"), True),
        (("issuer",), ("second", "issuer", "root"), False),
        (("issuer",), ("second",), False),
    ],
)
def test_what_is_pinned_of_an_authority(
    tmp_path: Path, office: Office, chain: tuple[str, ...], pins: tuple[str, ...], believed: bool
) -> None:
    """Both verifiers take a token's certificates in any order, and pins of any rank."""
    server: Any = Server(office, "first", chain, ("root",))
    place = Place(tmp_path / "outputs", server)
    place.seal()
    place.authority = replace(server, pins=pins)
    verification = judge(place)
    assert codes(verification) == (set() if believed else {"E_TIMESTAMP"})
    assert verification.status is (Status.VERIFIED if believed else Status.FAILED)
