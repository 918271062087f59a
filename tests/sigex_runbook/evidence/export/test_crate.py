"""An export follows from the pack alone, and another's library opens it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from rocrate.rocrate import ROCrate

from sigex_runbook.cli.main import main
from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.export.crate import METADATA
from sigex_runbook.evidence.pack.layout import EVIDENCE
from tests.sigex_runbook.evidence.sealed import RUN, A, Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "outputs")
    made.trust.save(tmp_path / "trust.json")
    return made


def export(place: Place, pack: Path, out: Path) -> int:
    trust = str(place.outputs.parent / "trust.json")
    words = ["--trust", trust, "--format", "ro-crate", "--out", str(out)]
    return main(["export", str(pack), *words])


@pytest.mark.parametrize(
    ("outcome", "status"),
    [(Outcome.PASSED, "CompletedActionStatus"), (Outcome.FAILED, "FailedActionStatus")],
)
def test_another_library_opens_the_crate_and_finds_every_file(
    place: Place, tmp_path: Path, outcome: Outcome, status: str
) -> None:
    pack = place.seal(outcome=outcome).pack
    assert export(place, pack, tmp_path / "crate") == 0
    crate: Any = ROCrate(str(tmp_path / "crate"))  # type: ignore[no-untyped-call]
    files = {entity["name"]: entity for entity in crate.get_by_type("File")}
    there = {p.relative_to(pack).as_posix() for p in pack.rglob("*") if p.is_file()}
    assert files.keys() == there
    for name, entity in files.items():
        data = (pack / name).read_bytes()
        assert entity["sha256"] == hashlib.sha256(data).hexdigest()
        assert Path(entity.source).read_bytes() == data
    action = crate.dereference("#run")
    assert action.type == "UpdateAction"
    assert action["actionStatus"] == f"http://schema.org/{status}"
    assert action["instrument"].type == "SoftwareApplication"
    assert {one["name"] for one in action["result"]} == {
        "evidence/state/after.json",
        "evidence/state/diff.json",
        "evidence/state/audit.json",
        "evidence/report.html",
    }
    assert (RUN in crate.root_dataset["name"], A in crate.root_dataset["name"]) == (True, True)


def test_the_same_pack_gives_the_same_bytes(place: Place, tmp_path: Path) -> None:
    pack = place.seal().pack
    for name in ("one", "two"):
        assert export(place, pack, tmp_path / name) == 0
    one, two = ((tmp_path / name / METADATA).read_bytes() for name in ("one", "two"))
    assert one == two
    assert str(tmp_path) not in one.decode()


def test_what_cannot_be_exported_is_refused(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pack = place.seal().pack
    assert export(place, pack, pack / "crate") == 2
    assert "внутри заверенного пакета" in capsys.readouterr().err
    (tmp_path / "there").mkdir()
    assert export(place, pack, tmp_path / "there") == 2
    assert "уже есть" in capsys.readouterr().err
    value = json.loads((pack / EVIDENCE / "run.json").read_bytes())
    (pack / EVIDENCE / "run.json").write_text(json.dumps({**value, "run_id": "x"}))
    assert export(place, pack, tmp_path / "spoilt") == 2
    assert "не проходит проверку" in capsys.readouterr().err
    assert not (tmp_path / "spoilt").exists()
