"""What the key's owner can tell of the operator's locators, against the file that lies there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.pack.canonical import sha256_hex
from sigex_runbook.evidence.pack.layout import LOCATORS, RUN
from sigex_runbook.evidence.verify import wording
from sigex_runbook.evidence.verify.campaign import verify_campaign
from sigex_runbook.evidence.verify.verification import Question
from tests.sigex_runbook.evidence.sealed import A, Place, copy

from .lying import Edit, Lie, at, both, found_by_both, told, with_file, without

FILE = """\
format: sigex-locators/1
controls:
  save_button: {css: "#save"}   # menu_icon: not this one
blocks:
  documentsAccess: {list: {css: ".systems"}, header: {name: "/документ/"}}
answers:
  - {question: "Сохранить?", answer: "да"}
""".encode()
POINTED = ["controls.save_button", "blocks.documentsAccess.header", "blocks.documentsAccess.list"]


def recorded(content: bytes = FILE, **changes: Any) -> Edit:
    said = {"sha256": sha256_hex(content), "pointed": POINTED, "answers": 1, **changes}
    return at(RUN, lambda run: run.update(locators=said))


def as_run(values: dict[str, Any]) -> None:
    said = {"sha256": sha256_hex(FILE), "pointed": POINTED, "answers": 1}
    values[RUN]["locators"] = said


@pytest.fixture(scope="module")
def overridden(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """One pack of a run with locators of the operator's; never changed."""
    place = Place(tmp_path_factory.mktemp("overridden") / "outputs")
    place.seal(change=as_run, files={LOCATORS: FILE})
    place.close()
    return place


def instead(content: bytes, **changes: Any) -> Edit:
    """Another file, with the digest that fits."""
    return both(with_file(LOCATORS, content), recorded(content, **changes))


OTHER = FILE.replace(b"save_button", b"menu_icon").replace(b"# menu_icon", b"# save_button")
LIES = [
    Lie("another digest", recorded(sha256="0" * 64), RUN, "SHA-256 файла указаний"),
    Lie("another file", with_file(LOCATORS, FILE + b"\n"), RUN, "SHA-256 файла указаний"),
    Lie("not told", at(RUN, lambda run: run.pop("locators")), LOCATORS, "ни слова"),
    Lie("no file", without(LOCATORS), RUN, "а файла их нет"),
    Lie("another control", recorded(pointed=["controls.menu_icon", *POINTED[1:]]), RUN, "следуют"),
    Lie("a control less", recorded(pointed=POINTED[1:]), RUN, "следуют"),
    Lie("a block's part less", recorded(pointed=POINTED[:2]), RUN, "следуют"),
    Lie("an answer more", recorded(answers=2), RUN, "следуют"),
    Lie("another control in the file", instead(OTHER), RUN, "следуют"),
    Lie("an answer less in the file", instead(FILE.split(b"answers")[0]), RUN, "следуют"),
    Lie("another version", instead(FILE.replace(b"/1", b"/2", 1)), LOCATORS, "не принял бы"),
    Lie("no YAML", instead(FILE + b"\t[", pointed=POINTED), LOCATORS, "не принял бы"),
    Lie("endless", instead(FILE + b"#" * (64 << 10)), LOCATORS, "не принял бы"),
]


@pytest.mark.parametrize("lie", LIES[:11], ids=lambda lie: lie.name)
def test_both_verifiers_find(overridden: Place, tmp_path: Path, lie: Lie) -> None:
    found_by_both(overridden, tmp_path / "outputs", lie)


@pytest.mark.parametrize("lie", LIES[11:], ids=lambda lie: lie.name)
def test_a_file_that_no_run_takes_is_found(overridden: Place, tmp_path: Path, lie: Lie) -> None:
    """The second verifier reads no YAML."""
    found = told(copy(overridden, tmp_path / "outputs"), lie.edit).found.findings
    assert any(one.place == f"evidence/{lie.file}" and lie.what in one.what for one in found), found


def test_a_file_beside_a_run_that_had_none_is_found(sealed: Place, tmp_path: Path) -> None:
    def with_locators(evidence: Path) -> None:
        (evidence / "inputs").mkdir()
        with_file(LOCATORS, FILE)(evidence)

    lie = Lie("a file", with_locators, LOCATORS, "ни слова")
    found_by_both(sealed, tmp_path / "outputs", lie)


@pytest.mark.parametrize(
    "said",
    [
        *(1, "text", {}),
        {"sha256": sha256_hex(FILE), "pointed": None, "answers": 1},
        {"sha256": sha256_hex(FILE), "pointed": POINTED, "answers": True},
        {"sha256": sha256_hex(FILE), "pointed": [1], "answers": 1},
    ],
)
def test_a_record_built_otherwise_is_a_finding(
    overridden: Place, tmp_path: Path, said: object
) -> None:
    lie = at(RUN, lambda run: run.update(locators=said))
    found = told(copy(overridden, tmp_path / "outputs"), lie).found
    assert {one.code for one in found.findings} & {"E_TYPE", "E_STATE"}


def test_it_is_a_remark_and_no_fault(overridden: Place) -> None:
    [pack] = overridden.campaign.glob(f"{A}/*")
    found = overridden.verify(pack)
    assert (found.findings, found.status) == ((), Status.INTEGRITY_ONLY)
    [remark] = [note for note in found.notes if "Оператор" in note]
    for told_of in (*POINTED, sha256_hex(FILE), LOCATORS):
        assert told_of in remark
    assert f"  К сведению: {remark}" in list(wording.pack_lines("", found))
    answer = json.loads(json.dumps(wording.pack_json("", found)))
    assert remark in answer["notes"]
    assert answer["locators"] == {"sha256": sha256_hex(FILE), "pointed": POINTED, "answers": 1}


def test_a_campaign_says_which_packs(overridden: Place, whole: Place) -> None:
    def lines(place: Place) -> Iterator[str]:
        found = verify_campaign(place.campaign, Question(place.trust))
        return wording.campaign_lines("", found)

    [said] = [line for line in lines(overridden) if "указал оператор" in line]
    assert f"пакетов 1: {A}/" in said
    assert not any("указал оператор" in line for line in lines(whole))


def test_a_run_without_them_says_nothing(sealed: Place) -> None:
    [pack] = sealed.campaign.glob(f"{A}/*")
    found = sealed.verify(pack)
    assert wording.pack_json("", found)["locators"] is None
    assert not any("Оператор" in note for note in found.notes)
    page = (pack / "evidence" / "report.html").read_text("utf-8")
    assert "locators" not in page
    assert "указал оператор" not in page
