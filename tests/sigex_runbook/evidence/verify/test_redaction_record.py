"""redaction.json says what was removed, covered and scanned, and the verifier holds it to that."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.organisation import Bin
from sigex_runbook.core.record import Box, Outcome
from sigex_runbook.evidence.pack.captures import store_capture
from sigex_runbook.evidence.privacy.leak import Canaries, DecodingScanner
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.evidence.sealing.sealing import seal_pack
from tests.sigex_runbook.evidence.authority import TestAuthority
from tests.sigex_runbook.evidence.corpus.forgery import edit_json, reseal, second_status
from tests.sigex_runbook.evidence.corpus.second_verifier import FAILED, INTEGRITY_ONLY
from tests.sigex_runbook.evidence.material import KEY, PERSON, facts, page_png
from tests.sigex_runbook.evidence.sealed import A, Place, codes, evidence, fill

RECORD = "evidence/redaction.json"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Place:
    folder = tmp_path_factory.mktemp("redaction")
    return Place(folder / "outputs", TestAuthority.make(folder))


def record_of(pack: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((pack / RECORD).read_text("utf-8"))
    return value


def test_it_tells_what_was_done_to_each_file(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    draft = place.draft()
    redacting = type(draft).open(draft.folder, Redactor(Bin(A), KEY))
    values = evidence(A, outcome=Outcome.FAILED, whole=False)
    fill(redacting, values)
    call = next(one for name, one in evidence().items() if name.startswith("api/"))
    said = {"who": f"IIN{PERSON}", "and": PERSON, "token": "abc"}
    redacting.write_json("api/001.json", {**call, "fields": said})
    place_of_name = Box(10, 10, 100, 20)
    store_capture(
        redacting, page_png(), facts(number=7, run_id=draft.run_id, masks=(place_of_name,))
    )
    redacting.count_removed("api/001.json", {"cookie": 2})
    canaries = Canaries().plus("password", ["Aa12345678"]).plus("cookie", ["abcdefghijklmnopqrst"])
    sealer = replace(place.sealer, scanner=DecodingScanner(canaries))

    pack = seal_pack(redacting, sealer, verdict=values["run.json"]["verdict"]["kind"]).pack

    record = record_of(pack)
    assert record["removed"] == [
        {"file": "api/001.json", "rule": "cookie", "count": 2},
        {"file": "api/001.json", "rule": "iin", "count": 2},
        {"file": "api/001.json", "rule": "secret_key", "count": 1},
    ]
    assert record["masks"] == {"screens/007-raw.png": 1}
    assert record["scanner"] == {
        "version": "decoding/1",
        "secrets_of_the_run": [
            {"kind": "cookie", "count": 1},
            {"kind": "password", "count": 1},
        ],
        "pictures_read": False,
    }
    assert set(record["scanned"]) == {
        p.relative_to(pack / "evidence").as_posix()
        for p in (pack / "evidence").rglob("*")
        if p.is_file()
    } - {"redaction.json"}
    assert record["residual"] == 0
    assert "Aa12345678" not in (pack / RECORD).read_text("utf-8")
    assert place.verify(pack).findings == ()


def test_a_secret_of_the_run_stops_the_sealing(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    sealer = replace(
        place.sealer, scanner=DecodingScanner(Canaries().plus("password", ["Aa12345678"]))
    )
    with pytest.raises(RunFailed, match=r"password, evidence/note\.txt") as stopped:
        place.seal(files={"note.txt": b"QSBBYTEyMzQ1Njc4IEI="}, sealer=sealer)  # base64
    assert "Aa12345678" not in str(stopped.value)


@pytest.mark.parametrize(
    ("change", "code", "what"),
    [
        (lambda record: record.update(residual=1), "E_LEAK", "просмотр нашёл"),
        (lambda record: record["scanned"].remove("run.json"), "E_LEAK", "run.json не просмотрен"),
        (lambda record: record["masks"].update({"screens/006-raw.png": 1}), "E_LEAK", "закрытые"),
        (lambda record: record.update(format="sigex-redaction/2"), "E_TYPE", "sigex-redaction/1"),
        (lambda record: record.pop("residual"), "E_TYPE", "устроены не так"),
    ],
    ids=["residual", "unscanned", "masks", "format", "shape"],
)
def test_the_verifier_holds_the_record_to_the_files(
    made: Place, tmp_path: Path, change: Callable[[Any], object], code: str, what: str
) -> None:
    place = replace(made, outputs=tmp_path / "outputs")
    pack = place.seal().pack
    head = reseal(place, pack, lambda folder: edit_json(folder / RECORD, change))
    verification = place.verify(pack, head=head)
    assert codes(verification) == {code}
    assert what in verification.findings[0].what
    if what != "закрытые":  # that one would take the second verifier a redactor
        assert second_status(place, pack, head=head) == FAILED


def test_a_pack_without_the_record_is_incomplete(made: Place, tmp_path: Path) -> None:
    place = replace(made, outputs=tmp_path / "outputs")
    pack = place.seal().pack
    assert second_status(place, pack) == INTEGRITY_ONLY
    head = reseal(place, pack, lambda folder: (folder / RECORD).unlink())
    assert codes(place.verify(pack, head=head)) == {"E_MISSING"}
    assert second_status(place, pack, head=head) == FAILED
