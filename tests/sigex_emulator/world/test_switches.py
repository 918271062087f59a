"""Both readings of what is not known about the service's API (sigex-facts 6)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import FrozenInstanceError, fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_type_hints

import httpx
import pytest

from sigex_emulator import Emulator, World
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.pki import oids
from sigex_emulator.pki.authority import rsa_key
from sigex_emulator.world.seeds import STANDARD_WORLD
from sigex_emulator.world.settings import GUIDE_BLOCKS
from sigex_emulator.world.switches import Switches, shown_switches, with_switch
from tests.sigex_emulator.drivers import (
    ALFA,
    BETA,
    CONTRACTS,
    SystemMaker,
    VisitorMaker,
    answer,
    message,
)

Switch = Callable[..., None]

SETTINGS = "/api/organizationSettings"
STRUCTURE = "Invalid JSON request structure"
NOT_ON_THIS_PLAN = "Feature is not available on current subscription level"
CERTIFICATE = "One of the provided TLS certificates can not be used for authentication"


@pytest.fixture
def switch(emulator: Emulator) -> Switch:
    def turn(**readings: Any) -> None:
        emulator.world.switches = replace(emulator.world.switches, **readings)

    return turn


def test_an_emulator_starts_with_the_switches_it_is_given(
    running: Emulator, tmp_path: Path
) -> None:
    switches = Switches(refused_listing="empty", plan="without_systems")
    world = World(switches=switches, keys=running.world.keys)
    with Emulator(tmp_path, world=world) as emulator:
        assert emulator.world.switches is switches
        with httpx.Client(verify=False) as client:  # noqa: S501 - the switch is what is looked at
            described = client.get(f"{emulator.address}/emulator/openapi.json")
    assert described.status_code == httpx.codes.OK


def test_switches_are_typed_and_frozen() -> None:
    switches = Switches()
    with pytest.raises(FrozenInstanceError):
        switches.plan = "full"  # type: ignore[misc]
    for name, kind in get_type_hints(Switches).items():
        readings = get_args(kind)
        assert getattr(switches, name) in readings if readings else kind in {int, timedelta}


def test_every_switch_can_be_set_by_name_to_what_is_shown_of_it() -> None:
    for name, value in shown_switches(Switches()).items():
        assert with_switch(Switches(), name, value) == Switches()


def test_every_switch_says_in_a_line_what_it_is_about() -> None:
    import inspect

    text = inspect.getsource(Switches)
    for one in fields(Switches):
        after = text.split(f"\n    {one.name}: ")[1].split("\n", 1)[1].lstrip()
        assert after.startswith('"""')


@pytest.mark.fact("6-10")
def test_unknown_10_blocks_of_a_new_organisation(
    emulator: Emulator, visitor: VisitorMaker, switch: Switch
) -> None:
    template = STANDARD_WORLD.organisations[0].person("head")
    expected = {"head": [oids.HEAD], "every_role": list(oids.AUTHORITIES)}
    for number, (reading, authorities) in enumerate(expected.items()):
        switch(new_organisation=reading)
        person = replace(template, organisation_bin=f"99034000001{number}")
        world = emulator.world
        key = world.authority.issue_personal_certificate(person, rsa_key(), world.clock.now())
        settings = visitor(key=key).get(SETTINGS)
        assert settings["modifiedAt"] == 0
        assert settings["documentsAccess"]["authorities"] == authorities


def _twice(wanted: dict[str, Any]) -> None:
    wanted["tlsCertificatesList"].append(wanted["tlsCertificatesList"][0])


@pytest.mark.parametrize(
    ("reading", "change", "refused"),
    [
        ({"missing_block": "refuse"}, lambda wanted: wanted.pop("packagesList"), STRUCTURE),
        ({"missing_head": "refuse"}, lambda wanted: wanted["documentsList"].update(authorities=[]),
         "Not enough authorities"),
        ({"unknown_keys": "refuse"}, lambda wanted: wanted.update(colour="blue"), STRUCTURE),
        ({"unknown_keys": "refuse"},
         lambda wanted: wanted["webhooks"].update(colour="blue"), STRUCTURE),
        ({"unknown_keys": "refuse"},
         lambda wanted: wanted["tlsCertificatesList"][0].update(settings={"colour": "blue"}),
         STRUCTURE),
        ({"repeated_index": "refuse"},
         lambda wanted: wanted["documentsList"].update(tlsCertificatesIndices=[0, 0]),
         "One of the provided certificate indices is invalid"),
        ({"key_twice_in_a_list": "refuse"}, _twice, CERTIFICATE),
        ({"plan": "without_systems"}, lambda _: None, NOT_ON_THIS_PLAN),
        ({"iin_check_digit": "require"},
         lambda wanted: wanted["documentsList"].update(iins=["IIN123456789012"]),
         "One of the provided IINs is in invalid format"),
    ],
    ids=["no-block", "no-head", "unknown-key", "unknown-key-within", "unknown-appearance",
         "index-twice", "key-twice", "plan", "wrong-check-digit"],
)  # fmt: skip
@pytest.mark.fact("6-11", "6-15", "6-17", "4.5-server-check", "3.6-plan")
def test_a_save_that_some_readings_refuse(
    visitor: VisitorMaker, switch: Switch, reading: dict[str, str],
    change: Callable[[dict[str, Any]], object], refused: str,
) -> None:  # fmt: skip
    """Unknowns 11, 15, 16, 17 and the check digit: accepted by default, refused if switched."""
    head = visitor("head")
    wanted = head.settings()
    change(wanted)
    assert message(head.post(SETTINGS, wanted)) == ""
    before = head.settings()
    switch(**reading)
    assert message(head.post(SETTINGS, wanted)) == refused
    assert head.settings() == before


def test_a_strict_reading_takes_what_the_service_itself_answered(
    visitor: VisitorMaker, switch: Switch
) -> None:
    switch(unknown_keys="refuse", missing_block="refuse", missing_head="refuse",
           repeated_index="refuse", key_twice_in_a_list="refuse", iin_check_digit="require",
           concurrent_saves="conflict", own_right="kept")  # fmt: skip
    employee = visitor()
    assert message(employee.post(SETTINGS, employee.get(SETTINGS))) == ""


@pytest.mark.parametrize(
    ("reading", "expected"), [("last_wins", ""), ("conflict", "Unexpected error")]
)
@pytest.mark.fact("6-12")
def test_unknown_12_two_people_save(
    visitor: VisitorMaker, switch: Switch, reading: str, expected: str
) -> None:
    switch(concurrent_saves=reading)
    head, employee = visitor("head"), visitor()
    seen_by_head, seen_by_employee = head.get(SETTINGS), employee.get(SETTINGS)
    assert message(head.post(SETTINGS, seen_by_head)) == ""
    assert message(employee.post(SETTINGS, seen_by_employee)) == expected
    assert message(employee.post(SETTINGS, employee.get(SETTINGS))) == ""


@pytest.mark.parametrize(("reading", "expected"), [("removable", ""), ("kept", "Access denied")])
@pytest.mark.fact("6-12")
def test_unknown_12_somebody_removes_himself(
    visitor: VisitorMaker, switch: Switch, reading: str, expected: str
) -> None:
    switch(own_right=reading)
    employee = visitor()
    wanted = employee.settings()
    wanted["organizationSettings"]["iins"] = []
    assert message(employee.post(SETTINGS, wanted)) == expected
    assert message(employee.get(SETTINGS)) == ("Access denied" if reading == "removable" else "")


@pytest.mark.fact("6-14")
def test_unknown_14_permissions_of_a_system(system: SystemMaker, switch: Switch) -> None:
    client = system()
    assert answer(client.get("/api/organizationPermissions")) == dict.fromkeys(GUIDE_BLOCKS, False)
    switch(permissions_on_mtls="refused")
    refused = answer(client.get("/api/organizationPermissions"))
    assert message(refused) == "User does not represent an organization"


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        ("tls_already", "Already authenticated with TLS certificate"),
        ("unauthenticated", "Authentication required"),
    ],
)
@pytest.mark.fact("6-14")
def test_unknown_14_sign_in_of_a_system(
    system: SystemMaker, switch: Switch, reading: str, expected: str
) -> None:
    switch(auth_on_mtls=reading)
    client = system()
    assert message(answer(client.get("/api/auth"))) == expected
    assert message(answer(client.post("/api/auth", json={}))) == expected


@pytest.mark.parametrize(("reading", "expected"), [("refuse", CERTIFICATE), ("allow", "")])
@pytest.mark.fact("6-15")
def test_unknown_15_a_key_of_two_organisations(
    emulator: Emulator, visitor: VisitorMaker, switch: Switch, reading: str, expected: str
) -> None:
    switch(key_of_two_organisations=reading)
    head = visitor("head")
    wanted = head.settings()
    foreign = emulator.world.organisations[BETA].settings.tls_certificates[0]
    wanted["tlsCertificatesList"].append(foreign.as_json())
    assert message(head.post(SETTINGS, wanted)) == expected


@pytest.mark.fact("6-17", "3.6-plan")
def test_unknown_17_a_plan_without_systems(
    visitor: VisitorMaker, system: SystemMaker, switch: Switch
) -> None:
    head, client = visitor("head"), system()
    assert head.get("/api/organizationSubscription")["features"][0]["enabled"] is True
    switch(plan="without_systems")
    assert head.get("/api/organizationSubscription")["features"][0]["enabled"] is False
    refused = answer(client.get("/api/organizationPermissions"))
    assert message(refused) == NOT_ON_THIS_PLAN


@pytest.mark.fact("6-18", "3.6-rate-limit")
def test_unknown_18_calls_in_a_minute(
    visitor: VisitorMaker, switch: Switch, clock: ShiftedClock
) -> None:
    head, other = visitor("head"), visitor("employee")
    switch(calls_per_minute=2)
    said = [message(head.get("/api/auth")) for _ in range(3)]
    assert said == ["", "", "Request rate limit reached"]
    assert message(other.get("/api/auth")) == ""  # everybody has a limit of his own
    clock.advance(timedelta(seconds=61))
    assert message(head.get("/api/auth")) == ""


_OPEN = ("/api", "/api/", "/api/egovQr", "/api/egovQr/AbC1234567890123",
         "/api/lQsqLBaS4nQAIIMm/data")  # fmt: skip
_CLOSED = ("/api/auth", "/api/organizationSettings", "/api/lQsqLBaS4nQAIIMm/settings", "/api/x")


@pytest.mark.parametrize(
    ("reading", "open_to_all"),
    [("open_calls", _OPEN), ("none", ()), ("any", _OPEN + _CLOSED)],
)
@pytest.mark.fact("6-19", "8-cross-origin")
def test_unknown_19_which_calls_pages_of_other_sites_make(
    visitor: VisitorMaker, switch: Switch, reading: str, open_to_all: tuple[str, ...]
) -> None:
    """Never with somebody's cookie: nobody is told that he may."""
    if reading != "open_calls":
        switch(cross_origin=reading)
    client = visitor(signed_in=False).client
    elsewhere = {"Origin": "https://other.example"}
    asking = {**elsewhere, "Access-Control-Request-Method": "POST"}
    for path in (*_OPEN, *_CLOSED):
        preflight, called = (
            client.options(path, headers=asking),
            client.get(path, headers=elsewhere),
        )
        expected = "https://other.example" if path in open_to_all else None
        for one in (preflight, called):
            assert one.headers.get("access-control-allow-origin") == expected
            assert "access-control-allow-credentials" not in one.headers
        assert ("access-control-allow-methods" in preflight.headers) == bool(expected)


@pytest.mark.fact("6-19")
def test_unknown_19_pages_of_other_sites(visitor: VisitorMaker, switch: Switch) -> None:
    client = visitor(signed_in=False).client
    asking = {"Origin": "https://other.example", "Access-Control-Request-Method": "POST"}
    refused = client.options("/api/auth", headers=asking)
    assert message(answer(refused)) == "Invalid HTTP request method"
    assert "access-control-allow-origin" not in refused.headers
    switch(cross_origin="any")
    let_in = client.options("/api/auth", headers=asking)
    assert message(answer(let_in)) == ""
    assert "POST" in let_in.headers["access-control-allow-methods"]
    called = client.get("/api/version", headers={"Origin": "https://other.example"})
    assert called.headers["access-control-allow-origin"] == "https://other.example"
    assert message(answer(client.options("/api/auth"))) == "Invalid HTTP request method"


@pytest.mark.parametrize("reading", ["documentsSettings", "documentsAccess"])
@pytest.mark.fact("6-20")
def test_unknown_20_the_right_that_opens_an_audit(
    emulator: Emulator, system: SystemMaker, switch: Switch, reading: str
) -> None:
    switch(audit_right=reading)
    path = f"/api/{emulator.world.organisations[ALFA].document_ids[0]}/settingsAudit"
    client = system()
    for granted in ("documentsAccess", "documentsSettings"):
        emulator.world.grant(ALFA, granted, CONTRACTS)
        expected = "" if granted == reading else "Access denied"
        assert message(answer(client.get(path))) == expected
        emulator.world.revoke(ALFA, granted, CONTRACTS)


@pytest.mark.parametrize("delay", [timedelta(0), timedelta(seconds=30)])
@pytest.mark.fact("6-21")
def test_unknown_21_a_save_takes_effect(
    visitor: VisitorMaker, system: SystemMaker, switch: Switch, clock: ShiftedClock,
    delay: timedelta,
) -> None:  # fmt: skip
    switch(effect_delay=delay)
    head, client = visitor("head"), system()
    wanted = head.settings()
    wanted["documentsList"]["tlsCertificatesIndices"] = [0]
    head.post(SETTINGS, wanted)
    assert head.settings() == wanted  # what is stored is seen at once
    listing = "/api?organization=true"
    assert message(answer(client.get(listing))) == ("Access denied" if delay else "")
    clock.advance(delay)
    assert message(answer(client.get(listing))) == ""


def _empty_lists(value: Any) -> list[Any]:
    """Return the empty lists, and what stands for them, wherever they are."""
    if isinstance(value, dict):
        return [found for member in value.values() for found in _empty_lists(member)]
    if isinstance(value, list) and value:
        return [found for member in value for found in _empty_lists(member)]
    return [value] if value in ([], None) else []


@pytest.mark.parametrize("reading", ["empty", "null", "absent"])
@pytest.mark.fact("8-empty-lists")
def test_how_empty_lists_are_given(
    emulator: Emulator, visitor: VisitorMaker, switch: Switch, reading: str
) -> None:
    """In every answer, and what a client read it may post back."""
    head = visitor("head")
    document = f"/api/{emulator.world.organisations[ALFA].document_ids[0]}"
    audit = f"{SETTINGS}Audit"
    paths = (SETTINGS, audit, f"{audit}?lastEventId=9", "/api?until=1", document)
    plain = {path: head.get(path) for path in paths}
    switch(empty_lists=reading)
    for path in paths:
        given = head.get(path)
        assert set(map(repr, _empty_lists(given))) == {
            "empty": {"[]"}, "null": {"None"}, "absent": set(),
        }[reading]  # fmt: skip
        kept = {key: value for key, value in plain[path].items() if value != []}
        assert kept.keys() <= given.keys()
        assert given.get("eventsTotal") == plain[path].get("eventsTotal")
    assert message(head.post(SETTINGS, head.get(SETTINGS))) == ""
    assert message(head.post(f"{document}/settings", head.get(document)["settings"])) == ""
    switch(empty_lists="empty")
    whole = head.get(SETTINGS)
    assert whole == {**plain[SETTINGS], "modifiedAt": whole["modifiedAt"]}
    assert head.get(document) == plain[document]


def test_null_is_no_list_where_lists_are_written_out(visitor: VisitorMaker) -> None:
    head = visitor("head")
    wanted = {**head.settings(), "tlsCertificatesList": None}
    assert message(head.post(SETTINGS, wanted)) == STRUCTURE


@pytest.mark.parametrize("reading", ["null", "absent"])
def test_what_a_phone_gets_is_no_answer_of_the_services(
    visitor: VisitorMaker, switch: Switch, reading: str
) -> None:
    switch(empty_lists=reading)
    client = visitor(signed_in=False).client
    operation = answer(client.post("/api/egovQr", json={"description": ""}))
    with ThreadPoolExecutor() as pool:
        data = b'{"documentsToSign": []}'
        pool.submit(client.post, operation["dataURL"], content=data)
        qr_id = operation["dataURL"].rpartition("/")[2]
        told = answer(client.get(f"/api/egovQr/egov/{qr_id}"))
        assert client.get(told["document"]["uri"]).content == data
