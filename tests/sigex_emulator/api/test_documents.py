"""Documents: who sees, lists and changes which (sigex-facts 3.5)."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from sigex_emulator import Emulator
from sigex_emulator.world.document_settings import DEFAULT_SETTINGS
from sigex_emulator.world.documents import Document
from tests.sigex_emulator.drivers import ALFA, BETA, CONTRACTS, VisitorMaker, message


def _ids(emulator: Emulator, organisation_bin: str = ALFA) -> list[str]:
    return emulator.world.organisations[organisation_bin].document_ids


def _public(emulator: Emulator) -> Document:
    documents = (emulator.world.documents[one] for one in _ids(emulator))
    return next(document for document in documents if not document.private)


@pytest.mark.fact("3.5-public-is-open", "3.5-data-need-sign-in")
def test_a_public_document_needs_no_sign_in(emulator: Emulator, visitor: VisitorMaker) -> None:
    document = _public(emulator)
    stranger = visitor(signed_in=False)
    assert stranger.get(f"/api/{document.document_id}")["title"] == document.title
    data = stranger.get(f"/api/{document.document_id}/data")
    assert message(data) == "Authentication required"


@pytest.mark.fact("3.5-private-by-person", "3.5-private-of-the-organisation", "3.6-access-denied")
def test_a_private_document_is_for_its_parties(emulator: Emulator, visitor: VisitorMaker) -> None:
    path = f"/api/{_ids(emulator)[0]}"  # signed by the ordinary employee
    assert message(visitor(signed_in=False).get(path)) == "Authentication required"
    assert message(visitor("employee").get(path)) == ""
    assert message(visitor("head").get(path)) == ""
    assert message(visitor("settings_employee").get(path)) == "Access denied"
    assert message(visitor("head", BETA).get(path)) == "Access denied"


@pytest.mark.fact("3.5-private-by-person", "3.5-rights-independent")
def test_a_listed_employee_sees_documents_of_others(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    path = f"/api/{_ids(emulator)[0]}"
    employee = visitor("settings_employee")
    emulator.world.give_right(ALFA, "documentsAccess", employee.signer.key.person.user_id)
    assert message(employee.get(path)) == ""
    assert message(employee.post(f"{path}/settings", {})) == "Access denied"
    assert message(employee.get("/api?organization=true")) == "Access denied"
    foreign = f"/api/{_ids(emulator, BETA)[0]}"
    assert message(employee.get(foreign)) == "Access denied"


@pytest.mark.fact(
    "3.5-private-opened", "3.5-opened-is-not-changeable", "3.2-document-settings-post",
)  # fmt: skip
def test_a_document_may_be_opened_to_another_organisation(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    document_id = _ids(emulator)[0]
    opened = {"private": True, "documentAccess": [{"bin": f"BIN{BETA}"}]}
    assert visitor("head").post(f"/api/{document_id}/settings", opened) == {
        "documentId": document_id
    }
    foreign = visitor("head", BETA)
    assert message(foreign.get(f"/api/{document_id}")) == ""
    assert message(foreign.post(f"/api/{document_id}/settings", {})) == "Access denied"
    assert message(visitor("employee", BETA).get(f"/api/{document_id}")) == "Access denied"


@pytest.mark.parametrize(
    ("rule", "employee", "head"),
    [
        ({"iin": True}, True, False),
        ({"iin": True, "bin": BETA}, True, True),
        ({"iin": True, "bin": ALFA}, False, False),
        ({"bin": BETA}, False, True),
    ],
)
@pytest.mark.fact("3.5-private-opened", "8-document-access")
def test_a_document_may_be_opened_to_a_person(
    emulator: Emulator, visitor: VisitorMaker, rule: dict[str, object], employee: bool, head: bool
) -> None:
    """Who is named with his organisation has to come for it; its head sees what is opened to it."""
    guest = visitor("employee", BETA)
    opened = {
        key: guest.signer.key.person.user_id if key == "iin" else f"BIN{value}"
        for key, value in rule.items()
    }
    path = f"/api/{_ids(emulator)[0]}"
    visitor("head").post(f"{path}/settings", {"private": True, "documentAccess": [opened]})
    assert message(guest.get(path)) == ("" if employee else "Access denied")
    assert message(visitor("head", BETA).get(path)) == ("" if head else "Access denied")


@pytest.mark.fact("3.2-document-data", "3.2-document-data-stored", "3.6-archive-not-found")
def test_stored_data_are_there_only_when_archived(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    head = visitor("head")
    archived, other = _ids(emulator)[:2]
    data = head.get(f"/api/{archived}/data")
    assert base64.b64decode(data["document"]).decode().startswith("Договор поставки")
    assert data["signedDataSize"] == len(base64.b64decode(data["document"]))
    assert message(head.get(f"/api/{other}/data")) == "Archive not found"


@pytest.mark.fact("3.5-absent-key-is-default", "3.2-document-settings-audit")
def test_an_absent_setting_falls_back_to_its_default(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    path = f"/api/{_ids(emulator)[0]}"
    head = visitor("head")
    head.post(f"{path}/settings", {"private": True, "signaturesLimit": 3})
    assert head.get(path)["settings"] == {**DEFAULT_SETTINGS, "private": True, "signaturesLimit": 3}
    head.post(f"{path}/settings", {"forceArchive": True})
    assert head.get(path)["settings"] == {**DEFAULT_SETTINGS, "forceArchive": True}
    audit = head.get(f"{path}/settingsAudit")
    assert audit["eventsTotal"] == 2
    assert audit["events"][1]["original"]["signaturesLimit"] == 3
    assert audit["events"][1]["modifiedBy"] == head.signer.key.person.user_id


@pytest.mark.parametrize(
    "wrong",
    [
        {"privat": True},
        {"private": 1},
        {"documentAccess": ["BIN000740000728"]},
        {"documentAccess": [{}]},
        {"documentAccess": [{"iin": "880522400214"}]},
        {"documentAccess": [{"bin": "BIN000740000728", "name": "x"}]},
        {"signersRequirements": [{"ca": "npk"}]},
        {"signersRequirements": [{"authorities": "1.2"}]},
        {"unique": ["name"]},
        [],
        "text",
    ],
)
@pytest.mark.fact("3.6-invalid-structure", "8-document-access")
def test_wrong_settings_change_nothing(
    emulator: Emulator, visitor: VisitorMaker, wrong: object
) -> None:
    path = f"/api/{_ids(emulator)[0]}"
    head = visitor("head")
    before = head.get(path)
    assert message(head.post(f"{path}/settings", wrong)) == "Invalid JSON request structure"
    assert head.get(path) == before


@pytest.mark.fact("3.2-listing-newest-first", "3.2-listing-signatures", "3.2-listing-slash")
def test_a_person_lists_what_he_signed(emulator: Emulator, visitor: VisitorMaker) -> None:
    listed = visitor("head").get("/api")
    titles = [one["title"] for one in listed["documents"]]
    assert titles == ["Публичная оферта", "Приказ о премировании"]  # newest first
    assert listed["documentsTotal"] == 2
    assert "signatures" not in listed["documents"][0]
    with_signatures = visitor("head").get("/api/?includeSignatures=true")
    assert with_signatures["documents"][0]["signatures"][0]["businessId"] == f"BIN{ALFA}"


@pytest.mark.fact("3.5-listing-right", "5-without-documents-list", "6-13")
def test_listing_for_the_organisation_needs_its_right_even_for_own_documents(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    assert visitor("head").get("/api?organization=true")["documentsTotal"] == 4
    employee = visitor("employee")
    assert message(employee.get("/api?organization=true")) == "Access denied"
    emulator.world.switches = replace(emulator.world.switches, refused_listing="empty")
    assert employee.get("/api?organization=true") == {"documentsTotal": 0, "documents": []}


@pytest.mark.fact(
    "3.2-listing-limited", "3.2-listing-limit-size", "3.2-listing-paging", "3.2-listing-times",
)  # fmt: skip
def test_listing_goes_page_by_page(emulator: Emulator, visitor: VisitorMaker) -> None:
    emulator.world.switches = replace(emulator.world.switches, listing_limit=3)
    head = visitor("head")
    first = head.get("/api?organization=true")["documents"]
    second = head.get(f"/api?organization=true&until={first[-1]['storedAt']}")["documents"]
    third = head.get(f"/api?organization=true&until={second[-1]['storedAt']}")["documents"]
    assert (len(first), len(second), len(third)) == (3, 1, 0)
    since = first[1]["storedAt"]
    assert len(head.get(f"/api?organization=true&from={since}")["documents"]) == 2


@pytest.mark.fact("3.2-listing-filters")
def test_listing_can_be_narrowed(emulator: Emulator, visitor: VisitorMaker) -> None:
    head = visitor("head")
    assert head.get("/api?organization=true&searchQuery=ПОСТАВКИ")["documentsTotal"] == 1
    assert head.get("/api?organization=true&dataArchived=true")["documentsTotal"] == 1


@pytest.mark.parametrize("query", ["from=x", "until=1.5", "organization=yes", "from=²"])
@pytest.mark.fact("3.6-invalid-query")
def test_a_wrong_query_is_named(visitor: VisitorMaker, query: str) -> None:
    assert message(visitor("head").get(f"/api?{query}")) == "Invalid URL query parameter"


@pytest.mark.fact("3.2-registrator", "3.2-listing-covers", "3.5-private-registered")
def test_a_document_registered_by_a_system_belongs_to_its_organisation(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    document = emulator.world.add_registered_document(ALFA, CONTRACTS, "Без подписей")
    head = visitor("head")
    body = head.get(f"/api/{document.document_id}")
    assert body["registrator"]["businessId"] == f"BIN{ALFA}"
    assert head.get("/api?organization=true")["documentsTotal"] == 5
    assert message(visitor("employee").get(f"/api/{document.document_id}")) == "Access denied"


@pytest.mark.parametrize(
    ("document_id", "expected"),
    [
        ("0000000000000000", "Document not found"),
        ("short", "Invalid document identifier"),
        ("%D1%8F" * 16, "Invalid document identifier"),
    ],
)
@pytest.mark.fact("3.6-document-not-found", "3.6-invalid-document-id")
def test_unknown_documents(visitor: VisitorMaker, document_id: str, expected: str) -> None:
    assert message(visitor("head").get(f"/api/{document_id}")) == expected


def test_the_first_document_is_the_same_at_every_start(emulator: Emulator) -> None:
    first = _ids(emulator)[0]
    emulator.world.reset()
    assert _ids(emulator)[0] == first
    assert emulator.world.documents[first].private
