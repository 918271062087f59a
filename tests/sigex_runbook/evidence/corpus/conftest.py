"""A campaign that is sealed once and spoiled in copies."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.pack.captures import store_failure
from sigex_runbook.evidence.sealing.signed_pdf import certify
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.material import empty_pdf, failure, page_png
from tests.sigex_runbook.evidence.sealed import RUN, SIGNER, STARTED, TARGET, A, B, Place, copy

from .judging import OTHER_RUN


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return TestAuthority.make(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def whole(authority: TestAuthority, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """A campaign of A, twice, and B; never changed."""
    place = Place(tmp_path_factory.mktemp("whole") / "outputs", authority)
    place.seal(A, RUN, files={"report.pdf": certify(empty_pdf(), SIGNER)})
    place.seal(B, RUN)
    place.seal(A, OTHER_RUN, picture=False)
    place.close()
    return place


@pytest.fixture
def place(whole: Place, tmp_path: Path) -> Place:
    """A copy to spoil."""
    return copy(whole, tmp_path / "outputs")


@pytest.fixture(scope="session")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One pack of a failure with its picture; never changed."""
    place = Place(tmp_path_factory.mktemp("failed") / "outputs")
    seen = failure(
        run_id=RUN,
        message="Нет.",
        callout=5,
        viewport_width=320,
        viewport_height=240,
        taken_at_utc=STARTED.isoformat(),
        taken_at_local=STARTED.isoformat(),
        environment=TARGET,
    )
    place.seal(
        outcome=Outcome.FAILED,
        finish=lambda draft: store_failure(draft, page_png(320, 240), seen),
    )
    return place


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One pack of a success; never changed."""
    place = Place(tmp_path_factory.mktemp("sealed") / "outputs")
    place.seal()
    return place
