"""The state file: what survives a restart, and what is refused."""

from __future__ import annotations

import hashlib
import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest

from sigex_emulator import Emulator, World
from sigex_emulator.errors import StateUnusable
from sigex_emulator.world.audit import Author
from sigex_emulator.world.state import keep_world, open_world
from tests.sigex_emulator.drivers import ALFA, CONTRACTS


@pytest.fixture
def kept(emulator: Emulator, tmp_path: Path) -> Path:
    """A file with the seeded world, kept by another world of the same keys."""
    file = tmp_path / "world.json"
    keep_world(World(keys=emulator.world.keys), file)
    return file


def _content(file: Path) -> dict[str, Any]:
    content = json.loads(file.read_text("utf-8"))
    assert isinstance(content, dict)
    return content


def _write(file: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content["state"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    content["sha256"] = hashlib.sha256(text.encode()).hexdigest()
    file.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def _same(one: World, other: World) -> None:
    assert one.authority.certificate == other.authority.certificate
    assert list(one.organisations) == list(other.organisations)
    for organisation_bin, organisation in one.organisations.items():
        found = other.organisations[organisation_bin]
        assert found.settings == organisation.settings
        assert found.audit.after(0) == organisation.audit.after(0)
        assert found.document_ids == organisation.document_ids
        assert [key.certificate for key in found.people] == [
            key.certificate for key in organisation.people
        ]
        assert [key.private_key_pem for key in found.system_keys] == [
            key.private_key_pem for key in organisation.system_keys
        ]
    assert one.documents == other.documents
    assert {key: audit.after(0) for key, audit in one.document_audits.items()} == {
        key: audit.after(0) for key, audit in other.document_audits.items()
    }
    assert one.keys.passwords == other.keys.passwords


def test_everything_that_matters_comes_back(emulator: Emulator, kept: Path) -> None:
    before = open_world(kept)
    before.grant(ALFA, "documentsList", CONTRACTS)
    before.add_information_system(ALFA, "Новая система")
    before.add_registered_document(ALFA, CONTRACTS, "Зарегистрированный")
    settings = before.organisations[ALFA].settings
    before.save_settings(ALFA, settings, Author(iin="IIN123"))
    document = before.documents[before.organisations[ALFA].document_ids[0]]
    before.save_document_settings(document, {**document.settings, "private": False}, Author())
    after = open_world(kept)
    _same(before, after)
    assert after.identifiers.document_id() not in after.documents
    after.reset()
    emulator.world.reset()
    assert after.documents.keys() == emulator.world.documents.keys()


def test_every_change_is_written_at_once_and_for_its_owner_only(kept: Path) -> None:
    world = open_world(kept)
    first = kept.read_bytes()
    world.grant(ALFA, "documentsList", CONTRACTS)
    assert kept.read_bytes() != first
    world.reset()
    organisation = _content(kept)["state"]["organisations"][0]
    assert organisation["bin"] == ALFA
    assert organisation["settings"]["blocks"]["documentsList"]["tls_certificate_indices"] == []
    if sys.platform != "win32":
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not kept.with_name("world.json.new").exists()


def test_an_emulator_keeps_its_world_and_its_key_files(kept: Path, tmp_path: Path) -> None:
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        with Emulator(folder, state=kept) as emulator:
            emulator.world.grant(ALFA, "documentsList", CONTRACTS)
    password = f"keys/{ALFA}/head.password"
    assert (folders[0] / password).read_bytes() == (folders[1] / password).read_bytes()
    assert (folders[0] / "ca.pem").read_bytes() == (folders[1] / "ca.pem").read_bytes()


def test_damage_and_other_versions_are_refused(kept: Path) -> None:
    whole = kept.read_bytes()
    good = json.loads(whole)
    for damaged in (b"", b"{", b"[]", b'"text"', whole[: len(whole) // 2], b"\xff\xfe", b"{}"):
        kept.write_bytes(damaged)
        with pytest.raises(StateUnusable, match="повреждён"):
            open_world(kept)
    kept.write_bytes(whole.replace(CONTRACTS.encode(), "Учёт договорoв".encode(), 1))
    with pytest.raises(StateUnusable, match="контрольной суммой"):
        open_world(kept)
    kept.write_text(json.dumps({**good, "format": "sigex-emulator-state/1"}), encoding="utf-8")
    with pytest.raises(StateUnusable, match="другую версию"):
        open_world(kept)
    changes: tuple[dict[str, Any], ...] = (
        {"extra": 1},
        {"documents": [1]},
        {"authority": {"key": "?", "certificate": "?"}},
        {"people": {}},
    )
    for change in changes:
        _write(kept, {**good, "state": {**good["state"], **change}})
        with pytest.raises(StateUnusable, match=r"повреждён|другой версией"):
            open_world(kept)


def test_a_world_of_another_size_is_refused(kept: Path) -> None:
    with pytest.raises(StateUnusable, match="организаций в нём 3, а не 25"):
        open_world(kept, 25)


def test_a_place_that_cannot_be_written_is_refused(emulator: Emulator, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateUnusable, match="не записывается: на этом месте файл, а не папка"):
        keep_world(emulator.world, tmp_path / "file" / "world.json")
    with pytest.raises(StateUnusable, match="не читается: это папка"):
        open_world(tmp_path)
