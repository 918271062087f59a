"""What an outputs folder holds is told from its files, whatever lies there."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sigex_runbook.core.access import AccessBlock, AccessSettings, differences
from sigex_runbook.core.environment import Environment
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.attest.statement import ATTESTATION, Member, State
from sigex_runbook.evidence.index.outputs import Entry, Outputs, Stage
from sigex_runbook.evidence.pack.canonical import canonical_json
from sigex_runbook.evidence.pack.layout import EVIDENCE
from sigex_runbook.evidence.sealing.signed_pdf import certify
from tests.builders import SYSTEM
from tests.sigex_runbook.evidence.corpus.forgery import edit_json
from tests.sigex_runbook.evidence.material import empty_pdf
from tests.sigex_runbook.evidence.sealed import CAMPAIGN, RUN, SIGNER, A, B, Place, bin_of, states

LATER = "20261126T080000Z-0001"


def entries(outputs: Path) -> list[Entry]:
    return [entry for campaign in Outputs(outputs).campaigns() for entry in campaign.entries]


def test_every_run_and_everybody_without_one_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    place.seal(A)
    place.seal(A, LATER, outcome=Outcome.FAILED, files={"report.pdf": certify(empty_pdf(), SIGNER)})
    excluded, failed = bin_of(3), bin_of(4)
    place.close(
        Member(excluded, State.EXCLUDED, reason="ликвидирована"),
        Member(failed, State.FAILED, reason="нет ключа"),
    )
    place.draft(B, LATER)
    [campaign] = Outputs(place.outputs).campaigns()
    assert (campaign.name, campaign.organisations) == (CAMPAIGN, 3)
    assert campaign.sealed_at is not None
    told = {(e.organisation_bin, e.run_id, e.stage, e.verdict) for e in campaign.entries}
    assert told == {
        (A, RUN, Stage.SEALED, "PASSED"),
        (A, LATER, Stage.SEALED, "FAILED"),
        (B, LATER, Stage.UNFINISHED, None),
        (excluded, None, Stage.EXCLUDED, None),
        (failed, None, Stage.NOT_BEGUN, None),
    }
    assert campaign.entries[0].run_id == LATER
    reports = {e.run_id: e.reports for e in campaign.entries if e.organisation_bin == A}
    assert reports == {RUN: ("report.html",), LATER: ("report.html", "report.pdf")}


@pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.FAILED])
def test_a_run_tells_where_it_was_and_why_it_did_not_pass(tmp_path: Path, outcome: Outcome) -> None:
    pack = Place(tmp_path).seal(outcome=outcome).pack
    said = json.loads((pack / EVIDENCE / "run.json").read_bytes())
    [entry] = entries(tmp_path)
    assert entry.where == "на эмуляторе"
    assert entry.environment == Environment(said["target"])
    reasons = "; ".join(said["verdict"]["reasons"])
    assert reasons
    assert entry.reason == (reasons if outcome is Outcome.FAILED else None)


def test_a_run_that_had_nothing_to_do_says_so(tmp_path: Path) -> None:
    evidence = Place(tmp_path).seal().pack / EVIDENCE
    (evidence / "state" / "diff.json").write_bytes(b"[]")
    edit_json(evidence / "run.json", lambda run: run["session"].update(nothing_to_do=True))
    [entry] = entries(tmp_path)
    assert entry.changes == ("Ничего: всё уже было так, как заказано",)


BEFORE, GRANTED = states(A)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (BEFORE, GRANTED, ("Дан доступ: во всех четырёх блоках",)),
        (
            BEFORE,
            BEFORE.with_grant(AccessBlock.DOCUMENTS_LIST, 0, granted=True),
            ("Дан доступ: к перечислению документов организации",),
        ),
        (
            GRANTED,
            GRANTED.with_grant(AccessBlock.DOCUMENTS_ACCESS, 0, granted=False),
            ("Отозван доступ: к документам организации",),
        ),
        (
            BEFORE,
            AccessSettings({**BEFORE.body, "somethingNew": 1}),
            ("Другие поля настроек: 1",),
        ),
        (GRANTED, GRANTED, ()),
    ],
)
def test_what_moved_is_told_by_block(
    tmp_path: Path, before: AccessSettings, after: AccessSettings, said: tuple[str, ...]
) -> None:
    place = Place(tmp_path)
    diff = place.seal().pack / EVIDENCE / "state" / "diff.json"
    diff.write_bytes(canonical_json(differences(before, after)))
    assert [entry.changes for entry in entries(tmp_path)] == [said]


@pytest.mark.parametrize(
    ("saved", "said"),
    [
        ("no", None),
        ("yes", ("Сохранено; что изменилось, не сличено",)),
        ("unknown", ("Сохранено ли, неизвестно",)),
        (["yes"], None),
    ],
)
def test_a_run_that_ended_early_tells_no_more_than_whether_it_saved(
    tmp_path: Path, saved: object, said: tuple[str, ...] | None
) -> None:
    evidence = Place(tmp_path).seal().pack / EVIDENCE
    (evidence / "state" / "diff.json").unlink()
    edit_json(evidence / "run.json", lambda run: run.update(saved=saved))
    [entry] = entries(tmp_path)
    assert (entry.verdict, entry.changes, entry.system) == ("PASSED", said, SYSTEM)


def spoil_attestation(pack: Path) -> None:
    (pack / ATTESTATION).write_bytes(b"{}")


def swell(pack: Path) -> None:
    with (pack / ATTESTATION).open("r+b") as file:
        file.truncate(9 << 20)


def remove(pack: Path) -> None:
    shutil.rmtree(pack / EVIDENCE)
    (pack / ATTESTATION).unlink()


@pytest.mark.parametrize("harm", [spoil_attestation, swell, remove])
def test_a_pack_that_cannot_be_read_is_listed_as_such(
    tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    harm(Place(tmp_path).seal().pack)
    [entry] = entries(tmp_path)
    assert (entry.stage, entry.verdict) == (Stage.UNREADABLE, None)


@pytest.mark.parametrize("value", [b"[1]", b"null", b"{", b'{"information_system":7}'])
def test_evidence_of_another_shape_is_left_out(tmp_path: Path, value: bytes) -> None:
    pack = Place(tmp_path).seal().pack
    for name in ("order.json", "state/diff.json"):
        (pack / EVIDENCE / name).write_bytes(value)
    [entry] = entries(tmp_path)
    assert (entry.verdict, entry.changes) == ("PASSED", None)


def test_links_and_other_folders_are_not_followed(tmp_path: Path) -> None:
    outputs = tmp_path / "outputs"
    place = Place(outputs)
    place.seal()
    (outputs / "заметки").mkdir()
    (outputs / "другая").symlink_to(place.campaign)
    (place.campaign / B).symlink_to(place.campaign / A)
    (place.campaign / A / "ещё").symlink_to(place.campaign / A / RUN)
    assert [e.place for e in entries(outputs)] == [f"{CAMPAIGN}/{A}/{RUN}"]


def test_a_sealed_pack_is_read_once(tmp_path: Path) -> None:
    """After each of five hundred runs the list is made anew: it must not read all of them."""
    place = Place(tmp_path)
    first = place.seal().pack
    outputs = Outputs(tmp_path)
    before = outputs.campaigns()
    shutil.rmtree(first / EVIDENCE)
    place.seal(B)
    [campaign] = outputs.campaigns()
    assert set(before[0].entries) < set(campaign.entries)
    assert len(campaign.entries) == 2


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Укажите папку"):
        Outputs(tmp_path / "nothing")
