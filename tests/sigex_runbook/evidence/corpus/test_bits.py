"""One bit that is flipped anywhere is found, by two verifiers that share no code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.ledger import LEDGER
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.sealing.signed_pdf import certify
from sigex_runbook.evidence.verify.campaign import verify_campaign
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.material import empty_pdf
from tests.sigex_runbook.evidence.sealed import SIGNER, Place, codes

from .flipping import flip_all
from .forgery import second_status, trust_file
from .judging import pack_of
from .second_campaign import verify_campaign as second_campaign

_SHARES = 16
_OF_A_SEAL, _OF_A_SEALED_FILE = 40, 10
"""Places that are tried when not every one is: what seals is read by its parts, what is sealed by
its digest."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The whole corpus is tried in shares, which several processes work on."""
    if "share" in metafunc.fixturenames:
        shares = _SHARES if metafunc.config.getoption("--full-corpus") else 1
        metafunc.parametrize("share", [(this, shares) for this in range(shares)], ids=str)


@pytest.fixture
def small(authority: TestAuthority, tmp_path: Path) -> Place:
    """A pack of few files with one picture and a report: each flip reads it whole, twice."""
    made = Place(tmp_path / "outputs", authority)
    made.seal(outcome=Outcome.FAILED, files={"report.pdf": certify(empty_pdf(), SIGNER)})
    return made


@pytest.mark.timeout(1200)
def test_one_bit_anywhere_is_found(
    small: Place, request: pytest.FixtureRequest, record_property: Any, share: tuple[int, int]
) -> None:
    every = request.config.getoption("--full-corpus")
    place, pack = small, pack_of(small)
    sealed = sorted(p for p in (pack / EVIDENCE).rglob("*") if p.is_file())
    seals = [*sorted(p for p in pack.iterdir() if p.is_file()), place.campaign / LEDGER]
    question = place.question(head=place.heads[-1])
    trust = place.outputs.parent / "trust.json"
    assert second_status(place, pack, head=place.heads[-1]) == Status.VERIFIED
    from sigex_runbook.evidence.verify.verification import verify_pack

    from .second_verifier import verify as second_opinion

    def look() -> None:
        verification = verify_pack(pack, question)
        assert verification.status is Status.FAILED, verification
        assert verification.findings
        assert second_opinion(pack, trust, head=question.head) == Status.FAILED

    count = sum(
        flip_all(files, look, every=every, sample=sample, share=share)
        for files, sample in ((seals, _OF_A_SEAL), (sealed, _OF_A_SEALED_FILE))
    )
    record_property("corpus: bits flipped in a small pack, all found by both", count)
    assert verify_pack(pack, question).status is Status.VERIFIED


@pytest.mark.timeout(1200)
def test_one_bit_of_the_populations_seal_is_found(
    place: Place, request: pytest.FixtureRequest, record_property: Any
) -> None:
    every = request.config.getoption("--full-corpus")
    head = place.heads[-1]
    question = place.question(head=head)
    trust = trust_file(place)

    def look() -> None:
        campaign = verify_campaign(place.campaign, replace(question, run="none"))
        assert codes(campaign) - {"E_SUBJECT_BINDING"}, campaign
        assert second_campaign(place.campaign, trust, head=head) == Status.FAILED

    files = [place.campaign / "campaign.dsse.json", place.campaign / "campaign.tsr"]
    count = flip_all(files, look, every=every, sample=_OF_A_SEAL)
    record_property("corpus: bits flipped in a campaign's seal, all found by both", count)
    assert second_campaign(place.campaign, trust, head=head) == Status.VERIFIED
