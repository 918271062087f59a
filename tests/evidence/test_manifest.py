"""The manifest names every file, and every way of touching one is found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sigex_runbook.errors import RunFailed
from sigex_runbook.evidence.canonical import canonical_json, sha256_hex
from sigex_runbook.evidence.manifest import FILE_NAME, Fault, FaultKind, Manifest, ManifestEntry


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    (tmp_path / "evidence/state").mkdir(parents=True)
    (tmp_path / "evidence/run.json").write_bytes(b"{}")
    (tmp_path / "evidence/state/after.json").write_bytes(b"[1]")
    (tmp_path / FILE_NAME).write_bytes(Manifest.make(tmp_path).to_bytes())
    return tmp_path


def check(pack: Path) -> list[tuple[str, str]]:
    return [(str(f.kind), f.path) for f in Manifest.read(pack).check(pack)]


def test_every_file_is_listed_with_size_and_digest(pack: Path) -> None:
    assert Manifest.read(pack).files == (
        ManifestEntry("evidence/run.json", 2, sha256_hex(b"{}")),
        ManifestEntry("evidence/state/after.json", 3, sha256_hex(b"[1]")),
    )


def test_an_untouched_pack_has_no_faults(pack: Path) -> None:
    assert check(pack) == []


def test_a_changed_byte_is_found(pack: Path) -> None:
    (pack / "evidence/state/after.json").write_bytes(b"[2]")
    assert check(pack) == [("changed", "evidence/state/after.json")]


def test_files_added_removed_and_renamed_are_found(pack: Path) -> None:
    (pack / "evidence/.hidden").write_bytes(b"")
    (pack / "evidence/run.json").rename(pack / "evidence/Run2.json")
    assert check(pack) == [
        ("extra", "evidence/.hidden"),
        ("extra", "evidence/Run2.json"),
        ("missing", "evidence/run.json"),
    ]


def test_an_empty_folder_is_extra(pack: Path) -> None:
    (pack / "evidence/api").mkdir()
    assert check(pack) == [("extra", "evidence/api")]


def test_a_link_is_no_file(pack: Path) -> None:
    target = pack / "evidence/run.json"
    target.rename(pack / "elsewhere.json")
    target.symlink_to(pack / "elsewhere.json")
    assert check(pack) == [("changed", "evidence/run.json")]
    with pytest.raises(RunFailed, match="ссылка"):
        Manifest.make(pack)


def test_without_any_evidence_everything_is_missing(pack: Path) -> None:
    (pack / "evidence").rename(pack / "gone")
    assert [kind for kind, _ in check(pack)] == ["missing", "missing"]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"not json",
        b'{"files":[]}',
        canonical_json({"format": "sigex-evidence-manifest/2", "files": []}),
        canonical_json({"format": "sigex-evidence-manifest/1", "files": [{"path": "a"}]}),
        json.dumps({"format": "sigex-evidence-manifest/1", "files": []}).encode(),
        b'{"files":[],"files":[],"format":"sigex-evidence-manifest/1"}',
    ],
)
def test_a_manifest_of_somebody_else_is_refused(pack: Path, data: bytes) -> None:
    (pack / FILE_NAME).write_bytes(data)
    with pytest.raises(RunFailed, match=FILE_NAME):
        Manifest.read(pack)


def test_an_absent_manifest_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RunFailed, match="завершённого"):
        Manifest.read(tmp_path)


def test_a_fault_reads_as_a_sentence() -> None:
    assert "evidence/a: лишнее" in str(Fault(FaultKind.EXTRA, "evidence/a"))
