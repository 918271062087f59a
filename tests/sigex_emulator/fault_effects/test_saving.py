"""Each fault of saving does what the catalogue says, when told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sigex_emulator import Emulator
from tests.sigex_emulator.drivers import ALFA, CONTRACTS, answer, message
from tests.sigex_emulator.saves import (
    FIRST,
    SECOND,
    SETTINGS,
    Saved,
    SaveMaker,
    Settings,
    nothing_ticked,
    ticks,
)

SystemMaker = Callable[..., httpx.Client]

pytestmark = pytest.mark.usefixtures("quick")

_Change = Callable[[Settings, dict[str, Any]], None]


def _lost_one_block(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"documentsAccess"}
    assert moved["documentsAccess"]["tlsCertificatesIndices"] == []


def _other_block(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"packagesAccess"}
    assert moved["packagesAccess"]["tlsCertificatesIndices"] == [FIRST]


def _other_system(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"documentsAccess"}
    assert moved["documentsAccess"]["tlsCertificatesIndices"] == [SECOND]


def _both_systems(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"documentsAccess"}
    assert moved["documentsAccess"]["tlsCertificatesIndices"] == [FIRST, SECOND]


def _employee_added(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"documentsAccess"}
    assert len(moved["documentsAccess"]["iins"]) == 1


def _no_authorities(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"documentsAccess"}
    assert moved["documentsAccess"]["authorities"] == []


def _entry(asked: Settings, moved: dict[str, Any], index: int, *fields: str) -> None:
    assert set(moved) == {"tlsCertificatesList"}
    for number, (old, new) in enumerate(
        zip(asked["tlsCertificatesList"], moved["tlsCertificatesList"], strict=True)
    ):
        changed = {key for key in old if old[key] != new[key]}
        assert changed == (set(fields) if number == index else set())


def _list_turned(asked: Settings, moved: dict[str, Any]) -> None:
    assert moved == {"tlsCertificatesList": asked["tlsCertificatesList"][::-1]}


STORED_OTHERWISE: dict[str, _Change] = {
    "save-block-lost": _lost_one_block,
    "save-reset-at-next-read": _lost_one_block,
    "save-other-block-changed": _other_block,
    "save-other-system-instead": _other_system,
    "save-other-system-also": _both_systems,
    "save-employee-added": _employee_added,
    "save-change-hidden": lambda _, moved: _only(moved),
    "save-undone-at-sign-out": lambda _, moved: _only(moved),
    "save-authorities-dropped": _no_authorities,
    "save-webhooks-changed": lambda _, moved: _only(moved, "webhooks"),
    "save-archive-changed": lambda _, moved: _only(
        moved, "dataArchiveEnabled", "dataArchiveContactEmail"
    ),
    "save-contact-changed": lambda _, moved: _only(moved, "subscriptionContactEmail"),
    "save-description-changed": lambda asked, moved: _entry(asked, moved, SECOND, "description"),
    "save-certificate-changed": lambda asked, moved: _entry(asked, moved, SECOND, "body"),
    "save-system-disabled": lambda asked, moved: _entry(asked, moved, FIRST, "disabled"),
    "save-list-turned": _list_turned,
    "save-slow": lambda _, moved: _only(moved),
    "save-twice": lambda _, moved: _only(moved),
    "save-audit-missing": lambda _, moved: _only(moved),
}


def _only(moved: dict[str, Any], *keys: str) -> None:
    assert set(moved) == set(keys)


@pytest.mark.parametrize("name", STORED_OTHERWISE)
def test_what_is_stored_differs_from_what_was_posted_just_so(
    emulator: Emulator, save: SaveMaker, name: str
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, name)
    moved = one.moved()
    STORED_OTHERWISE[name](one.asked, moved)


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
