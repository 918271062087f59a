"""What lies in a pack or a campaign may be anything: no command lets it steer the terminal, hangs
on it, shows a traceback, or adds to a sealed pack."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from sigex_runbook.cli.main import main
from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.pack.draft import PackDraft
from tests.sigex_runbook.evidence.corpus.forgery import reseal, trust_file
from tests.sigex_runbook.evidence.sealed import DOT, RUN, A, Place

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no such names and no pipes")

ESCAPE = "\x1b[2K\rVERIFIED\nVERIFIED\x9b31m\u202e"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    one = Place(tmp_path / "outputs")
    one.seal()
    one.close()
    return one


def pack_of(place: Place) -> Path:
    return place.campaign / A / RUN


def sealed_anew(place: Place, **changes: str) -> None:
    """As whoever holds the key can, or somebody without it: the names are read before its check."""
    reseal(place, pack_of(place), stamped=False, change=lambda s: replace(s, **changes))  # type: ignore[arg-type]


def commands(place: Place, folder: Path) -> list[list[str]]:
    """Every command that reads a pack or a campaign, with what it writes in that folder."""
    pack, trust = str(pack_of(place)), ["--trust", str(trust_file(place))]
    return [
        ["verify", pack, *trust],
        ["verify", pack, *trust, "--json"],
        ["verify", str(place.campaign), *trust],
        ["verify", str(place.campaign), *trust, "--json"],
        ["export", pack, *trust, "--format", "oscal", "--out", str(folder / "oscal.json")],
        ["reperform", pack, *trust, "--check", str(folder / "no answer")],
        ["report", pack, "--output", str(folder / "report.html")],
        ["index", str(place.outputs), *trust],
    ]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    told = capsys.readouterr()
    return told.out + told.err


@pytest.mark.parametrize(
    "spoil",
    [
        lambda place: (pack_of(place) / "evidence" / ESCAPE).write_bytes(b""),
        lambda place: (pack_of(place) / ESCAPE).write_bytes(b""),
        lambda place: (place.campaign / ESCAPE).write_bytes(b""),
        lambda place: (place.campaign / A / ESCAPE / "evidence").mkdir(parents=True),
        lambda place: sealed_anew(place, verdict=ESCAPE),
        lambda place: sealed_anew(place, campaign=ESCAPE),
    ],
    ids=["evidence", "pack", "campaign", "run", "verdict", "another campaign"],
)
def test_a_name_does_not_steer_the_terminal(
    place: Place,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    spoil: Callable[[Place], object],
) -> None:
    spoil(place)
    for words in commands(place, tmp_path):
        main(words)
        told = said(capsys)
        lines = told.split("\n")
        assert all(unicodedata.category(c) != "Cc" for line in lines for c in line), words
        assert "\u202e" not in told
        assert not any(line.startswith("VERIFIED") for line in lines), words


def test_a_name_in_json_keeps_its_value(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (pack_of(place) / "evidence" / ESCAPE).write_bytes(b"")
    capsys.readouterr()
    assert main(["verify", str(pack_of(place)), "--trust", str(trust_file(place)), "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert f"evidence/{ESCAPE}" in {one["place"] for one in found}


@pytest.mark.parametrize(
    "name", [ATTESTATION, "evidence/run.json", "evidence/state/after.json", "attestation.tsr"]
)
def test_a_pipe_in_place_of_a_file_is_not_waited_for(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    path = pack_of(place) / name
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    for words in commands(place, tmp_path):
        code = main(words)
        told = said(capsys)
        assert code != 0 or words[0] == "report", told
        assert "Ошибка программы" not in told


@pytest.mark.parametrize("where", ["evidence", ".."])
def test_a_name_that_is_no_text_is_found_and_listed(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    try:
        os.mkdir(os.fsencode(pack_of(place) / where) + b"/\xff")  # noqa: PTH102 - bytes
    except OSError:
        pytest.skip("this file system takes no such name")
    if where == "evidence":
        (pack_of(place) / where / os.fsdecode(b"\xff") / "file").write_bytes(b"")
    for words in commands(place, tmp_path):
        main(words)
        assert "Ошибка программы" not in said(capsys), words


def test_an_organisation_of_any_length_is_a_finding(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sealed_anew(place, organisation_bin="1" * 100)
    for words in commands(place, tmp_path):
        main(words)
        assert "Ошибка программы" not in said(capsys), words


def test_a_report_is_not_put_into_a_sealed_pack(
    place: Place,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pack = pack_of(place)
    before = sorted(pack.rglob("*"))
    monkeypatch.chdir(pack)
    assert main(["report", "."]) == 2, "by default it goes into the current folder"
    assert "внутри заверенного пакета" in said(capsys)
    assert main(["report", str(pack), "--output", str(pack / "evidence" / "r.html")]) == 2
    assert sorted(pack.rglob("*")) == before
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(pack)]) == 0


def test_a_trust_file_that_is_no_text_is_told_in_russian(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trust = tmp_path / "bytes.json"
    trust.write_bytes(b"\xff\xfe{}")
    assert main(["verify", str(pack_of(place)), "--trust", str(trust)]) == 2
    told = said(capsys)
    assert "текст не в UTF-8" in told
    assert "codec" not in told


@pytest.mark.parametrize("depth", [400, 100_000])
@pytest.mark.parametrize("name", ["run.json", "state/after.json", "steps.ndjson"])
def test_lists_in_lists_without_end_are_a_finding(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, depth: int
) -> None:
    def edit(pack: Path) -> None:
        path = pack / "evidence" / name
        data = path.read_bytes().strip() if path.exists() else b"{}"
        nested = b"[" * depth + b"]" * depth
        path.write_bytes(data[:-1] + b',"zz":' + nested + b"}")

    reseal(place, pack_of(place), edit, stamped=False, reported=False)
    for words in commands(place, tmp_path):
        code = main([*words, "--pictures"] if words[0] == "verify" else words)
        told = said(capsys)
        assert "Ошибка программы" not in told, words
        assert code or words[0] in ("report", "index"), told


def test_a_picture_that_does_not_open_is_a_finding_of_ocr(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tesserocr")
    screen = pack_of(place) / "evidence/screens/002-raw.png"
    cut = screen.read_bytes()[:60]
    huge = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0\0\xea\x60" * 2 + cut[24:]
    for data in (cut, huge):
        reseal(
            place,
            pack_of(place),
            lambda _, data=data: screen.write_bytes(data),  # type: ignore[misc]
            stamped=False,
        )
        code = main(["verify", str(pack_of(place)), "--trust", str(trust_file(place)), "--ocr"])
        told = said(capsys)
        assert (code, "E_LEAK evidence/screens/002-raw.png" in told) == (1, True), told


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59", "9999-12-31T23:59:59-14:00"])
def test_a_moment_at_the_end_of_the_calendar_is_refused(
    place: Place, capsys: pytest.CaptureFixture[str], at: str
) -> None:
    words = ["verify", str(pack_of(place)), "--trust", str(trust_file(place)), "--at", at]
    assert main(words) == 2
    assert "не время" in said(capsys)


@pytest.mark.parametrize("kinds", [("raw",), ("raw", "annotated")])
def test_a_picture_whose_storing_was_broken_off_is_no_forgery(
    tmp_path: Path, kinds: tuple[str, ...]
) -> None:
    """A run that is stopped between a picture and its description leaves the picture alone."""

    def finish(draft: PackDraft) -> None:
        number = 1 + max(
            int(one.stem) for one in (draft.folder / "evidence/screens").glob("*.json")
        )
        for kind in kinds:
            draft.write_bytes(f"screens/{number:03d}-{kind}.png", DOT)

    one = Place(tmp_path / "outputs")
    one.seal(outcome=Outcome.FAILED, finish=finish)
    assert not one.verify(pack_of(one), pictures=True).findings
    one.seal(
        run=f"{RUN}b",
        outcome=Outcome.FAILED,
        finish=lambda d: d.write_bytes("screens/099-raw.png", DOT),
    )
    found = one.verify(one.campaign / A / f"{RUN}b", pictures=True).findings
    assert {str(finding.code) for finding in found} == {"E_PICTURE"}
