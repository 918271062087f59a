"""The verdict on a spoiled pack, by two verifiers that share no code."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sigex_runbook.evidence.verify.verification import Verification
from tests.sigex_runbook.evidence.sealed import RUN, A, Place

from .forgery import second_status

OTHER_RUN = "20261125T130000Z-1111"


def pack_of(place: Place, organisation: str = A, run: str = RUN) -> Path:
    return place.campaign / organisation / run


def judge(place: Place, pack: Path | None = None, **asked: Any) -> Verification:
    """The verdict of the product, after the second verifier agreed with it."""
    pack = pack or pack_of(place)
    asked = {"head": place.heads[-1], **asked}
    verification = place.verify(pack, **asked)
    mine = {key: asked[key] for key in ("head", "at") if key in asked}
    assert second_status(place, pack, **mine) == verification.status, verification
    return verification
