"""OSCAL assessment results follow from the pack alone, and another's library reads them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from trestle.core.duplicates_validator import DuplicatesValidator
from trestle.oscal.assessment_results import AssessmentResults

from sigex_runbook.cli.main import main
from sigex_runbook.core.access import AccessBlock, AccessSettings, differences
from sigex_runbook.core.plan import make_plan
from sigex_runbook.core.record import Outcome
from sigex_runbook.core.verdict import (
    Answer,
    Channel,
    Check,
    CheckResult,
    judge_probes,
    judge_settings,
    reach_verdict,
)
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.pack.records import RecordedOrder, audit_of, probe_of
from tests.sigex_runbook.evidence.corpus.forgery import edit_json, listing_sha256, reseal
from tests.sigex_runbook.evidence.sealed import RUN, A, Place

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "outputs")
    made.trust.save(tmp_path / "trust.json")
    return made


def export(place: Place, pack: Path, out: Path) -> int:
    trust = str(place.outputs.parent / "trust.json")
    words = ["--trust", trust, "--format", "oscal", "--out", str(out)]
    return main(["export", str(pack), *words])


def judged(values: dict[str, Any], checks: list[Check]) -> None:
    """The record as a run with those checks would have left it."""
    values["verification.json"]["checks"] = [asdict(check) for check in checks]
    values["run.json"]["verdict"] = asdict(reach_verdict(values["steps"], checks))


def checks_of(values: dict[str, Any]) -> list[Check]:
    probes = [probe_of(raw) for raw in values["verification.json"]["probes"]]
    before, after = (AccessSettings(values[f"state/{n}.json"]) for n in ("before", "after"))
    plan = make_plan(before, RecordedOrder.read(values["order.json"]))
    return [
        Check(Channel.SCREEN, CheckResult.AGREES, "галочки стоят"),
        judge_settings(plan, after, audit_of(values["state/audit.json"])),
        judge_probes(probes),
    ]


def unprobed(values: dict[str, Any]) -> None:
    calls = {name: values.pop(name) for name in list(values) if name.startswith("api/")}
    mine = [call for call in calls.values() if call["actor"] == "employee"]
    values |= {f"api/{number:03d}.json": call for number, call in enumerate(mine, 1)}
    for probe in values["verification.json"]["probes"]:
        probe |= {"answer": Answer.NOT_TRIED, "detail": "адрес для проб не задан"}
    judged(values, checks_of(values))


def one_refused(values: dict[str, Any]) -> None:
    """The service refuses the grant of one block though it is set."""
    for probe in values["verification.json"]["probes"]:
        if probe["block"] == AccessBlock.DOCUMENTS_LIST and probe["moment"] == "after":
            probe["answer"] = Answer.REFUSED
    judged(values, checks_of(values))


def one_lost(values: dict[str, Any]) -> None:
    """The service did not keep one block."""
    after = AccessSettings(values["state/after.json"])
    after = after.with_grant(AccessBlock.DOCUMENTS_SETTINGS, 0, granted=False)
    before = AccessSettings(values["state/before.json"])
    values["state/after.json"] = after.body
    values["state/diff.json"] = [asdict(d) for d in differences(before, after)]
    judged(values, checks_of(values))


def stopped(values: dict[str, Any]) -> None:
    """A run that ended before it saved."""
    for name in ("state/after.json", "state/diff.json", "state/audit.json", "verification.json"):
        del values[name]
    values["run.json"]["verdict"] = asdict(reach_verdict(values["steps"], []))


def without_states(values: dict[str, Any]) -> None:
    stopped(values)
    del values["state/before.json"], values["state/expected.json"]


def strange(pack: Path) -> None:
    """Built otherwise, in a place where the verification does not look."""
    evidence, page = pack / EVIDENCE, pack / EVIDENCE / "report.html"
    before = listing_sha256(evidence)
    edit_json(evidence / "order.json", lambda record: record.update(access={}))
    text = page.read_text("utf-8").replace(before, listing_sha256(evidence))
    page.write_text(text, "utf-8", newline="")


def read(
    place: Place, out: Path, *, change: Change = lambda _: None, outcome: Outcome = Outcome.PASSED
) -> tuple[Path, Any, Any]:
    """Seal, export, and read with the library."""
    pack = place.seal(change=change, outcome=outcome).pack
    assert export(place, pack, out) == 0
    results: Any = AssessmentResults.oscal_read(out)
    assert DuplicatesValidator().model_is_valid(results, quiet=True)
    (result,) = results.results
    return pack, results, result


def statuses(result: Any) -> dict[str, tuple[str, str]]:
    return {
        finding.target.target_id: (
            str(finding.target.status.state.value),
            str(finding.target.status.reason),
        )
        for finding in result.findings
    }


PASS, FAIL, UNSEEN = (
    ("satisfied", "pass"),
    ("not-satisfied", "fail"),
    ("not-satisfied", "other"),
)


def test_another_library_reads_it_and_every_file_has_its_digest(
    place: Place, tmp_path: Path
) -> None:
    pack, results, result = read(place, tmp_path / "results.json")
    resources = {one.uuid: one for one in results.back_matter.resources}
    links = [one.rlinks[0] for one in resources.values()]
    there = {p.relative_to(pack).as_posix() for p in pack.rglob("*") if p.is_file()}
    assert {unquote(link.href) for link in links} == there
    for link in links:
        data = (pack / unquote(link.href)).read_bytes()
        assert link.hashes[0].value == hashlib.sha256(data).hexdigest()
    raw = json.loads((pack / EVIDENCE / "verification.json").read_bytes())["checks"]
    assert len(result.observations) == len(raw) == 3
    for observation, check in zip(result.observations, raw, strict=True):
        assert check["detail"] in observation.description
        assert observation.relevant_evidence
        for one in observation.relevant_evidence:
            resource = resources[one.links[0].href.removeprefix("#")]
            assert resource.rlinks[0].href == one.href
            assert resource.rlinks[0].hashes[0].value == one.props[0].value
    assert results.import_ap.href.removeprefix("#") in resources
    assert statuses(result) == dict.fromkeys(AccessBlock, PASS)
    assert (RUN in results.metadata.title, A in results.metadata.title) == (True, True)
    assert "Чего этот отчёт не доказывает" in result.remarks
    assert "Запуск выполнен на эмуляторе" in result.remarks


@pytest.mark.parametrize(
    ("change", "verdict", "expected"),
    [
        (unprobed, "PARTIAL", dict.fromkeys(AccessBlock, UNSEEN)),
        (
            one_refused,
            "FAILED",
            {**dict.fromkeys(AccessBlock, PASS), AccessBlock.DOCUMENTS_LIST: FAIL},
        ),
        (
            one_lost,
            "FAILED",
            {**dict.fromkeys(AccessBlock, PASS), AccessBlock.DOCUMENTS_SETTINGS: FAIL},
        ),
    ],
)
def test_what_did_not_hold_is_not_satisfied(
    place: Place,
    tmp_path: Path,
    change: Change,
    verdict: str,
    expected: dict[str, tuple[str, str]],
) -> None:
    _, _, result = read(place, tmp_path / "results.json", change=change)
    assert statuses(result) == expected
    assert [prop.value for prop in result.props] == [verdict]
    assert verdict in result.description


def test_a_run_that_stopped_claims_nothing(place: Place, tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    _, _, result = read(place, out, change=stopped, outcome=Outcome.FAILED)
    assert statuses(result) == dict.fromkeys(AccessBlock, UNSEEN)
    assert result.observations is None
    assert result.remarks.count("запуск не дошёл") == len(Channel)
    assert "FAILED" in result.title


def test_the_same_pack_gives_the_same_bytes(place: Place, tmp_path: Path) -> None:
    pack, _, _ = read(place, tmp_path / "one.json")
    assert export(place, pack, tmp_path / "two.json") == 0
    one, two = ((tmp_path / name).read_bytes() for name in ("one.json", "two.json"))
    assert one == two
    assert str(tmp_path) not in one.decode()


def test_what_cannot_be_exported_is_refused(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack, _, _ = read(place, tmp_path / "there.json")
    for out, said in (
        (pack / "results.json", "внутри заверенного пакета"),
        (tmp_path / "there.json", "уже есть"),
    ):
        assert export(place, pack, out) == 2
        assert said in capsys.readouterr().err
    other = place.seal(
        run="20261125T130000Z-7f3b", outcome=Outcome.FAILED, change=without_states
    ).pack
    reseal(place, other, strange, stamped=False)
    assert export(place, other, tmp_path / "other.json") == 2
    assert "устроена не так" in capsys.readouterr().err
    (pack / EVIDENCE / "order.json").write_text("{}")
    assert export(place, pack, tmp_path / "spoilt.json") == 2
    assert "не проходит проверку" in capsys.readouterr().err
    assert not (tmp_path / "spoilt.json").exists()
