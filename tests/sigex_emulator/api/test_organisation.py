"""Organisation settings: rights of people, the whole object, its validation, its audit."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from sigex_emulator import Emulator
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.pki import oids
from sigex_emulator.pki.authority import ec_key, rsa_key, self_signed_system_key
from sigex_emulator.world.settings import ALL_BLOCKS, GUIDE_BLOCKS
from tests.sigex_emulator.drivers import (
    ALFA,
    BETA,
    CONTRACTS,
    PORTAL,
    SystemMaker,
    VisitorMaker,
    answer,
    message,
)

SETTINGS = "/api/organizationSettings"


@pytest.mark.parametrize("path", [SETTINGS, f"{SETTINGS}Audit", "/api/organizationSubscription"])
@pytest.mark.parametrize(
    ("role", "allowed"), [("head", True), ("settings_employee", True), ("employee", False)]
)
@pytest.mark.fact(
    "3.2-settings-get", "3.2-settings-audit-right", "3.2-subscription", "3.5-head-always",
    "3.5-settings-by-iin", "3.6-access-denied", "4.4-oid-head", "4.4-roles-need-listing",
)  # fmt: skip
def test_settings_need_their_right(
    visitor: VisitorMaker, path: str, role: str, allowed: bool
) -> None:
    expected = "" if allowed else "Access denied"
    assert message(visitor(role).get(path)) == expected


@pytest.mark.fact("3.5-settings-by-authority", "3.4-any-match-is-enough", "4.4-roles-need-listing")
def test_a_role_may_be_listed_instead_of_a_person(visitor: VisitorMaker) -> None:
    """In the second organisation it is the role that is listed, not the IIN."""
    employee = visitor("settings_employee", BETA)
    block = employee.settings()["organizationSettings"]
    assert block["iins"] == []
    assert oids.HUMAN_RESOURCES in block["authorities"]
    assert message(visitor("employee", BETA).get(SETTINGS)) == "Access denied"


@pytest.mark.parametrize(
    "path", [SETTINGS, f"{SETTINGS}Audit", "/api/organizationPermissions", "/api/auth", "/api"]
)
@pytest.mark.fact("3.6-authentication-required", "3.2-listing-signed-in")
def test_a_stranger_must_sign_in(visitor: VisitorMaker, path: str) -> None:
    assert message(visitor(signed_in=False).get(path)) == "Authentication required"


@pytest.mark.parametrize("block", GUIDE_BLOCKS)
@pytest.mark.fact("3.2-permissions", "3.5-rights-independent")
def test_permissions_tell_each_right_alone(
    emulator: Emulator, visitor: VisitorMaker, block: str
) -> None:
    employee = visitor("employee")
    nothing = dict.fromkeys(GUIDE_BLOCKS, False)
    assert employee.get("/api/organizationPermissions") == nothing
    emulator.world.give_right(ALFA, block, employee.signer.key.person.user_id)
    assert employee.get("/api/organizationPermissions") == {**nothing, block: True}


@pytest.mark.fact("3.5-head-always", "4.4-oid-head")
def test_the_head_may_do_everything(visitor: VisitorMaker) -> None:
    permissions = visitor("head").get("/api/organizationPermissions")
    assert permissions == dict.fromkeys(GUIDE_BLOCKS, True)


def test_a_right_taken_away_counts_at_once(emulator: Emulator, visitor: VisitorMaker) -> None:
    employee = visitor()
    assert message(employee.get(SETTINGS)) == ""
    user_id = employee.signer.key.person.user_id
    emulator.world.remove_right(ALFA, "organizationSettings", user_id)
    assert message(employee.get(SETTINGS)) == "Access denied"
    assert message(employee.post(SETTINGS, {})) == "Access denied"


def test_a_right_in_one_organisation_is_none_in_another(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    foreign = visitor("employee", BETA)
    emulator.world.give_right(ALFA, "organizationSettings", foreign.signer.key.person.user_id)
    assert message(foreign.get(SETTINGS)) == "Access denied"


@pytest.mark.fact("3.4-certificate-entry", "3.4-block-fields", "2.3-seven-fields")
def test_the_object_has_every_known_field(visitor: VisitorMaker) -> None:
    whole = visitor().get(SETTINGS)
    assert list(whole) == [
        "businessId", "tlsCertificatesList", *ALL_BLOCKS, "webhooks", "dataArchiveEnabled",
        "dataArchiveContactEmail", "subscriptionContactEmail", "dataArchiveQuota",
        "dataArchiveUsage", "modifiedAt",
    ]  # fmt: skip
    assert whole["businessId"] == f"BIN{ALFA}"
    assert [one["description"] for one in whole["tlsCertificatesList"]] == [CONTRACTS, PORTAL]
    assert set(whole["tlsCertificatesList"][0]) == {"description", "body", "disabled", "settings"}
    assert all(set(whole[name]) == {"authorities", "tlsCertificatesIndices", "iins"}
               for name in ALL_BLOCKS)  # fmt: skip
    assert all(whole[name]["tlsCertificatesIndices"] == [] for name in ALL_BLOCKS)


@pytest.mark.fact("3.4-post-replaces", "3.4-missing-block", "3.2-settings-post", "3.4-webhook-urls")
def test_a_save_replaces_the_whole_object(
    emulator: Emulator, visitor: VisitorMaker, clock: ShiftedClock
) -> None:
    employee = visitor()
    wanted = employee.settings()
    wanted["documentsAccess"]["tlsCertificatesIndices"] = [1, 0]
    wanted["packagesList"]["iins"] = ["IIN911107300331"]
    wanted["webhooks"]["urls"] = ["https://hooks.example/sigex"]
    wanted["tlsCertificatesList"][0]["settings"] = {"ddcLogoDisable": True}
    saved = employee.post(SETTINGS, wanted)
    assert saved["businessId"] == f"BIN{ALFA}"
    assert employee.settings() == wanted
    assert employee.get(SETTINGS)["modifiedAt"] == saved["modifiedAt"]

    employee.post(SETTINGS, {"organizationSettings": wanted["organizationSettings"]})
    bare = employee.settings()
    assert bare["tlsCertificatesList"] == []
    assert bare["webhooks"] == {"urls": []}
    assert bare["packagesList"] == {
        "authorities": [oids.HEAD], "tlsCertificatesIndices": [], "iins": [],
    }  # fmt: skip


@pytest.mark.fact("3.4-missing-block", "6-11")
def test_a_missing_block_may_be_refused_instead(emulator: Emulator, visitor: VisitorMaker) -> None:
    employee = visitor()
    wanted = employee.settings()
    del wanted["packagesList"]
    emulator.world.switches = replace(emulator.world.switches, missing_block="refuse")
    assert message(employee.post(SETTINGS, wanted)) == "Invalid JSON request structure"
    assert "packagesList" in employee.settings()


@pytest.mark.fact("2.3-head-in-every-block")
def test_the_heads_authority_stays_in_every_block(visitor: VisitorMaker) -> None:
    employee = visitor()
    wanted = employee.settings()
    for name in ALL_BLOCKS:
        wanted[name]["authorities"] = [oids.EMPLOYEE]
    assert employee.post(SETTINGS, wanted)["modifiedAt"]
    stored = employee.settings()
    assert all(stored[name]["authorities"] == [oids.HEAD, oids.EMPLOYEE] for name in ALL_BLOCKS)


@pytest.mark.fact("3.4-business-id", "3.4-archive-answer-only", "3.4-modified-at")
def test_what_only_answers_carry_may_be_posted_back(visitor: VisitorMaker) -> None:
    employee = visitor()
    whole = employee.get(SETTINGS)
    invented = {
        "businessId": "BIN000000000000", "dataArchiveQuota": 7, "dataArchiveUsage": 7,
        "modifiedAt": 1,
    }  # fmt: skip
    saved = employee.post(SETTINGS, {**whole, **invented})
    assert saved["modifiedAt"] > 1
    assert employee.get(SETTINGS) == {**whole, "modifiedAt": saved["modifiedAt"]}


@pytest.mark.fact("3.2-settings-audit", "3.2-settings-audit-after", "3.4-audit-person")
def test_each_save_is_in_the_audit(visitor: VisitorMaker) -> None:
    employee = visitor()
    before = employee.settings()
    after = copy.deepcopy(before)
    after["documentsList"]["tlsCertificatesIndices"] = [0]
    saved = employee.post(SETTINGS, after)
    audit = employee.get(f"{SETTINGS}Audit")
    assert audit["eventsTotal"] == len(audit["events"]) == 2
    assert audit["events"][-1] == {
        "eventId": 2,
        "original": before,
        "modified": after,
        "modifiedBy": employee.signer.key.person.user_id,
        "modifiedByDigest": "",
        "modifiedAt": saved["modifiedAt"],
    }
    assert employee.get(f"{SETTINGS}Audit?lastEventId=1")["events"] == audit["events"][1:]
    assert employee.get(f"{SETTINGS}Audit?lastEventId=2")["events"] == []
    assert message(employee.get(f"{SETTINGS}Audit?lastEventId=x")) == "Invalid URL query parameter"


@pytest.mark.fact("3.2-settings-audit", "3.2-settings-audit-after", "3.4-audit-system")
@pytest.mark.parametrize("by_system", [False, True])
def test_one_save_is_one_event_and_later_ones_are_found_by_the_last(
    emulator: Emulator, visitor: VisitorMaker, system: SystemMaker, by_system: bool
) -> None:
    """Whoever saves: before and after, the author, the time of the answer, and nothing else."""
    emulator.world.grant(ALFA, "organizationSettings", CONTRACTS)
    head, client = visitor("head"), system()
    seen = head.get(f"{SETTINGS}Audit")["events"]
    for number in (1, 2, 3):
        last = seen[-1]["eventId"]
        before = head.settings()
        after = {**before, "subscriptionContactEmail": f"{number}@alfa.example"}
        saved = (
            answer(client.post(SETTINGS, json=after)) if by_system else head.post(SETTINGS, after)
        )
        audit = head.get(f"{SETTINGS}Audit?lastEventId={last}")
        assert audit["eventsTotal"] == len(seen) + 1
        [event] = audit["events"]
        person = "" if by_system else head.signer.key.person.user_id
        assert event["eventId"] > last
        assert (event["original"], event["modified"]) == (before, after)
        assert (event["modifiedBy"], bool(event["modifiedByDigest"])) == (person, by_system)
        assert event["modifiedAt"] == saved["modifiedAt"]
        seen.append(event)
    assert head.get(f"{SETTINGS}Audit")["events"] == seen  # oldest first


def _change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    def apply(settings: dict[str, Any]) -> None:
        *way, last = path.split(".")
        target: Any = settings
        for step in way:
            target = target[int(step)] if isinstance(target, list) else target[step]
        target[int(last) if isinstance(target, list) else last] = value

    return apply


_STRUCTURE = "Invalid JSON request structure"
_CERTIFICATE = "One of the provided TLS certificates can not be used for authentication"
_SHORT = self_signed_system_key("short", rsa_key(1024), datetime.now(UTC)).certificate_pem
_SHORT_CURVE = self_signed_system_key(
    "short", ec.generate_private_key(ec.SECP192R1()), datetime.now(UTC)
).certificate_pem


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("documentsAccess.tlsCertificatesIndices", [2],
         "One of the provided certificate indices is invalid"),
        ("documentsAccess.tlsCertificatesIndices", [-1],
         "One of the provided certificate indices is invalid"),
        ("packagesList.tlsCertificatesIndices", [0, 99],
         "One of the provided certificate indices is invalid"),
        ("documentsAccess.tlsCertificatesIndices", [True], _STRUCTURE),
        ("documentsAccess.tlsCertificatesIndices", ["0"], _STRUCTURE),
        ("documentsAccess.tlsCertificatesIndices", None, _STRUCTURE),
        ("documentsAccess", [], _STRUCTURE),
        ("documentsList.authorities", ["head"],
         "One of the provided authority OIDs is in invalid format"),
        ("documentsList.authorities", ["1..2"],
         "One of the provided authority OIDs is in invalid format"),
        ("organizationSettings.iins", ["880522400214"],
         "One of the provided IINs is in invalid format"),
        ("organizationSettings.iins", ["IIN88052240021٤"],
         "One of the provided IINs is in invalid format"),
        ("organizationSettings.iins", [880522400214], _STRUCTURE),
        ("webhooks.urls", ["ftp://hooks.example"],
         "One of the provided URL addresses is in invalid format"),
        ("webhooks.urls", ["https://[broken"],
         "One of the provided URL addresses is in invalid format"),
        ("webhooks", [], _STRUCTURE),
        ("dataArchiveEnabled", "yes", _STRUCTURE),
        ("dataArchiveEnabled", True, _STRUCTURE),  # without a contact address
        ("tlsCertificatesList.0.body", "no PEM", _CERTIFICATE),
        ("tlsCertificatesList.0.body", _SHORT, _CERTIFICATE),
        ("tlsCertificatesList.0.body", _SHORT_CURVE, _CERTIFICATE),
        ("tlsCertificatesList.0.disabled", 0, _STRUCTURE),
        ("tlsCertificatesList.0.description", None, _STRUCTURE),
        ("tlsCertificatesList", {}, _STRUCTURE),
    ],
)  # fmt: skip
@pytest.mark.fact(
    "3.6-invalid-index", "3.6-invalid-authority", "3.6-invalid-iin", "3.6-invalid-url",
    "3.6-invalid-structure", "3.6-unusable-certificate", "3.4-archive-fields", "5-rsa-2048",
    "5-ecdsa-224", "6-11",
)  # fmt: skip
def test_a_wrong_object_is_refused_with_its_message_and_changes_nothing(
    visitor: VisitorMaker, path: str, value: Any, expected: str
) -> None:
    employee = visitor()
    before = employee.settings()
    wrong = copy.deepcopy(before)
    _change(path, value)(wrong)
    assert message(employee.post(SETTINGS, wrong)) == expected
    assert employee.settings() == before
    assert employee.get(f"{SETTINGS}Audit")["eventsTotal"] == 1


@pytest.mark.fact("6-15")
def test_a_key_of_another_organisation_is_refused(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    employee = visitor()
    wanted = employee.settings()
    foreign = emulator.world.organisations[BETA].settings.tls_certificates[0]
    wanted["tlsCertificatesList"].append(foreign.as_json())
    assert message(employee.post(SETTINGS, wanted)) == _CERTIFICATE


def test_two_systems_may_share_a_description(emulator: Emulator, visitor: VisitorMaker) -> None:
    emulator.world.add_information_system(ALFA, CONTRACTS)
    employee = visitor()
    wanted = employee.settings()
    descriptions = [one["description"] for one in wanted["tlsCertificatesList"]]
    assert descriptions == [CONTRACTS, PORTAL, CONTRACTS]
    wanted["documentsAccess"]["tlsCertificatesIndices"] = [2]
    assert message(employee.post(SETTINGS, wanted)) == ""
    assert employee.settings() == wanted


def test_a_new_key_may_be_registered(visitor: VisitorMaker) -> None:
    employee = visitor()
    wanted = employee.settings()
    key = self_signed_system_key("Новая система", ec_key(), datetime.now(UTC))
    wanted["tlsCertificatesList"].append(
        {"description": "Новая система", "body": key.certificate_pem, "disabled": False,
         "settings": {}}
    )  # fmt: skip
    assert message(employee.post(SETTINGS, wanted)) == ""
    assert employee.settings() == wanted
