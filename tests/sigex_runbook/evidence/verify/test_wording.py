"""A campaign's verification in words: who did not pass is named, with the reason or finding."""

from __future__ import annotations

import json
from pathlib import Path

from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.verify.campaign import verify_campaign
from sigex_runbook.evidence.verify.verification import Question
from sigex_runbook.evidence.verify.wording import campaign_json, campaign_lines, pack_lines
from tests.sigex_runbook.evidence.sealed import RUN, A, B, Place, bin_of

C = bin_of(3)


def test_who_failed_is_named_with_the_reason_and_whom_one_cannot_believe_with_the_finding(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path / "outputs")
    place.seal(A)
    failed = place.seal(B, outcome=Outcome.FAILED).pack
    spoilt = place.seal(C).pack
    place.close()
    (spoilt / EVIDENCE / "junit.xml").write_text("<testsuites/>", "utf-8")
    found = verify_campaign(place.campaign, Question(place.trust))
    reasons = json.loads((failed / EVIDENCE / "run.json").read_bytes())["verdict"]["reasons"]
    told = list(campaign_lines("весна", found))
    assert f"  {B} — FAILED (на эмуляторе): {'; '.join(reasons)}" in told
    assert f"  {C} — PASSED: пакету верить нельзя, E_DIGEST (ниже)" in told
    assert not [line for line in told if line.startswith(f"  {A}")]
    packs = {one["place"]: one for one in campaign_json("", found)["packs"]}  # type: ignore[attr-defined]
    assert packs[f"{B}/{RUN}"]["reasons"] == reasons
    assert packs[f"{B}/{RUN}"]["environment"] == "emulator"
    _, about, *_ = pack_lines("", dict(found.packs)[f"{A}/{RUN}"])
    assert "вердикт запуска PASSED (на эмуляторе)" in about


def test_of_one_organisation_that_was_asked_for_alone_the_others_are_named_without_a_reason(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path / "outputs")
    place.seal(A)
    place.seal(B, outcome=Outcome.FAILED)
    place.close()
    found = verify_campaign(place.campaign, Question(place.trust, organisation=A))
    assert f"  {B} — FAILED" in list(campaign_lines("весна", found))
