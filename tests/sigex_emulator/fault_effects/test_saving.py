"""Each fault of saving does what the catalogue says, when told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import ANY

import httpx
import pytest

from sigex_emulator import Emulator
from tests.sigex_emulator.drivers import ALFA, CONTRACTS, SystemMaker, answer, message
from tests.sigex_emulator.saves import (
    FIRST,
    SECOND,
    SETTINGS,
    Saved,
    SaveMaker,
    nothing_ticked,
    ticks,
)

pytestmark = pytest.mark.usefixtures("quick")

STORED_OTHERWISE: dict[str, dict[str, Any]] = {
    "save-block-lost": {"documentsAccess": {"tlsCertificatesIndices": []}},
    "save-reset-at-next-read": {"documentsAccess": {"tlsCertificatesIndices": []}},
    "save-other-block-changed": {"packagesAccess": {"tlsCertificatesIndices": [FIRST]}},
    "save-other-system-instead": {"documentsAccess": {"tlsCertificatesIndices": [SECOND]}},
    "save-other-system-also": {"documentsAccess": {"tlsCertificatesIndices": [FIRST, SECOND]}},
    "save-employee-added": {"documentsAccess": {"iins": [ANY]}},
    "save-authorities-dropped": {"documentsAccess": {"authorities": []}},
    "save-webhooks-changed": {"webhooks": {"urls": [ANY]}},
    "save-archive-changed": {"dataArchiveEnabled": True, "dataArchiveContactEmail": ANY},
    "save-contact-changed": {"subscriptionContactEmail": ANY},
    "save-change-hidden": {},
    "save-undone-at-sign-out": {},
    "save-slow": {},
    "save-twice": {},
    "save-audit-missing": {},
}


@pytest.mark.parametrize("name", STORED_OTHERWISE)
def test_what_is_stored_differs_from_what_was_posted_just_so(
    emulator: Emulator, save: SaveMaker, name: str
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, name)
    assert one.moved() == {
        key: {**one.asked[key], **told} if isinstance(told, dict) else told
        for key, told in STORED_OTHERWISE[name].items()
    }


SYSTEMS_STORED_OTHERWISE = {
    "save-description-changed": (SECOND, "description"),
    "save-certificate-changed": (SECOND, "body"),
    "save-system-disabled": (FIRST, "disabled"),
}


@pytest.mark.parametrize("name", SYSTEMS_STORED_OTHERWISE)
def test_one_field_of_one_information_system_is_stored_otherwise(
    emulator: Emulator, save: SaveMaker, name: str
) -> None:
    index, field = SYSTEMS_STORED_OTHERWISE[name]
    one = save()
    emulator.world.faults.set(ALFA, name)
    moved = one.moved()
    assert set(moved) == {"tlsCertificatesList"}
    stored = moved["tlsCertificatesList"]
    asked = one.asked["tlsCertificatesList"]
    assert stored[index][field] != asked[index][field]
    assert stored == [
        {**entry, field: ANY} if number == index else entry for number, entry in enumerate(asked)
    ]


def test_the_list_of_information_systems_is_stored_turned(
    emulator: Emulator, save: SaveMaker
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, "save-list-turned")
    assert one.moved() == {"tlsCertificatesList": one.asked["tlsCertificatesList"][::-1]}


def test_without_a_fault_a_save_stores_what_was_posted(save: SaveMaker) -> None:
    assert save().moved() == {}


def _audit(emulator: Emulator) -> int:
    return len(emulator.world.organisations[ALFA].audit)


def _not_stored(emulator: Emulator, one: Saved) -> None:
    assert message(answer(one.send())) == ""
    assert one.after() == one.before
    assert _audit(emulator) == 1


def _stored_late(emulator: Emulator, one: Saved) -> None:
    assert message(answer(one.send())) == ""
    assert one.after() == one.before
    assert one.after() == one.asked


def _lost_later(emulator: Emulator, one: Saved) -> None:
    assert message(answer(one.send())) == ""
    assert one.after() == one.asked
    assert one.after() == one.before


def _employees_dropped(emulator: Emulator, one: Saved) -> None:
    assert message(answer(one.send())) == ""
    assert message(one.person.get(SETTINGS)) == "Access denied"


def _refused(emulator: Emulator, one: Saved) -> None:
    assert message(answer(one.send())) == "Unexpected error"
    assert one.after() == one.before


def _bad_gateway(emulator: Emulator, one: Saved) -> None:
    assert one.send().status_code == 502
    assert one.after() == one.before


def _html(emulator: Emulator, one: Saved) -> None:
    response = one.send()
    assert response.headers["content-type"].startswith("text/html")
    assert one.after() == one.before


def _hangs(emulator: Emulator, one: Saved) -> None:
    with pytest.raises(httpx.ReadTimeout):
        one.person.client.post(SETTINGS, json=one.asked, timeout=0.3)
    assert one.after() == one.before


def _answer_lost(emulator: Emulator, one: Saved) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        one.send()
    assert one.after() == one.asked


def _session_gone(emulator: Emulator, one: Saved) -> None:
    assert message(answer(one.send())) == "Authentication required"
    assert message(one.person.get("/api/auth")) == "Authentication required"
    assert ticks(emulator.world.organisations[ALFA].settings.as_json()) == nothing_ticked()


SAVES: dict[str, Callable[[Emulator, Saved], None]] = {
    "save-not-stored": _not_stored,
    "save-stored-late": _stored_late,
    "save-lost-later": _lost_later,
    "save-employee-dropped": _employees_dropped,
    "save-message": _refused,
    "save-502": _bad_gateway,
    "save-html": _html,
    "save-hangs": _hangs,
    "save-answer-lost": _answer_lost,
    "session-ends-before-save": _session_gone,
}


@pytest.mark.parametrize("name", SAVES)
def test_a_save_goes_wrong_as_the_catalogue_says(
    emulator: Emulator, save: SaveMaker, name: str
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, name)
    SAVES[name](emulator, one)


@pytest.mark.parametrize(("name", "events"), [("save-twice", 3), ("save-audit-missing", 1)])
def test_the_audit_counts_otherwise(
    emulator: Emulator, save: SaveMaker, name: str, events: int
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, name)
    one.send()
    assert _audit(emulator) == events


def test_the_audit_tells_what_was_really_stored(emulator: Emulator, save: SaveMaker) -> None:
    one = save()
    emulator.world.faults.set(ALFA, "save-other-system-instead")
    one.send()
    event = one.person.get(f"{SETTINGS}Audit")["events"][-1]
    assert event["original"] == one.before
    assert event["modified"] == one.after()


def test_a_hidden_change_is_stored_and_shown_to_information_systems(
    emulator: Emulator, save: SaveMaker, system: SystemMaker
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, "save-change-hidden")
    one.send()
    stored = emulator.world.organisations[ALFA].settings.blocks["documentsAccess"].iins
    (stranger,) = set(stored) - set(one.after()["documentsAccess"]["iins"])
    assert stranger in answer(system(CONTRACTS).get(SETTINGS))["documentsAccess"]["iins"]


def test_a_save_is_undone_when_its_session_ends(emulator: Emulator, save: SaveMaker) -> None:
    one = save()
    emulator.world.faults.set(ALFA, "save-undone-at-sign-out")
    one.send()
    assert one.after() == one.asked
    one.person.post("/api/auth", {"logout": True})
    stored = emulator.world.organisations[ALFA].settings.as_json()
    assert ticks(stored) == nothing_ticked()
