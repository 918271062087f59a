"""A pack is gathered in a draft, written once, and appears in one piece or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.pack.captures import store_capture, store_failure, stored_captures
from sigex_runbook.evidence.pack.draft import NotPlaced, PackDraft
from sigex_runbook.evidence.pack.place import PackPlace
from sigex_runbook.evidence.privacy.redaction import Redactor
from tests.sigex_runbook.evidence.material import (
    KEY,
    ORGANISATION,
    PERSON,
    facts,
    failure,
    page_png,
    step,
)

RUN = "20261123T230102Z-7f3a"


@pytest.fixture
def draft(tmp_path: Path) -> PackDraft:
    return PackDraft.create(tmp_path, "2026-весна", ORGANISATION, RUN)


def final_of(draft: PackDraft) -> Path:
    return draft.folder.with_name(RUN)


def test_the_draft_lies_beside_its_final_place(tmp_path: Path, draft: PackDraft) -> None:
    assert draft.folder == tmp_path / "2026-весна" / ORGANISATION.text / f"{RUN}.partial"
    assert draft.evidence.is_dir()
    assert draft.run_id == RUN


def test_what_is_written_is_read_back(draft: PackDraft) -> None:
    draft.write_json("state/before.json", {"б": [1, None]})
    draft.write_text("features/раздел 1.feature", "строка\n")
    draft.write_bytes("a.bin", b"\x00\r\n")
    assert draft.read_json("state/before.json") == {"б": [1, None]}
    assert draft.read_text("features/раздел 1.feature") == "строка\n"
    assert draft.read_bytes("a.bin") == b"\x00\r\n"
    assert draft.exists("a.bin")
    assert not draft.exists("b.bin")


@pytest.mark.parametrize("data", [b"{", b"\xff"])
def test_broken_json_is_told_in_russian(draft: PackDraft, data: bytes) -> None:
    draft.write_bytes("broken", data)
    with pytest.raises(RunFailed) as refused:
        draft.read_json("broken")
    assert str(refused.value) == (
        "broken в папке запуска повреждён: это не JSON. Повторите запуск."
    )


def test_a_pack_moves_in_one_piece(draft: PackDraft) -> None:
    draft.write_json("run.json", {})
    draft.append_step(step())
    store_capture(draft, page_png(), facts())
    draft.sync()
    final = draft.place()
    assert final == final_of(draft) == draft.folder
    assert sorted(path.name for path in final.parent.iterdir()) == [RUN]
    assert sorted(p.relative_to(final).as_posix() for p in final.rglob("*.*")) == [
        "evidence/run.json",
        "evidence/screens/006-annotated.png",
        "evidence/screens/006-raw.png",
        "evidence/screens/006.json",
        "evidence/steps.ndjson",
    ]


def test_a_draft_knows_whose_it_is(draft: PackDraft) -> None:
    home = PackPlace(draft.folder.parents[1], ORGANISATION.text, RUN)
    assert (draft.home, home.campaign.name) == (home, "2026-весна")


def test_another_process_takes_its_turn(draft: PackDraft) -> None:
    draft.append_step(step(1))
    other = PackDraft.open(draft.folder)
    other.append_step(step(2, Outcome.FAILED, message="Галочка не встала."))
    draft.append_step(step(3, Outcome.NOT_RUN))
    other.write_text("report.html", "<p>")
    assert other.read_steps() == [
        step(1),
        step(2, Outcome.FAILED, message="Галочка не встала."),
        step(3, Outcome.NOT_RUN),
    ]


def test_without_steps_and_pictures_there_are_none(draft: PackDraft) -> None:
    assert draft.read_steps() == []
    assert stored_captures(draft, 4) == []


def test_a_rename_that_fails_loses_nothing(
    draft: PackDraft, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft.write_json("run.json", {})

    def held(*_: object) -> None:
        raise PermissionError(13, "held by another program")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", held)
        with pytest.raises(RunFailed, match="нет прав"):
            draft.place()
    assert draft.exists("run.json")
    assert draft.place() == final_of(draft)


def test_an_existing_pack_is_never_replaced(tmp_path: Path, draft: PackDraft) -> None:
    draft.write_json("run.json", {})
    final_of(draft).mkdir()
    with pytest.raises(NotPlaced, match="уже есть"):
        draft.place()
    assert draft.exists("run.json")
    with pytest.raises(UsageError, match="уже есть"):
        PackDraft.create(tmp_path, "2026-весна", ORGANISATION, RUN)


def test_an_unfinished_run_is_not_taken_over(tmp_path: Path, draft: PackDraft) -> None:
    with pytest.raises(UsageError, match="Незавершённый"):
        PackDraft.create(tmp_path, "2026-весна", ORGANISATION, RUN)


def test_only_a_draft_can_be_opened(tmp_path: Path, draft: PackDraft) -> None:
    final = draft.place()
    for folder in (tmp_path, final, tmp_path / "absent.partial"):
        with pytest.raises(UsageError, match="незавершённого"):
            PackDraft.open(folder)


def test_nothing_is_added_to_a_finished_pack(draft: PackDraft) -> None:
    draft.place()
    for write in (
        lambda: draft.write_json("a.json", 1),
        lambda: draft.append_step(step()),
        draft.place,
    ):
        with pytest.raises(RunFailed, match="завершён"):
            write()


def test_what_is_written_once_stays(draft: PackDraft) -> None:
    draft.write_text("a.txt", "first")
    with pytest.raises(RunFailed, match="не переписывается"):
        draft.write_text("a.txt", "second")
    assert draft.read_text("a.txt") == "first"
    draft.write_text("a.txt", "second", overwrite=True)
    assert draft.read_text("a.txt") == "second"


@pytest.mark.parametrize(
    "relative",
    [
        "",
        ".",
        "..",
        "../x",
        "a/../x",
        "/etc/x",
        "a//b",
        "a/",
        "C:/x",
        "a\\b",
        "a:b",
        "nul",
        "CON.txt",
        "a.",
        "a ",
        " a",
        "a\nb",
        "a\x00b",
        "и\u0306",
    ],
)
def test_paths_that_leave_the_pack_or_break_elsewhere_are_refused(
    draft: PackDraft, relative: str
) -> None:
    with pytest.raises(RunFailed, match="не годится"):
        draft.write_text(relative, "x")


def test_a_link_inside_the_pack_is_not_followed(tmp_path: Path, draft: PackDraft) -> None:
    (draft.evidence / "state").symlink_to(tmp_path)
    with pytest.raises(RunFailed, match="ссылка"):
        draft.write_text("state/x.json", "x")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "a:b", "nul", "COM1", "a.", "-a", "a b", "x" * 81, "a\n"]
)
def test_names_are_checked(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="не годится"):
        PackDraft.create(tmp_path, name, ORGANISATION, RUN)
    with pytest.raises(UsageError, match="не годится"):
        PackDraft.create(tmp_path, "campaign", ORGANISATION, name)
    assert list(tmp_path.iterdir()) == []


def test_a_run_may_not_be_named_like_a_draft(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.partial"):
        PackDraft.create(tmp_path, "campaign", ORGANISATION, "a.partial")


def test_an_output_folder_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("")
    with pytest.raises(UsageError, match="создать нельзя"):
        PackDraft.create(tmp_path / "outputs", "campaign", ORGANISATION, RUN)


def test_broken_evidence_is_named(draft: PackDraft) -> None:
    draft.write_text("a.json", "{")
    draft.write_text("steps.ndjson", '{"step":')
    with pytest.raises(RunFailed, match=r"a\.json"):
        draft.read_json("a.json")
    with pytest.raises(RunFailed, match=r"steps\.ndjson"):
        draft.read_steps()
    with pytest.raises(RunFailed, match=r"b\.json"):
        draft.read_json("b.json")


def test_with_a_redactor_no_persons_number_is_written(tmp_path: Path) -> None:
    draft = PackDraft.create(tmp_path, "c", ORGANISATION, RUN, Redactor(ORGANISATION, KEY))
    draft.write_json("a.json", {"who": PERSON, f"IIN{PERSON}": int(PERSON)})
    draft.write_text("b.txt", f"ИИН {PERSON}")
    draft.append_step(step(message=f"у {PERSON} нет права", outcome=Outcome.FAILED))
    store_capture(draft, page_png(), facts(identity=f"Иванов, {PERSON}", title=PERSON))
    store_failure(draft, page_png(), failure(f"ИИН {PERSON}", message=PERSON, title=PERSON))
    final = draft.place()
    for path in final.rglob("*"):
        if path.is_file():
            assert PERSON.encode() not in path.read_bytes()
    assert "ИИН-" in json.loads((final / "evidence/screens/006.json").read_text())["facts"]["title"]
