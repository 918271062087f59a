"""The sample order: an order of the current format, whatever folder the emulator lives in."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from sigex_emulator import Emulator, World
from sigex_emulator.world.seeds import world_of
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.order import Order, Pkcs12SignIn, parse_order
from sigex_runbook.core.organisation import Bin
from sigex_runbook.run.sample import PLACE, sample_order, sample_orders
from tests.builders import CONTROL, SYSTEM, known_pair


def emulators_folder(folder: Path) -> Path:
    """A folder that looks like an emulator's: every file that the sample names."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "emulator.json").write_text("{}", encoding="utf-8")
    for word in sample_order().split():
        if word.startswith(PLACE + "/"):
            path = folder / word.removeprefix(PLACE + "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"secret")
    for name in (SYSTEM, CONTROL):
        place = 1 if name == SYSTEM else 2
        home = folder / "information-systems" / "200240002381"
        (home / f"{place}.pem").write_text(known_pair(name).pem, encoding="ascii")
    return folder


def parse(text: str, path: Path, places: dict[str, str] | None = None) -> Order:
    return parse_order(text, path=path / "order.yaml", places=places)


def test_the_sample_is_an_order(tmp_path: Path) -> None:
    folder = emulators_folder(tmp_path / "emulator")
    order = parse(sample_order(), tmp_path, {"EMULATOR": str(folder)})
    Bin(order.organisation.bin.text)
    assert set(order.access) == set(AccessBlock)
    assert order.control_system is not None
    assert order.information_system.key is not None
    assert isinstance(order.sign_in, Pkcs12SignIn)
    assert order.sign_in.password.read() == "secret"


@pytest.mark.parametrize("name", ["emulator", "с пробелом", "a #1", "a: b", "'k'", "ключ{}"])
def test_paths_are_filled_in_for_any_folder(tmp_path: Path, name: str) -> None:
    """People keep things in folders with spaces, signs and Cyrillic names."""
    folder = emulators_folder(tmp_path / name)
    text = sample_order(folder)
    assert PLACE not in yaml.safe_dump(yaml.safe_load(text))
    assert parse(text, tmp_path) == parse(sample_order(), tmp_path, {"EMULATOR": str(folder)})


def test_without_a_folder_the_text_is_as_it_ships() -> None:
    assert sample_order().count(PLACE + "/") == 6


@pytest.mark.parametrize("broken", [None, "", "{"])
def test_a_folder_that_is_no_emulators_is_refused(tmp_path: Path, broken: str | None) -> None:
    if broken is not None:
        (tmp_path / "emulator.json").write_text(broken, encoding="utf-8")
    with pytest.raises(UsageError, match=r"emulator\.json.*sigex-emulator --dir"):
        sample_order(tmp_path)


def test_everybody_of_a_large_world_has_an_order_that_can_be_read(tmp_path: Path) -> None:
    """Each names two systems, a document and an employee of its own organisation, as they are."""
    folder = tmp_path / "emulator"
    with Emulator(folder, world=World(world_of(25))) as emulator:
        orders = sample_orders(folder)
        assert list(orders) == list(emulator.world.organisations)
        for organisation_bin, text in orders.items():
            order = parse(text, tmp_path)
            assert order.organisation.bin.text == organisation_bin
            organisation = emulator.world.organisations[organisation_bin]
            listed = organisation.settings.tls_certificates
            assert order.control_system is not None
            assert order.probe_document in organisation.document_ids
            for place, one in enumerate((order.information_system, order.control_system)):
                assert one.description == listed[place].description
                assert one.certificate.read_text("ascii") == listed[place].body
            employee = organisation.key_of("settings_employee").person
            document = emulator.world.documents[order.probe_document]
            assert [one.user_id for one in document.signatures] == [employee.user_id]
            assert isinstance(order.sign_in, Pkcs12SignIn)
            assert order.sign_in.key_file.parent.name == organisation_bin
    assert orders["200240002381"] == sample_order(folder)


@pytest.mark.parametrize("told", ["[]", "{}", '{"organisations": [{"bin": "1"}]}'])
def test_an_emulator_of_another_version_is_refused(tmp_path: Path, told: str) -> None:
    (tmp_path / "emulator.json").write_text(told, encoding="utf-8")
    with pytest.raises(UsageError, match="этой же версии"):
        sample_orders(tmp_path)
