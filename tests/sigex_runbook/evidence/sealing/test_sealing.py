"""Sealing records and does not veto: one bad run never keeps another from its place."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.ledger import (
    LEDGER,
    EntryKind,
    LedgerBook,
    locked_ledger,
    read_ledger,
)
from sigex_runbook.evidence.attest.statement import ATTESTATION, State
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.draft import NotPlaced, PackDraft
from sigex_runbook.evidence.pack.layout import PARTIAL
from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner
from sigex_runbook.evidence.sealing.campaign import close_campaign, standing
from sigex_runbook.evidence.sealing.sealer import SealStep
from sigex_runbook.evidence.sealing.sealing import Unsound, seal_pack, set_aside
from sigex_runbook.evidence.verify.campaign import verify_campaign
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.corpus.forgery import trust_file
from tests.sigex_runbook.evidence.corpus.second_campaign import verify_campaign as second_opinion
from tests.sigex_runbook.evidence.sealed import RUN, A, B, Place, codes, evidence, fill

LATER = "20261125T130000Z-1111"


def contradictory(draft: PackDraft) -> None:
    """Its steps are told otherwise in junit.xml."""
    draft.write_text("junit.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<a/>', overwrite=True)


def unsound(place: Place) -> PackDraft:
    kept: list[PackDraft] = []

    def finish(draft: PackDraft) -> None:
        contradictory(draft)
        kept.append(draft)

    with pytest.raises(Unsound, match="E_STATE"):
        place.seal(A, finish=finish, picture=False)
    return kept[0]


def both_hold(place: Place) -> tuple[str, ...]:
    """Both verifiers find nothing wrong with the campaign; the notes of ours."""
    found = verify_campaign(place.campaign, place.question())
    assert (found.findings, found.status) == ((), Status.INTEGRITY_ONLY)
    assert second_opinion(place.campaign, trust_file(place)) == Status.INTEGRITY_ONLY
    return found.notes


def test_what_fails_its_own_check_was_never_promised(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    draft = unsound(place)
    assert read_ledger(place.campaign) is None
    assert draft.folder.name == f"{RUN}{PARTIAL}"
    place.seal(B, picture=False)
    place.close()
    assert any(f"{RUN}{PARTIAL} (прерван при заверении)" in note for note in both_hold(place))


def test_the_own_check_knows_the_runs_secrets(tmp_path: Path) -> None:
    """They are found also in what is written after the scan."""
    place = Place(tmp_path / "outputs")
    scanner = DecodingScanner(Canaries().plus("password", ["sigex-redaction/"]))
    with pytest.raises(Unsound, match=r"E_LEAK evidence/redaction\.json"):
        place.seal(A, sealer=replace(place.sealer, scanner=scanner), picture=False)
    assert read_ledger(place.campaign) is None


def test_what_is_set_aside_has_its_line_and_its_place_in_the_list(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    draft = unsound(place)
    set_aside(draft, place.sealer)
    assert not (draft.folder / ATTESTATION).exists()
    place.seal(B, picture=False)
    closed = close_campaign(place.campaign, place.sealer)
    assert [(m.organisation_bin, m.state) for m in closed.population] == [
        (A, State.FAILED),
        (B, State.PACK),
    ]
    assert RUN in (closed.population[0].reason or "")
    told = both_hold(place)
    assert any(f"{A}/{RUN} окончен, но пакет его не заверен и отложен" in note for note in told)
    assert any(f"{A}/{RUN}{PARTIAL} (отложен)" in note for note in told)

    place.seal(A, LATER, picture=False)  # the same organisation, again and well
    closed = close_campaign(place.campaign, place.sealer)
    assert [m.state for m in closed.population] == [State.PACK] * 2
    both_hold(place)


def test_who_was_set_aside_cannot_be_left_out_of_the_list(tmp_path: Path) -> None:
    from tests.sigex_runbook.evidence.corpus.test_population import forge_population

    place = Place(tmp_path / "outputs")
    set_aside(unsound(place), place.sealer)
    place.seal(B, picture=False)
    place.close()
    forge_population(place, lambda members: members[1:])
    assert codes(verify_campaign(place.campaign, place.question())) == {"E_POPULATION"}
    assert second_opinion(place.campaign, trust_file(place)) == Status.FAILED


def promise(place: Place, draft: PackDraft) -> None:
    """What an earlier version left: a line for a pack that fails its own check."""
    attestation = (draft.folder / ATTESTATION).read_bytes()
    with locked_ledger(place.campaign) as book:
        line = book.next(EntryKind.RUN, sha256_hex(attestation), None, organisation=A, run=RUN)
        book.add(line)


def test_a_campaign_that_an_unsound_pack_had_blocked_goes_on(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    promise(place, unsound(place))
    other = place.seal(B, picture=False)
    place.close()
    assert (place.campaign / A / RUN).is_dir()
    found = dict(verify_campaign(place.campaign, place.question()).packs)
    assert codes(found[f"{A}/{RUN}"]) == {"E_STATE"}  # it is what it is
    assert found[f"{B}/{RUN}"].findings == ()
    assert place.verify(other.pack).findings == ()


def test_a_pack_that_cannot_be_moved_waits_for_the_end_of_the_campaign(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path / "outputs")
    rename = Path.rename

    def held(self: Path, target: Any) -> Path:
        if self.name == f"{RUN}{PARTIAL}" and self.parent.name == A:
            raise PermissionError(errno.EACCES, "held")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", held)
    with pytest.raises(RunFailed, match="переименует"):
        place.seal(A, picture=False)
    place.seal(B, picture=False)
    place.seal(B, LATER, picture=False)
    monkeypatch.setattr(Path, "rename", rename)
    place.close()
    assert (place.campaign / A / RUN).is_dir()
    both_hold(place)


def test_a_pack_that_nobody_could_move_is_well_once_somebody_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path / "outputs")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", full)
        with pytest.raises(NotPlaced):
            place.seal(A, picture=False)
        closed = close_campaign(place.campaign, place.sealer)
    assert [(one.state, one.run_id) for one in closed.population] == [(State.PACK, RUN)]
    (place.campaign / A / f"{RUN}{PARTIAL}").rename(place.campaign / A / RUN)
    both_hold(place)


def test_a_disk_without_rights_takes_a_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a memory stick with FAT."""

    def refuse(_: Path, __: int) -> None:
        raise PermissionError(errno.EPERM, "no rights here")

    monkeypatch.setattr(Path, "chmod", refuse)
    place = Place(tmp_path / "outputs")
    assert place.verify(place.seal(A, picture=False).pack).findings == ()


def test_what_the_ledger_promised_is_not_taken_apart_when_its_place_is_taken(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path / "outputs")

    def take(step: SealStep) -> None:
        if step is SealStep.APPENDED:
            (place.campaign / A / RUN).mkdir()

    draft = place.draft()
    fill(draft, evidence())
    with pytest.raises(NotPlaced, match="такая папка уже есть"):
        seal_pack(draft, replace(place.sealer, reached=take), verdict="PASSED")
    (place.campaign / A / RUN).rmdir()
    place.seal(B, picture=False)
    place.close()
    assert (place.campaign / A / RUN).is_dir()
    both_hold(place)


def test_a_run_set_aside_after_the_list_makes_it_incomplete(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs", TestAuthority.make(tmp_path))
    place.seal(B, picture=False)
    place.close()
    set_aside(unsound(place), place.sealer)
    ledger = read_ledger(place.campaign)
    assert ledger is not None
    found = verify_campaign(place.campaign, place.question(head=ledger.head))
    assert (found.findings, found.status) == ((), Status.INTEGRITY_ONLY)
    assert any("список неполон" in note for note in found.notes)
    trust, head = trust_file(place), ledger.head
    assert second_opinion(place.campaign, trust, head=head) == Status.INTEGRITY_ONLY


def test_who_was_set_aside_has_run_and_cannot_be_excluded(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    set_aside(unsound(place), place.sealer)
    assert standing(place.campaign).ran == {A}


def test_a_campaign_that_cannot_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigex_runbook.evidence.sealing.campaign.read_ledger", full)
    with pytest.raises(RunFailed, match="не читается"):
        standing(tmp_path)


def test_a_pack_that_is_gone_does_not_keep_the_list_from_being_sealed(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    place.seal(A, picture=False).pack.rename(tmp_path / "gone")
    place.seal(B, picture=False)
    closed = close_campaign(place.campaign, place.sealer)
    assert [m.state for m in closed.population] == [State.FAILED, State.PACK]
    assert codes(verify_campaign(place.campaign, place.question())) == {"E_POPULATION"}
    (tmp_path / "gone").rename(place.campaign / A / RUN)
    place.close()
    both_hold(place)


# The disk


def full(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, "full")


def test_a_line_for_which_there_is_no_room_leaves_the_ledger_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk takes half of what it is given and refuses the rest."""
    place = Place(tmp_path / "outputs")
    place.seal(A, picture=False)
    before = (place.campaign / LEDGER).read_bytes()
    write = os.write
    given: list[int] = []

    def half(handle: int, data: Any) -> int:
        if given:
            full()
        given.append(write(handle, bytes(data)[: len(data) // 2]))
        return given[0]

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(OSError, match="full"):
        LedgerBook(place.campaign).append(EntryKind.STAMP, "a" * 64, None)
    assert (place.campaign / LEDGER).read_bytes() == before


@pytest.mark.parametrize("where", ["ledger", "fsync"])
def test_a_full_disk_at_the_end_is_told_and_leaves_the_draft(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    place = Place(tmp_path / "outputs")
    place.seal(B, picture=False)
    with monkeypatch.context() as patch:
        if where == "ledger":
            patch.setattr("sigex_runbook.evidence.attest.ledger.append_whole", full)
        else:
            patch.setattr(os, "fsync", full)
        with pytest.raises((RunFailed, OSError)):
            place.seal(A, picture=False)
    assert (place.campaign / A / f"{RUN}{PARTIAL}" / "evidence" / "run.json").is_file()
    place.seal(A, LATER, picture=False)
    place.close()
    both_hold(place)


def test_a_line_that_is_there_is_not_taken_back_for_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network disks cannot flush a folder; the line itself is on the disk by then."""
    monkeypatch.setattr("sigex_runbook.evidence.attest.ledger.sync_folder", full)
    place = Place(tmp_path / "outputs")
    place.seal(A, picture=False)
    place.close()
    both_hold(place)


# Whose a draft is


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}


def test_a_draft_is_its_users_alone_until_it_is_sealed(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    seen: list[set[int]] = []
    pack = place.seal(A, finish=lambda draft: seen.append(modes(draft.folder))).pack
    assert seen == [{0o700, 0o600}]
    around = stat.S_IMODE(pack.parent.stat().st_mode)
    assert modes(pack) == {around, around & 0o666}
    assert modes(unsound(Place(tmp_path / "others")).folder) == {0o700, 0o600}
