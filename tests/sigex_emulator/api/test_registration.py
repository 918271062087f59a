"""Registering documents: signed by anyone, unsigned by information systems (sigex-facts 3.2)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from sigex_emulator import Emulator
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.pki.authority import rsa_key
from sigex_emulator.pki.people import Person
from sigex_emulator.world.seeds import STANDARD_WORLD
from tests.sigex_emulator.drivers import (
    ALFA,
    BETA,
    SystemMaker,
    VisitorMaker,
    answer,
    message,
)

CONTENT = "Договор № 1\n".encode()
PRIVATE = {"private": True}
HEAD, EMPLOYEE = "1.2.398.3.3.4.1.2.1", "1.2.398.3.3.4.1.2.5"
SUBMITTED = "This signature has already been submitted"
NOT_CONFORMING = "Signature does not conform to document settings requirements"
WRONG_FILE = "Signature does not correspond to the document"
_A_LITTLE_MORE = timedelta(seconds=61)
_YEARS = timedelta(days=1000)


def _begin(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    return answer(client.post("/api", json={"title": "Договор", **fields}))


def _complete(client: httpx.Client, document_id: str, content: bytes = CONTENT) -> dict[str, Any]:
    return answer(client.post(f"/api/{document_id}/data", content=content))


@pytest.mark.fact("3.2-register", "3.2-register-data", "3.1-raw-bytes")
def test_anyone_registers_what_he_signed(visitor: VisitorMaker) -> None:
    """Without a sign-in: the signature says who it is."""
    stranger = visitor("employee", signed_in=False)
    signature = stranger.signer.cms(CONTENT)
    begun = _begin(stranger.client, description="к заказу", signature=signature, settings=PRIVATE)
    assert set(begun) == {"documentId", "signId"}
    path = f"/api/{begun['documentId']}"
    head = visitor("head")
    assert message(head.get(path)) == "Access denied"  # it is nobody's before its bytes came

    done = _complete(stranger.client, begun["documentId"])
    assert done == {
        "documentId": begun["documentId"],
        "signedDataSize": len(CONTENT),
        "digests": {
            "2.16.840.1.101.3.4.2.1": base64.b64encode(hashlib.sha256(CONTENT).digest()).decode()
        },
        "dataArchived": False,
        "tempStorage": False,
        "automaticallyCreatedUserSettings": {},
    }
    document = head.get(path)
    assert (document["title"], document["description"]) == ("Договор", "к заказу")
    assert [one["signId"] for one in document["signatures"]] == [begun["signId"]]
    assert document["signatures"][0]["businessId"] == f"BIN{ALFA}"
    assert "registrator" not in document
    assert message(stranger.get(path)) == "Authentication required"
    assert message(visitor("head", BETA).get(path)) == "Access denied"
    assert head.get("/api?organization=true")["documents"][0]["documentId"] == begun["documentId"]


def test_the_answer_may_be_asked_for_again(visitor: VisitorMaker) -> None:
    signer = visitor("employee")
    begun = _begin(signer.client, signature=signer.signer.cms(CONTENT))
    first = _complete(signer.client, begun["documentId"])
    assert _complete(signer.client, begun["documentId"]) == first
    other = _complete(signer.client, begun["documentId"], b"other")
    assert message(other) == WRONG_FILE


@pytest.mark.fact("8-wrong-data")
def test_other_bytes_than_the_signed_ones_register_nothing(visitor: VisitorMaker) -> None:
    signer = visitor("employee")
    begun = _begin(signer.client, signature=signer.signer.cms(CONTENT))
    wrong = _complete(signer.client, begun["documentId"], b"other")
    assert message(wrong) == WRONG_FILE
    unfinished = signer.get(f"/api/{begun['documentId']}")
    assert (unfinished["signaturesTotal"], unfinished["signatures"]) == (0, [])
    assert message(_complete(signer.client, begun["documentId"])) == ""


@pytest.mark.fact("8-unfinished-registration")
def test_what_is_not_finished_can_be_read_without_signatures(
    visitor: VisitorMaker, system: SystemMaker
) -> None:
    stranger = visitor("employee", signed_in=False)
    signature = stranger.signer.cms(CONTENT)
    begun = _begin(stranger.client, signature=signature)
    document = stranger.get(f"/api/{begun['documentId']}")
    assert (document["title"], document["signedDataSize"]) == ("Договор", 0)
    assert (document["signaturesTotal"], document["signatures"]) == (0, [])
    assert visitor("head").get("/api?organization=true")["documentsTotal"] == 4
    system_begun = _begin(system(), settings=PRIVATE)
    private = f"/api/{system_begun['documentId']}"
    assert message(visitor("head").get(private)) == ""
    assert message(stranger.get(private)) == "Authentication required"


@pytest.mark.fact("8-signature-once")
def test_a_signature_belongs_to_one_document(visitor: VisitorMaker) -> None:
    """However it is wrapped, and whenever the second registration began."""
    signer = visitor("employee")
    armoured = signer.signer.cms(CONTENT)
    bare = "".join(armoured.splitlines()[1:-1])
    first, second = (_begin(signer.client, signature=one) for one in (armoured, bare))
    assert message(_complete(signer.client, first["documentId"])) == ""
    assert message(_complete(signer.client, second["documentId"])) == SUBMITTED
    assert message(_begin(signer.client, signature=bare)) == SUBMITTED
    again = _begin(signer.client, signature=signer.signer.cms(CONTENT, "-nosmimecap"))
    assert message(_complete(signer.client, again["documentId"])) == ""


@pytest.mark.parametrize(
    ("requirements", "others", "conforms"),
    [
        ([{"iin": "IIN760314300123"}], {}, False),
        ([{"iin": "IIN760314300123"}, {"bin": f"BIN{ALFA}"}], {}, True),
        ([{"iin": "IIN760314300123"}, {"bin": f"BIN{ALFA}"}],
         {"sequentialSignersRequirements": True}, False),
        ([{"bin": f"BIN{ALFA}", "authorities": [HEAD]}], {}, False),
        ([{"bin": f"BIN{ALFA}", "authorities": [HEAD, EMPLOYEE], "ca": "nca"}], {}, True),
        ([{"ca": "btsd"}], {}, False),
        ([], {}, True),
        ([{"ca": "btsd"}], {"strictSignersRequirements": False}, True),
    ],
)  # fmt: skip
@pytest.mark.fact("8-strict-requirements")
def test_strict_requirements_concern_the_first_signature(
    visitor: VisitorMaker, requirements: list[Any], others: dict[str, Any], conforms: bool
) -> None:
    signer = visitor("employee")
    settings = {
        "strictSignersRequirements": True, "signersRequirements": requirements, **others,
    }  # fmt: skip
    begun = _begin(signer.client, signature=signer.signer.cms(CONTENT), settings=settings)
    assert message(begun) == ("" if conforms else NOT_CONFORMING)


@pytest.mark.fact("3.2-settings-record-created", "3.3-profile-created", "8-created-settings")
def test_a_first_signature_makes_the_organisations_record(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    """Of an organisation that the service never saw; a second one makes nothing."""
    template = STANDARD_WORLD.organisations[0].person("head")
    person: Person = replace(
        template, iin="900101300018", organisation_bin="990340000017", organisation_name="ТОО Новое"
    )
    world = emulator.world
    key = world.authority.issue_personal_certificate(person, rsa_key(), world.clock.now())
    newcomer = visitor(key=key)
    assert newcomer.get("/api/organizationSettings")["modifiedAt"] == 0
    made = []
    for content in (b"first", b"second"):
        begun = _begin(newcomer.client, signature=newcomer.signer.cms(content))
        done = _complete(newcomer.client, begun["documentId"], content)
        made.append(
            (
                done.get("automaticallyCreatedUserSettings"),
                done.get("automaticallyCreatedOrgSettings"),
            )
        )
    assert [user for user, _ in made] == [None, None]  # the sign-in made his own profile
    assert made[0][1] == newcomer.get("/api/organizationSettings")
    assert made[1][1] is None


@pytest.mark.fact("3.2-register-unsigned", "5-preregistration", "5-preregistration-grant")
def test_an_unsigned_document_is_for_systems_only(
    visitor: VisitorMaker, system: SystemMaker
) -> None:
    assert message(_begin(visitor(signed_in=False).client)) == "Authentication required"
    assert message(_begin(visitor("head").client)) == "Access denied"
    assert message(_begin(system(None))) == "Authentication required"

    client = system()  # it has no grant, and needs none
    begun = _begin(client, settings=PRIVATE)
    assert begun["signId"] == 0
    done = _complete(client, begun["documentId"])
    assert "automaticallyCreatedOrgSettings" not in done
    document = visitor("head").get(f"/api/{begun['documentId']}")
    assert document["registrator"]["businessId"] == f"BIN{ALFA}"
    assert base64.b64decode(document["registrator"]["certificate"])
    assert document["signaturesTotal"] == 0


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        ([], "Invalid JSON request structure"),
        ({"title": 1}, "Invalid JSON request structure"),
        ({"signType": "pdf"}, "Invalid JSON request structure"),
        ({"signType": []}, "Invalid JSON request structure"),
        ({"signature": {}}, "Invalid JSON request structure"),
        ({"emailNotifications": []}, "Invalid JSON request structure"),
        ({"settings": {"privat": True}}, "Invalid JSON request structure"),
        ({"settings": {"signaturesLimit": -1}}, "Invalid JSON request structure"),
        ({"signature": "no signature"}, "Failed to parse signature"),
        ({"signature": "<ds:Signature/>"}, "Not imitated by the emulator"),
        ({"signature": "MTEK", "signType": "xml"}, "Not imitated by the emulator"),
    ],
)
def test_a_wrong_registration_is_named(system: SystemMaker, posted: object, expected: str) -> None:
    assert message(answer(system().post("/api", json=posted))) == expected


def test_data_without_a_registration(visitor: VisitorMaker) -> None:
    client = visitor(signed_in=False).client
    assert message(_complete(client, "0" * 16)) == "Document not found"
    assert message(_complete(client, "short")) == "Invalid document identifier"
    large = client.post(f"/api/{'0' * 16}/data", content=b" " * (9 * 1024 * 1024))
    assert message(answer(large)) == "Request body is too large"


@pytest.mark.fact("8-content-length")
def test_data_must_say_their_length(visitor: VisitorMaker) -> None:
    client = visitor(signed_in=False).client
    chunked = client.post(f"/api/{'0' * 16}/data", content=iter([CONTENT]))
    assert message(answer(chunked)) == "HTTP Content-Length request header not set"


@pytest.mark.fact("3.2-document-data-temporary")
def test_data_are_kept_when_asked_for(
    visitor: VisitorMaker, system: SystemMaker, clock: ShiftedClock
) -> None:
    client, head = system(), visitor("head")
    kept = {
        "archive": {**PRIVATE, "forceArchive": True},
        "for a minute": {**PRIVATE, "tempStorageAfterRegistration": 60_000},
    }
    ids = {}
    for title, settings in kept.items():
        begun = _begin(client, title=title, settings=settings)
        done = _complete(client, begun["documentId"])
        assert done["dataArchived"] == (title == "archive")
        assert done["tempStorage"] == (title != "archive")
        ids[title] = begun["documentId"]
        stored = head.get(f"/api/{begun['documentId']}/data")
        assert base64.b64decode(stored["document"]) == CONTENT
    clock.advance(_A_LITTLE_MORE)
    assert message(head.get(f"/api/{ids['archive']}/data")) == ""
    assert message(head.get(f"/api/{ids['for a minute']}/data")) == "Archive not found"
    assert not head.get(f"/api/{ids['for a minute']}")["tempStorage"]


def test_an_organisation_that_archives_keeps_everything(
    visitor: VisitorMaker, system: SystemMaker
) -> None:
    head = visitor("head")
    before = head.get("/api/organizationSettings")
    head.post(
        "/api/organizationSettings",
        {**before, "dataArchiveEnabled": True, "dataArchiveContactEmail": "archive@alfa.example"},
    )
    client = system()
    begun = _begin(client)
    assert _complete(client, begun["documentId"])["dataArchived"] is True
    after = head.get("/api/organizationSettings")
    assert after["dataArchiveUsage"] == before["dataArchiveUsage"] + len(CONTENT)
    assert after["dataArchiveQuota"] > before["dataArchiveQuota"] == 0


@pytest.mark.parametrize(
    "mode", [{"publicDuringPreregistration": True}, {"publicWhileLessThanSignatures": 1}]
)
@pytest.mark.fact("3.5-public-modes")
def test_two_modes_open_stored_data_to_all(
    visitor: VisitorMaker, system: SystemMaker, mode: dict[str, Any]
) -> None:
    client, stranger = system(), visitor(signed_in=False)
    begun = _begin(client, settings={**PRIVATE, "forceArchive": True, **mode})
    _complete(client, begun["documentId"])
    assert stranger.get(f"/api/{begun['documentId']}/data")["document"]
    assert message(stranger.get(f"/api/{begun['documentId']}")) == ""


def test_a_document_may_become_private_with_its_last_signer(visitor: VisitorMaker) -> None:
    signer = visitor("employee")
    limited = {"signaturesLimit": 1, "switchToPrivateAfterLimitReached": True}
    begun = _begin(signer.client, signature=signer.signer.cms(CONTENT), settings=limited)
    _complete(signer.client, begun["documentId"])
    path = f"/api/{begun['documentId']}"
    assert message(visitor(signed_in=False).get(path)) == "Authentication required"
    assert message(signer.get(path)) == ""


def test_a_certificate_that_is_not_in_force_registers_nothing(
    visitor: VisitorMaker, clock: ShiftedClock
) -> None:
    signer = visitor("employee", signed_in=False)
    begun = _begin(signer.client, signature=signer.signer.cms(CONTENT))
    clock.advance(-_YEARS)
    done = _complete(signer.client, begun["documentId"])
    assert message(done) == "Signer certificate expired or not yet valid"
