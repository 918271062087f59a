"""Every way of spoiling a sealed pack is found, by two verifiers that share no code."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from securesystemslib.signer import CryptoSigner

from sigex_runbook.core.errors import RunFailed, UsageError
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.attest.seal_files import TOKEN
from sigex_runbook.evidence.attest.statement import ATTESTATION
from sigex_runbook.evidence.attest.trust import public_pem
from sigex_runbook.evidence.pack.canonical import canonical_json
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.sealing.signed_pdf import certify
from sigex_runbook.evidence.verify.campaign import verify_campaign
from sigex_runbook.evidence.verify.wording import pack_json
from tests.sigex_runbook.evidence.material import empty_pdf
from tests.sigex_runbook.evidence.sealed import RUN, SIGNER, STRANGER, A, B, Place, codes

from .forgery import edit_json, reseal, reshape, swap
from .judging import OTHER_RUN, judge, pack_of


def test_an_untouched_pack_is_verified(place: Place, record_property: Any) -> None:
    for pack in (pack_of(place), pack_of(place, B), pack_of(place, A, OTHER_RUN)):
        verification = judge(place, pack)
        assert (verification.findings, verification.status) == ((), Status.VERIFIED)
        assert (verification.signed_by, verification.pinned) == (SIGNER.public_key.keyid, True)
    campaign = verify_campaign(place.campaign, place.question(head=place.heads[-1]))
    assert (campaign.findings, campaign.notes, campaign.status) == ((), (), Status.VERIFIED)


Case = tuple[str, Callable[[Place, Path], object], set[str]]


def _forge_key_id(place: Place, pack: Path) -> None:
    reseal(place, pack, signer=STRANGER)
    (pack / "evidence" / "key.pem").write_text(public_pem(STRANGER.public_key))

    def forge(raw: dict[str, Any]) -> None:
        raw["signatures"][0]["keyid"] = SIGNER.public_key.keyid

    edit_json(pack / ATTESTATION, forge)


def _as_a(place: Place, pack: Path) -> None:
    shutil.rmtree(pack)
    shutil.copytree(pack_of(place, B), pack)


def _other_run(pack: Path) -> None:
    shutil.rmtree(pack)
    shutil.copytree(pack.with_name(OTHER_RUN), pack)


def _linked_evidence(place: Place, pack: Path) -> None:
    (pack / "evidence").rename(place.outputs.parent / "ev")
    (pack / "evidence").symlink_to(place.outputs.parent / "ev")


def _foreign_picture(place: Place, pack: Path) -> None:
    for name in ("006-raw.png", "006-annotated.png", "006.json"):
        shutil.copy(pack_of(place, B) / "evidence/screens" / name, pack / "evidence/screens")
    edit_json(
        pack / "evidence/screens/006.json",
        lambda raw: raw["facts"].update(run_id="20261125T000000Z-0000"),
    )


def _report(data: bytes) -> Callable[[Place, Path], object]:
    """A pack with that report, sealed anew by the key's owner."""

    def spoil(place: Place, pack: Path) -> None:
        reseal(place, pack, lambda own: (own / "evidence/report.pdf").write_bytes(data))

    return spoil


def _twin(place: Place, pack: Path) -> None:
    (pack / "evidence" / "RUN.json").write_text("{}")


def _other_form(place: Place, pack: Path) -> None:
    import unicodedata

    one = next((pack / "evidence/features").iterdir())
    one.with_name(unicodedata.normalize("NFD", "раздел 4й.feature")).write_text("")
    one.with_name("раздел 4й.feature").write_text("")


def _deep(place: Place, pack: Path) -> None:
    folder = pack / "evidence"
    for _ in range(30):
        folder /= "d"
        folder.mkdir()


def _swollen(place: Place, pack: Path) -> None:
    with (pack / "evidence" / "run.json").open("r+b") as file:
        file.truncate(1 << 40)  # a file with a hole: a terabyte to whoever reads it


def _subject(name: str) -> Callable[[Place, Path], object]:
    """A statement that lists a path outside of the pack, signed by the key's owner."""

    def spoil(place: Place, pack: Path) -> None:
        reseal(
            place,
            pack,
            change=lambda s: replace(
                s, subjects=tuple(sorted((*s.subjects, replace(s.subjects[0], name=name))))
            ),
        )

    return spoil


def _padding(raw: dict[str, Any]) -> dict[str, Any]:
    text = raw["signatures"][0]["sig"]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = text.rstrip("=")[-1]
    other = alphabet[alphabet.index(last) ^ 1]
    changed = text.rstrip("=")[:-1] + other + "=="
    assert base64.b64decode(changed) == base64.b64decode(text)
    raw["signatures"][0]["sig"] = changed
    return raw


def _double(place: Place, pack: Path) -> None:
    path = pack / ATTESTATION
    path.write_bytes(path.read_bytes().replace(b"{", b'{"payloadType":"x",', 1))


def _link(place: Place, pack: Path) -> None:
    path = pack / "evidence/run.json"
    path.rename(place.outputs.parent / "elsewhere")
    path.symlink_to(place.outputs.parent / "elsewhere")


def _put(name: str) -> Callable[[Place, Path], object]:
    def put(_: Place, pack: Path) -> None:
        (pack / name).parent.mkdir(parents=True, exist_ok=True)
        (pack / name).write_text("x")

    return put


CASES: list[Case] = [
    ("dotfile", lambda _, p: (p / "evidence/.x").write_text(""), {"E_EXTRA"}),
    ("empty folder", lambda _, p: (p / "evidence/new").mkdir(), {"E_EXTRA"}),
    *(
        (f"nearly the system's: {name}", _put(name), {"E_EXTRA"})
        for name in (
            *("evidence/DS_Store", "evidence/Thumbs.db.png", "evidence/screens/._", "_.x"),
            *("evidence/thumb\u017f.db", "evidence/des\u212atop.ini"),  # ſ, and the kelvin's K
        )
    ),
    *(
        (f"the system's in a folder of somebody's: {name}", _put(f"evidence/{name}"), {"E_EXTRA"})
        for name in (
            *("new/.DS_Store", "new/.ipynb_checkpoints/a-checkpoint.png"),
            *(".ipynb_checkpoints/.DS_Store", ".ipynb_checkpoints/report.html"),
        )
    ),
    (
        "a folder called as the system's file",
        lambda _, p: (p / "evidence/Thumbs.db").mkdir(),
        {"E_EXTRA"},
    ),
    ("a folder beside, called so", lambda _, p: (p / "._evidence").mkdir(), {"E_EXTRA"}),
    ("a pipe called so", lambda _, p: os.mkfifo(p / "evidence/.DS_Store"), {"E_PATH"}),
    (
        "a link called so",
        lambda _, p: (p / "evidence/._run.json").symlink_to("run.json"),
        {"E_PATH"},
    ),
    ("a link beside, called so", lambda _, p: (p / ".DS_Store").symlink_to("x"), {"E_PATH"}),
    ("beside evidence", lambda _, p: (p / "key.pem").write_text(""), {"E_EXTRA"}),
    ("removed", lambda _, p: (p / "evidence/steps.ndjson").unlink(), {"E_MISSING"}),
    (
        "renamed",
        lambda _, p: (p / "evidence/order.json").rename(p / "evidence/order2.json"),
        {"E_MISSING", "E_EXTRA"},
    ),
    ("attestation gone", lambda _, p: (p / ATTESTATION).unlink(), {"E_MISSING"}),
    ("evidence gone", lambda _, p: shutil.rmtree(p / "evidence"), {"E_MISSING"}),
    ("before and after swapped", lambda _, p: swap(p), {"E_DIGEST"}),
    ("swapped and sealed anew", lambda o, p: reseal(o, p, swap), {"E_STATE"}),
    ("another key", lambda o, p: reseal(o, p, signer=STRANGER), {"E_SIGNATURE"}),
    ("forged key id", _forge_key_id, {"E_SIGNATURE", "E_EXTRA"}),
    (
        "extra field",
        lambda _, p: edit_json(p / ATTESTATION, lambda raw: raw.update(note="")),
        {"E_ENVELOPE"},
    ),
    ("duplicate key", _double, {"E_JSON_DUP"}),
    (
        "other order",
        lambda _, p: reshape(p / ATTESTATION, lambda raw: dict(reversed(raw.items()))),
        {"E_NONCANONICAL"},
    ),
    (
        "blanks",
        lambda _, p: (p / ATTESTATION).write_bytes((p / ATTESTATION).read_bytes() + b"\n"),
        {"E_NONCANONICAL"},
    ),
    (
        "altered padding",
        lambda _, p: edit_json(p / ATTESTATION, _padding),
        {"E_NONCANONICAL"},
    ),
    (
        "two signatures",
        lambda _, p: edit_json(p / ATTESTATION, lambda raw: raw.update(signatures=[])),
        {"E_ENVELOPE"},
    ),
    (
        "another type",
        lambda _, p: edit_json(p / ATTESTATION, lambda raw: raw.update(payloadType="text/plain")),
        {"E_TYPE"},
    ),
    ("no JSON", lambda _, p: (p / ATTESTATION).write_bytes(b"[" * 100_000), {"E_ENVELOPE"}),
    ("pack of B shown as A", _as_a, {"E_SUBJECT_BINDING"}),
    (
        "a screenshot carried from B",
        lambda o, p: reseal(o, p, lambda pack: _foreign_picture(o, pack)),
        {"E_SUBJECT_BINDING"},
    ),
    (
        "another run shown as this one",
        lambda _, p: _other_run(p),
        {"E_SUBJECT_BINDING"},
    ),
    (
        "token of another pack",
        lambda o, p: shutil.copy(pack_of(o, B) / TOKEN, p / TOKEN),
        {"E_TIMESTAMP"},
    ),
    ("token gone", lambda _, p: (p / TOKEN).unlink(), {"E_TIMESTAMP"}),
    ("token is no token", lambda _, p: (p / TOKEN).write_bytes(b"x"), {"E_TIMESTAMP"}),
    ("link", _link, {"E_PATH"}),
    (
        "report certified by another key",
        _report(certify(empty_pdf(), STRANGER)),
        {"E_PDF_COVERAGE"},
    ),
    (
        "report certified by another kind of key",
        _report(certify(empty_pdf(), CryptoSigner.generate_ecdsa())),
        {"E_PDF_COVERAGE"},
    ),
    (
        "bytes after the report's end",
        _report(certify(empty_pdf(), SIGNER) + b" "),
        {"E_PDF_COVERAGE"},
    ),
    ("report that nobody certified", _report(empty_pdf()), {"E_PDF_COVERAGE"}),
    ("path above", _subject("evidence/../x"), {"E_PATH"}),
    ("absolute path", _subject("/etc/passwd"), {"E_PATH"}),
    ("path of another system", _subject("evidence/..\\x"), {"E_PATH"}),
    ("twin by case", _twin, {"E_PATH", "E_EXTRA"}),
    ("twin by Unicode form", _other_form, {"E_PATH", "E_EXTRA"}),
    ("endless folders", _deep, {"E_EXTRA"}),
    ("swollen file", _swollen, {"E_DIGEST"}),
    ("pipe", lambda _, p: os.mkfifo(p / "evidence/pipe"), {"E_PATH"}),
    (
        "evidence is a link",
        _linked_evidence,
        {"E_PATH", "E_MISSING"},
    ),
]


@pytest.mark.parametrize(("name", "spoil", "expected"), CASES, ids=[case[0] for case in CASES])
def test_a_spoiled_pack_is_found(
    place: Place,
    name: str,
    spoil: Callable[[Place, Path], object],
    expected: set[str],
    record_property: Any,
) -> None:
    spoil(place, pack_of(place))
    verification = judge(place)
    assert verification.status is Status.FAILED
    assert expected <= codes(verification), verification.findings
    for finding in verification.findings:
        assert str(finding).endswith(".")
    record_property("corpus: other ways of spoiling, all found by both", 1)


SYSTEMS = (
    *(".DS_Store", "desktop.ini", "Thumbs.db", "._attestation.dsse.json"),
    *("evidence/.DS_Store", "evidence/screens/THUMBS.DB", "evidence/screens/Desktop.ini"),
    *("evidence/._run.json", "evidence/state/.ds_store", "evidence/api/._001.json"),
    "evidence/._two\nlines",
    *(
        "evidence/.ipynb_checkpoints/report-checkpoint.html",
        "evidence/screens/.ipynb_checkpoints/a-checkpoint",
    ),
)


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_finder_and_explorer_leave_is_told_and_counted_apart(place: Place, name: str) -> None:
    pack = pack_of(place)
    (pack / name).parent.mkdir(exist_ok=True)
    (pack / name).write_bytes(b"" if "DS" in name else b"Bud1")
    verification = judge(place)
    assert (verification.findings, verification.status) == ((), Status.VERIFIED)
    assert verification.system_files == (name,)
    assert pack_json("", verification)["system_files"] == [name]
    assert any("сделала система" in note and name in note for note in verification.notes)
    (pack / "evidence/added.png").write_bytes(b"x")
    spoiled = judge(place)
    assert [(one.code, one.place) for one in spoiled.findings] == [
        ("E_EXTRA", "evidence/added.png")
    ]
    assert spoiled.system_files == (name,)


def test_a_folder_looked_at_while_a_run_lasts_is_sealed_without_the_systems_files(
    tmp_path: Path,
) -> None:
    def looked_at(draft: PackDraft) -> None:
        for place in (draft.folder, draft.evidence, draft.evidence / "screens"):
            (place / ".DS_Store").write_bytes(b"Bud1")

    place = Place(tmp_path / "outputs")
    sealed = place.seal(finish=looked_at)
    verification = judge(place, sealed.pack)
    assert (verification.findings, len(verification.system_files)) == ((), 3)


def test_the_sealed_anew_are_found_without_the_ledgers_help(place: Place) -> None:
    """With the head that the forger himself gives out, the evidence alone must not fit."""
    for spoil in (swap, lambda pack: _foreign_picture(place, pack)):
        head = reseal(place, pack_of(place), spoil)
        verification = judge(place, head=head)
        assert codes(verification) <= {"E_STATE", "E_SUBJECT_BINDING", "E_TIME_SKEW"}
        assert verification.status is Status.FAILED


def test_what_was_asked_for_must_be_what_is_sealed(place: Place) -> None:
    pack = pack_of(place)
    head = place.heads[-1]
    for asked in ({"organisation": B}, {"run": OTHER_RUN}):
        assert codes(place.verify(pack, head=head, **asked)) == {"E_SUBJECT_BINDING"}
    assert place.verify(pack, head=head, organisation=A, run=RUN).status is Status.VERIFIED


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v["run.json"].update(verdict={**v["run.json"]["verdict"], "kind": "PARTIAL"}),
        lambda v: v["verification.json"]["checks"].pop(),
        lambda v: v["verification.json"]["probes"][0].update(answer="served"),
        lambda v: v["state/diff.json"].pop(),
        lambda v: v["state/after.json"].update(dataArchiveQuota=1),
        lambda v: v["run.json"]["steps"].update(passed=1),
    ],
    ids=["verdict", "check", "probe", "diff", "after", "count"],
)
def test_a_verdict_must_follow_from_the_files(
    place: Place, change: Callable[[dict[str, Any]], object]
) -> None:
    def plainly(values: dict[str, Any]) -> None:
        for name in values.keys() - {"steps"}:
            values[name] = json.loads(canonical_json(values[name]))
        change(values)

    with pytest.raises(RunFailed, match="E_STATE"):
        place.seal(B, OTHER_RUN, change=plainly)


def test_a_folder_that_is_no_pack_is_not_judged(place: Place, tmp_path: Path) -> None:
    import zipfile

    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("evidence/run.json", b"0" * 50_000_000)
    for nothing in (bomb, tmp_path / "none", place.campaign / A):
        with pytest.raises(UsageError, match="не пакет"):
            place.verify(nothing)
