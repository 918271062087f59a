"""The catalogue of faults is tried whole; the book of those that are set keeps them apart."""

from __future__ import annotations

import pytest

from sigex_emulator import Emulator
from sigex_emulator.errors import ClientSideFault, UnknownFault
from sigex_emulator.faults import CATALOGUE, Noticed
from tests.sigex_emulator.drivers import ALFA, BETA, VisitorMaker, message
from tests.sigex_emulator.fault_effects.test_loading import LOADS
from tests.sigex_emulator.fault_effects.test_saving import (
    SAVES,
    STORED_OTHERWISE,
    SYSTEMS_STORED_OTHERWISE,
)
from tests.sigex_emulator.fault_effects.test_sign_in import SIGN_INS
from tests.sigex_emulator.saves import SETTINGS, SaveMaker

pytestmark = pytest.mark.usefixtures("quick")


def test_every_fault_of_the_service_is_tried_here() -> None:
    tried = {*STORED_OTHERWISE, *SYSTEMS_STORED_OTHERWISE, *SAVES, *LOADS, *SIGN_INS}
    tried |= {"save-list-turned"}
    tried |= {name for name, fault in CATALOGUE.items() if fault.place == "mtls"}
    of_pages = {name for name in CATALOGUE if name.startswith(("page-", "ncalayer-"))}
    assert tried | of_pages == set(CATALOGUE)
    assert len(CATALOGUE) >= 45


def test_what_is_expected_is_a_place_in_the_guide() -> None:
    first_callout = {1: 1, 2: 2, 3: 4, 4: 5, 5: 7, 6: 9, 7: 11, 8: 13, 9: 14}
    for fault in CATALOGUE.values():
        section, callout = fault.expected.section, fault.expected.callout
        assert (section is not None) == (fault.expected.noticed is Noticed.SECTION), fault.name
        if section is not None and callout is not None:
            assert first_callout[section] <= callout < first_callout[section + 1], fault.name


def test_faults_concern_one_organisation_and_go_when_cleared(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    faults = emulator.world.faults
    person = visitor()
    faults.set(BETA, "load-502")
    healthy = person.settings()
    faults.set(ALFA, "load-message")
    faults.set(ALFA, "load-more-fields")
    assert message(person.get(SETTINGS)) == "Unexpected error"
    faults.clear(ALFA, "load-message")
    assert set(person.settings()) - set(healthy) == {"signingPolicy"}
    assert faults.all() == {ALFA: ["load-more-fields"], BETA: ["load-502"]}
    emulator.world.reset()
    assert not faults
    person = visitor()
    assert person.settings() == healthy


def test_several_faults_work_together(emulator: Emulator, save: SaveMaker) -> None:
    one = save()
    for name in ("save-block-lost", "save-webhooks-changed", "save-twice"):
        emulator.world.faults.set(ALFA, name)
    assert set(one.moved()) == {"documentsAccess", "webhooks"}


def test_an_unknown_fault_is_refused_with_similar_names(emulator: Emulator) -> None:
    with pytest.raises(UnknownFault, match="save-twice"):
        emulator.world.faults.set(ALFA, "save-twise")


def test_a_fault_of_the_clients_computer_is_not_the_services(emulator: Emulator) -> None:
    with pytest.raises(ClientSideFault, match="NCALayer"):
        emulator.world.faults.set(ALFA, "ncalayer-absent")
