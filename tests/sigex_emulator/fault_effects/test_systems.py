"""Each fault of the mTLS port does what the catalogue says, when told to."""

from __future__ import annotations

import httpx
import pytest

from sigex_emulator import Emulator
from sigex_emulator.world.settings import GUIDE_BLOCKS
from tests.sigex_emulator.drivers import (
    ALFA,
    BETA,
    CONTRACTS,
    PORTAL,
    SystemMaker,
    answer,
    message,
    proofs,
)
from tests.sigex_emulator.saves import SETTINGS, SaveMaker, nothing_ticked, ticks

pytestmark = pytest.mark.usefixtures("quick")

_SERVED = dict.fromkeys(GUIDE_BLOCKS, "")
_DENIED = dict.fromkeys(GUIDE_BLOCKS, "Access denied")


@pytest.mark.parametrize(
    ("name", "granted", "other"),
    [
        ("mtls-grant-never", _DENIED, _DENIED),
        ("mtls-one-grant-refused", {**_SERVED, "documentsSettings": "Access denied"}, _DENIED),
        ("mtls-control-served", _SERVED, _SERVED),
        ("mtls-slow", _SERVED, _DENIED),
    ],
)
def test_information_systems_are_answered_otherwise_than_granted(
    emulator: Emulator,
    system: SystemMaker,
    name: str,
    granted: dict[str, str],
    other: dict[str, str],
) -> None:
    for block in GUIDE_BLOCKS:
        emulator.world.grant(ALFA, block, CONTRACTS)
    stored = emulator.world.organisations[ALFA].settings
    emulator.world.faults.delay_seconds = 0.01
    emulator.world.faults.set(ALFA, name)
    assert proofs(emulator, system(CONTRACTS)) == granted
    assert proofs(emulator, system(PORTAL)) == other
    assert emulator.world.organisations[ALFA].settings == stored


def test_a_late_grant_is_refused_once(emulator: Emulator, system: SystemMaker) -> None:
    for block in GUIDE_BLOCKS:
        emulator.world.grant(ALFA, block, CONTRACTS)
    emulator.world.faults.set(ALFA, "mtls-grant-late")
    client = system(CONTRACTS)
    assert proofs(emulator, client) == _DENIED
    assert proofs(emulator, client) == _SERVED


def test_control_served_needs_a_grant_to_somebody(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.faults.set(ALFA, "mtls-control-served")
    assert proofs(emulator, system(PORTAL)) == _DENIED


def test_served_before_any_grant(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.faults.set(ALFA, "mtls-served-before-grant")
    assert proofs(emulator, system(CONTRACTS)) == _SERVED


def test_another_organisations_settings_are_served(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.grant(ALFA, "organizationSettings", CONTRACTS)
    emulator.world.faults.set(ALFA, "mtls-other-organisation")
    assert answer(system(CONTRACTS).get(SETTINGS))["businessId"] == f"BIN{BETA}"


def test_settings_from_before_the_save_are_served(
    emulator: Emulator, save: SaveMaker, system: SystemMaker
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, "mtls-stale-settings")
    one.send()
    assert ticks(answer(system(CONTRACTS).get(SETTINGS))) == nothing_ticked()
    assert one.after() == one.asked


def test_another_document_is_served(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.grant(ALFA, "documentsAccess", CONTRACTS)
    document = emulator.world.organisations[ALFA].document_ids[0]
    emulator.world.faults.set(ALFA, "mtls-other-document")
    found = answer(system(CONTRACTS).get(f"/api/{document}"))
    assert emulator.world.documents[document].settings["private"]
    assert not found["settings"]["private"]
    assert message(answer(system(PORTAL).get(f"/api/{document}"))) == "Access denied"


def test_a_document_is_opened_by_writing_it_back(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.grant(ALFA, "documentsSettings", CONTRACTS)
    document = emulator.world.organisations[ALFA].document_ids[0]
    settings = emulator.world.documents[document].settings
    assert settings["private"]
    emulator.world.faults.set(ALFA, "mtls-document-opened")
    path = f"/api/{document}/settings"
    assert message(answer(system(PORTAL).post(path, json=settings))) == "Access denied"
    assert emulator.world.documents[document].settings == settings
    assert message(answer(system(CONTRACTS).post(path, json=settings))) == ""
    assert emulator.world.documents[document].settings == {**settings, "private": False}


def test_another_organisations_documents_are_listed(
    emulator: Emulator, system: SystemMaker
) -> None:
    emulator.world.grant(ALFA, "documentsList", CONTRACTS)
    emulator.world.faults.set(ALFA, "mtls-other-listing")
    found = answer(system(CONTRACTS).get("/api?organization=true"))
    listed = [one["documentId"] for one in found["documents"]]
    assert listed == list(emulator.world.organisations[BETA].document_ids) != []
    assert message(answer(system(PORTAL).get("/api?organization=true"))) == "Access denied"


def test_the_listing_is_empty(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.grant(ALFA, "documentsList", CONTRACTS)
    emulator.world.faults.set(ALFA, "mtls-empty-listing")
    assert answer(system(CONTRACTS).get("/api?organization=true"))["documents"] == []


@pytest.mark.fact("3.1-other-code-is-a-fault")
def test_the_second_port_answers_502(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.faults.set(ALFA, "mtls-502")
    assert system(CONTRACTS).get(SETTINGS).status_code == 502


@pytest.mark.parametrize("name", ["mtls-reset", "mtls-handshake-refused"])
def test_the_second_port_gives_no_answer(
    emulator: Emulator, system: SystemMaker, name: str
) -> None:
    emulator.world.faults.set(ALFA, name)
    with pytest.raises(httpx.TransportError):
        system(CONTRACTS).get(SETTINGS)
    # Another organisation's information system and somebody without a key are served as ever.
    assert message(answer(system("Электронный архив", BETA).get(SETTINGS))) == "Access denied"
    assert message(answer(system(None).get(SETTINGS))) == "Authentication required"
