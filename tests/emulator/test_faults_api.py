"""Each fault of the API and of the mTLS port does what the catalogue says, when told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from sigex_runbook.emulator import Emulator
from sigex_runbook.emulator.access import ALL_BLOCKS, GUIDE_BLOCKS
from sigex_runbook.emulator.errors import ClientSideFault, UnknownFault
from sigex_runbook.emulator.faults import CATALOGUE, Noticed

from .drivers import ALFA, BETA, CONTRACTS, PORTAL, Visitor, answer, message

VisitorMaker = Callable[..., Visitor]
SystemMaker = Callable[..., httpx.Client]
Settings = dict[str, Any]

_SETTINGS = "/api/organizationSettings"
_CONTRACTS, _PORTAL = 0, 1


@pytest.fixture(autouse=True)
def quick(emulator: Emulator) -> None:
    emulator.world.faults.delay_seconds = 0.2


@pytest.fixture
def save(visitor: VisitorMaker) -> Callable[[], Saved]:
    """Tick «Учёт договоров» in all four blocks of the guide and save."""

    def act() -> Saved:
        return Saved(visitor())

    return act


class Saved:
    """A save with the state before it; nothing is read after it until somebody asks."""

    def __init__(self, person: Visitor) -> None:
        self.person = person
        self.before = person.settings()
        self.asked = {
            key: {**value, "tlsCertificatesIndices": [_CONTRACTS]} if key in GUIDE_BLOCKS else value
            for key, value in self.before.items()
        }

    def send(self) -> httpx.Response:
        return self.person.client.post(_SETTINGS, json=self.asked, timeout=2)

    def after(self) -> Settings:
        return self.person.settings()

    def moved(self) -> dict[str, Any]:
        """Return what is stored otherwise than asked for; the save itself must have said yes."""
        assert message(answer(self.send())) == ""
        after = self.after()
        return {key: after[key] for key in self.asked if after[key] != self.asked[key]}


SaveMaker = Callable[[], Saved]


def _ticks(settings: Settings) -> dict[str, list[int]]:
    return {name: settings[name]["tlsCertificatesIndices"] for name in ALL_BLOCKS}


def _nothing_ticked() -> dict[str, list[int]]:
    return {name: [] for name in ALL_BLOCKS}


def _asked_ticks() -> dict[str, list[int]]:
    return {name: [_CONTRACTS] if name in GUIDE_BLOCKS else [] for name in ALL_BLOCKS}


_Change = Callable[[Settings, dict[str, Any]], None]


def _lost_one_block(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"documentsAccess"}
    assert moved["documentsAccess"]["tlsCertificatesIndices"] == []


def _other_block(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"packagesAccess"}
    assert moved["packagesAccess"]["tlsCertificatesIndices"] == [_CONTRACTS]


def _other_system(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"documentsAccess"}
    assert moved["documentsAccess"]["tlsCertificatesIndices"] == [_PORTAL]


def _both_systems(asked: Settings, moved: dict[str, Any]) -> None:
    assert set(moved) == {"documentsAccess"}
    assert moved["documentsAccess"]["tlsCertificatesIndices"] == [_CONTRACTS, _PORTAL]


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


_STORED_OTHERWISE: dict[str, _Change] = {
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
    "save-description-changed": lambda asked, moved: _entry(asked, moved, _PORTAL, "description"),
    "save-certificate-changed": lambda asked, moved: _entry(asked, moved, _PORTAL, "body"),
    "save-system-disabled": lambda asked, moved: _entry(asked, moved, _CONTRACTS, "disabled"),
    "save-list-turned": _list_turned,
    "save-slow": lambda _, moved: _only(moved),
    "save-twice": lambda _, moved: _only(moved),
    "save-audit-missing": lambda _, moved: _only(moved),
}


def _only(moved: dict[str, Any], *keys: str) -> None:
    assert set(moved) == set(keys)


@pytest.mark.parametrize("name", _STORED_OTHERWISE)
def test_what_is_stored_differs_from_what_was_posted_just_so(
    emulator: Emulator, save: SaveMaker, name: str
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, name)
    moved = one.moved()
    _STORED_OTHERWISE[name](one.asked, moved)


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
    assert message(one.person.get(_SETTINGS)) == "Access denied"


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
        one.person.client.post(_SETTINGS, json=one.asked, timeout=0.3)
    assert one.after() == one.before


def _answer_lost(emulator: Emulator, one: Saved) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        one.send()
    assert one.after() == one.asked


def _session_gone(emulator: Emulator, one: Saved) -> None:
    assert message(answer(one.send())) == "Authentication required"
    assert message(one.person.get("/api/auth")) == "Authentication required"
    assert _ticks(emulator.world.organisations[ALFA].settings.as_json()) == _nothing_ticked()


_SAVES: dict[str, Callable[[Emulator, Saved], None]] = {
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


@pytest.mark.parametrize("name", _SAVES)
def test_a_save_goes_wrong_as_the_catalogue_says(
    emulator: Emulator, save: SaveMaker, name: str
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, name)
    _SAVES[name](emulator, one)


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
    event = one.person.get(f"{_SETTINGS}Audit")["events"][-1]
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
    assert stranger in answer(system(CONTRACTS).get(_SETTINGS))["documentsAccess"]["iins"]


def test_a_save_is_undone_when_its_session_ends(emulator: Emulator, save: SaveMaker) -> None:
    one = save()
    emulator.world.faults.set(ALFA, "save-undone-at-sign-out")
    one.send()
    assert one.after() == one.asked
    one.person.post("/api/auth", {"logout": True})
    stored = emulator.world.organisations[ALFA].settings.as_json()
    assert _ticks(stored) == _nothing_ticked()


# -- loading ------------------------------------------------------------------------------------


def _502_on_load(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert person.client.get(_SETTINGS).status_code == 502


def _html_on_load(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert person.client.get(_SETTINGS).headers["content-type"].startswith("text/html")


def _truncated(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    response = person.client.get(_SETTINGS)
    assert response.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        response.json()


def _reset(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        person.client.get(_SETTINGS)


def _message_on_load(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert message(person.get(_SETTINGS)) == "Unexpected error"


def _other_organisation(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    found = person.get(_SETTINGS)
    assert found["businessId"] == f"BIN{BETA}"
    assert len(found["tlsCertificatesList"]) == 3


def _no_certificates(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    found = person.settings()
    assert found["tlsCertificatesList"] == []
    assert _ticks(found) == _nothing_ticked()


def _stale(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    first = person.settings()
    emulator.world.revoke(ALFA, "documentsList", PORTAL)
    assert person.settings() == first


def _strings(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert person.settings()["documentsList"]["tlsCertificatesIndices"] == ["0", "1"]


def _turned(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert person.settings()["documentsList"]["tlsCertificatesIndices"] == [1, 0]


def _more_fields(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    found = person.settings()
    assert set(found) - set(healthy) == {"signingPolicy"}
    assert {key: found[key] for key in healthy} == healthy


def _slow(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    with pytest.raises(httpx.ReadTimeout):
        person.client.get(_SETTINGS, timeout=0.05)
    assert person.settings() == healthy


def _no_permissions(emulator: Emulator, person: Visitor, healthy: Settings) -> None:
    assert not any(person.get("/api/organizationPermissions").values())


_LOADS: dict[str, Callable[[Emulator, Visitor, Settings], None]] = {
    "load-502": _502_on_load,
    "load-html": _html_on_load,
    "load-truncated": _truncated,
    "load-reset": _reset,
    "load-message": _message_on_load,
    "load-other-organisation": _other_organisation,
    "load-no-certificates": _no_certificates,
    "load-stale": _stale,
    "load-string-indices": _strings,
    "load-indices-turned": _turned,
    "load-more-fields": _more_fields,
    "load-slow": _slow,
    "load-no-permissions": _no_permissions,
}


@pytest.mark.parametrize("name", _LOADS)
def test_loading_goes_wrong_as_the_catalogue_says(
    emulator: Emulator, visitor: VisitorMaker, name: str
) -> None:
    for description in (CONTRACTS, PORTAL):
        emulator.world.grant(ALFA, "documentsList", description)
    person = visitor()
    healthy = person.settings()
    emulator.world.faults.set(ALFA, name)
    _LOADS[name](emulator, person, healthy)


# -- signing in ---------------------------------------------------------------------------------


def _message_at_sign_in(person: Visitor) -> None:
    assert message(person.sign_in()) == "Invalid certificate status"


def _bad_gateway_at_sign_in(person: Visitor) -> None:
    with pytest.raises(AssertionError):
        person.sign_in()
    assert not person.client.cookies


def _hangs_at_sign_in(person: Visitor) -> None:
    person.client.timeout = 0.5
    with pytest.raises(httpx.ReadTimeout):
        person.sign_in()


def _nonce_refused(person: Visitor) -> None:
    assert message(person.sign_in()) == "Invalid authentication nonce"


def _nonce_missing(person: Visitor) -> None:
    assert person.post("/api/auth", {}) == {}


def _ended_at_once(person: Visitor) -> None:
    assert "userId" in person.sign_in()
    assert message(person.get("/api/auth")) == "Authentication required"


def _without_cookie(person: Visitor) -> None:
    assert "userId" in person.sign_in()
    assert not person.client.cookies


def _other_person(person: Visitor) -> None:
    told = person.sign_in()
    found = person.get("/api/auth")
    assert found["userId"] != told["userId"]
    assert found["businessId"] == f"BIN{ALFA}"


def _other_organisations_person(person: Visitor) -> None:
    assert person.sign_in()["businessId"] == f"BIN{ALFA}"
    assert person.get("/api/auth")["businessId"] == f"BIN{BETA}"


def _sign_out_not_honoured(person: Visitor) -> None:
    told = person.sign_in()
    assert person.post("/api/auth", {"logout": True}) == {}
    assert person.get("/api/auth") == told


_SIGN_INS: dict[str, Callable[[Visitor], None]] = {
    "sign-in-message": _message_at_sign_in,
    "sign-in-502": _bad_gateway_at_sign_in,
    "sign-in-hangs": _hangs_at_sign_in,
    "sign-in-nonce-refused": _nonce_refused,
    "sign-in-nonce-missing": _nonce_missing,
    "session-ends-after-sign-in": _ended_at_once,
    "session-without-cookie": _without_cookie,
    "session-of-other-person": _other_person,
    "session-of-other-organisation": _other_organisations_person,
    "session-survives-sign-out": _sign_out_not_honoured,
}


@pytest.mark.parametrize("name", _SIGN_INS)
def test_signing_in_goes_wrong_as_the_catalogue_says(
    emulator: Emulator, visitor: VisitorMaker, name: str
) -> None:
    emulator.world.faults.set(ALFA, name)
    _SIGN_INS[name](visitor(signed_in=False))


# -- information systems ------------------------------------------------------------------------

_SERVED = dict.fromkeys(GUIDE_BLOCKS, "")
_DENIED = dict.fromkeys(GUIDE_BLOCKS, "Access denied")


def _proofs(emulator: Emulator, client: httpx.Client) -> dict[str, str]:
    document = emulator.world.organisations[ALFA].document_ids[0]
    calls: dict[str, tuple[str, str, Any]] = {
        "documentsAccess": ("GET", f"/api/{document}", None),
        "documentsList": ("GET", "/api?organization=true", None),
        "documentsSettings": ("POST", f"/api/{document}/settings", {"private": True}),
        "organizationSettings": ("GET", _SETTINGS, None),
    }
    return {
        block: message(answer(client.request(method, path, json=body)))
        for block, (method, path, body) in calls.items()
    }


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
    assert _proofs(emulator, system(CONTRACTS)) == granted
    assert _proofs(emulator, system(PORTAL)) == other
    assert emulator.world.organisations[ALFA].settings == stored


def test_a_late_grant_is_refused_once(emulator: Emulator, system: SystemMaker) -> None:
    for block in GUIDE_BLOCKS:
        emulator.world.grant(ALFA, block, CONTRACTS)
    emulator.world.faults.set(ALFA, "mtls-grant-late")
    client = system(CONTRACTS)
    assert _proofs(emulator, client) == _DENIED
    assert _proofs(emulator, client) == _SERVED


def test_control_served_needs_a_grant_to_somebody(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.faults.set(ALFA, "mtls-control-served")
    assert _proofs(emulator, system(PORTAL)) == _DENIED


def test_served_before_any_grant(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.faults.set(ALFA, "mtls-served-before-grant")
    assert _proofs(emulator, system(CONTRACTS)) == _SERVED


def test_another_organisations_settings_are_served(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.grant(ALFA, "organizationSettings", CONTRACTS)
    emulator.world.faults.set(ALFA, "mtls-other-organisation")
    assert answer(system(CONTRACTS).get(_SETTINGS))["businessId"] == f"BIN{BETA}"


def test_settings_from_before_the_save_are_served(
    emulator: Emulator, save: SaveMaker, system: SystemMaker
) -> None:
    one = save()
    emulator.world.faults.set(ALFA, "mtls-stale-settings")
    one.send()
    assert _ticks(answer(system(CONTRACTS).get(_SETTINGS))) == _nothing_ticked()
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
    assert system(CONTRACTS).get(_SETTINGS).status_code == 502


@pytest.mark.parametrize("name", ["mtls-reset", "mtls-handshake-refused"])
def test_the_second_port_gives_no_answer(
    emulator: Emulator, system: SystemMaker, name: str
) -> None:
    emulator.world.faults.set(ALFA, name)
    with pytest.raises(httpx.TransportError):
        system(CONTRACTS).get(_SETTINGS)
    # Another organisation's information system and somebody without a key are served as ever.
    assert message(answer(system("Электронный архив", BETA).get(_SETTINGS))) == "Access denied"
    assert message(answer(system(None).get(_SETTINGS))) == "Authentication required"


# -- the catalogue and the book -----------------------------------------------------------------


def test_every_fault_of_the_service_is_tried_here() -> None:
    tried = {*_STORED_OTHERWISE, *_SAVES, *_LOADS, *_SIGN_INS}
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
    assert message(person.get(_SETTINGS)) == "Unexpected error"
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
