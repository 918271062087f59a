"""The fields of every answer, spelled out (sigex-facts 3.2, 3.3, 3.5, 3.6)."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sigex_emulator import Emulator
from sigex_emulator.clock import ShiftedClock, milliseconds
from sigex_emulator.pki import oids
from tests.sigex_emulator.drivers import ALFA, CONTRACTS, VisitorMaker, message

_LISTED = {
    "documentId", "storedAt", "title", "description", "dataArchived", "signedDataSize",
    "signaturesTotal",
}  # fmt: skip
_DOCUMENT = {
    "title", "description", "signedDataSize", "settings", "signaturesTotal", "signatures",
    "dataArchived", "tempStorage", "canBeArchived", "emailNotifications",
    "signatureEmailNotifications",
}  # fmt: skip
_DOCUMENT_SETTINGS = {
    "private", "signaturesLimit", "switchToPrivateAfterLimitReached", "unique",
    "strictSignersRequirements", "sequentialSignersRequirements", "signersRequirements",
    "publicDuringPreregistration", "publicWhileLessThanSignatures", "documentAccess",
    "forceArchive", "tempStorageAfterRegistration",
}  # fmt: skip
_AUDIT_EVENT = {
    "eventId", "original", "modified", "modifiedBy", "modifiedByDigest", "modifiedAt",
}  # fmt: skip


@pytest.mark.fact("3.1-times-ms", "3.2-auth-log")
def test_times_are_milliseconds(visitor: VisitorMaker, clock: ShiftedClock) -> None:
    before = milliseconds(clock.now())
    employee = visitor()
    [event] = employee.get("/api/authLog")["events"]
    saved = employee.post("/api/organizationSettings", employee.settings())
    after = milliseconds(clock.now())
    assert before <= event["authAt"] <= saved["modifiedAt"] <= after
    assert before > 1_700_000_000_000  # that is 2023 in ms; in seconds it would be long past


@pytest.mark.fact("3.2-listing-shape", "3.2-registrator", "3.2-document-id")
def test_a_listing(emulator: Emulator, visitor: VisitorMaker) -> None:
    emulator.world.add_registered_document(ALFA, CONTRACTS, "От системы")
    listed = visitor("head").get("/api?organization=true")
    assert set(listed) == {"documentsTotal", "documents"}
    registered, *signed = listed["documents"]
    assert set(registered) == {*_LISTED, "registrator"}
    assert set(registered["registrator"]) == {"businessId", "certificate"}
    assert [set(one) for one in signed] == [_LISTED] * 4
    assert all(re.fullmatch(r"[A-Za-z0-9]{16}", one["documentId"]) for one in listed["documents"])


@pytest.mark.fact("3.2-document-get", "3.5-document-settings-keys", "3.2-document-settings-audit")
def test_a_document(emulator: Emulator, visitor: VisitorMaker) -> None:
    path = f"/api/{emulator.world.organisations[ALFA].document_ids[0]}"
    head = visitor("head")
    document = head.get(path)
    assert set(document) == _DOCUMENT
    assert set(document["settings"]) == _DOCUMENT_SETTINGS
    assert message(head.post(f"{path}/settings", {})) == ""  # every key is optional
    audit = head.get(f"{path}/settingsAudit")
    assert set(audit) == {"documentId", "eventsTotal", "events"}
    assert set(audit["events"][0]) == _AUDIT_EVENT


_OF_A_CERTIFICATE = {
    "subject", "subjectStructure", "certSignAlgorithm", "serialNumber", "from", "until", "issuer",
    "issuerStructure", "signAlgorithm", "policyIds", "keyUsages", "extKeyUsages",
}  # fmt: skip


@pytest.mark.fact("8-signature-fields", "8-signature-notifications")
def test_a_signature_tells_of_its_certificate_and_its_status(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    head = visitor("head")
    document_id = emulator.world.organisations[ALFA].document_ids[1]  # his own
    document = head.get(f"/api/{document_id}")
    assert document["signatureEmailNotifications"] == []
    [signature] = document["signatures"]
    certificate = head.signer.key.certificate
    identity = head.get("/api/auth")
    assert set(signature) == {
        *_OF_A_CERTIFICATE, "userId", "businessId", "subjectAltName", "subjectAltNameStructure",
        "keyStorage", "storedAt", "signId", "signType", "ocsp",
    }  # fmt: skip
    shared = _OF_A_CERTIFICATE & set(identity) | {"userId", "businessId", "subjectAltName"}
    assert {key: signature[key] for key in shared} == {key: identity[key] for key in shared}
    assert signature["issuer"].startswith("C=KZ,")
    assert signature["serialNumber"] == f"{certificate.serial_number:x}"
    assert signature["from"] == identity["certificateValidFrom"] < signature["storedAt"]
    assert signature["keyUsages"] == ["digitalSignature", "nonRepudiation"]
    assert signature["signType"] == "cms"
    status = signature["ocsp"]
    assert set(status) == {*_OF_A_CERTIFICATE, "producedAt", "thisUpdate", "certStatus"}
    assert (status["certStatus"], status["subject"]) == ("good", signature["issuer"])


@pytest.mark.fact("3.2-document-after-signature")
def test_signatures_after_a_known_one(emulator: Emulator, visitor: VisitorMaker) -> None:
    world = emulator.world
    document = world.documents[world.organisations[ALFA].document_ids[0]]
    first = document.signatures[0]
    second = replace(first, sign_id=first.sign_id + 1, business_id=None)
    world.add_document(replace(document, signatures=(first, second)))
    path = f"/api/{document.document_id}"
    head = visitor("head")
    assert [one["signId"] for one in head.get(path)["signatures"]] == [first.sign_id, 2]
    later = head.get(f"{path}?lastSignId={first.sign_id}")
    assert [one["signId"] for one in later["signatures"]] == [2]
    assert later["signaturesTotal"] == 2


@pytest.mark.fact("3.2-subscription")
def test_a_subscription(visitor: VisitorMaker) -> None:
    employee = visitor()
    plan = employee.get("/api/organizationSubscription")
    assert set(plan) == {"name", "expires", "features"}
    assert all(set(one) == {"name", "enabled"} for one in plan["features"])
    wanted = {**employee.settings(), "subscriptionContactEmail": "plan@alfa.example"}
    employee.post("/api/organizationSettings", wanted)
    assert employee.get("/api/organizationSubscription")["contactEmail"] == "plan@alfa.example"


@pytest.mark.fact("3.3-subject-structure", "3.3-subject-alt-name", "3.3-validity")
def test_an_identity(emulator: Emulator, visitor: VisitorMaker) -> None:
    employee = visitor()
    key = employee.signer.key
    identity = employee.get("/api/auth")
    common_name = next(rdn for rdn in identity["subjectStructure"] if rdn[0]["name"] == "CN")
    assert common_name == [
        {"oid": "2.5.4.3", "name": "CN", "valueInB64": False, "value": "АХМЕТОВА ДИНАРА"}
    ]
    assert key.person.email in identity["subjectAltName"]
    assert identity["subjectAltNameStructure"] == [
        {"type": "rfc822Name", "value": key.person.email}
    ]
    assert identity["certificateValidFrom"] == milliseconds(key.certificate.not_valid_before_utc)
    assert identity["certificateValidUntil"] == milliseconds(key.certificate.not_valid_after_utc)


@pytest.mark.fact("3.6-consts", "4.4-authority-members", "4.4-oid-roles")
def test_names_of_identifiers(visitor: VisitorMaker) -> None:
    consts = visitor(signed_in=False).get("/api/strings")["consts"]
    roles = {f"1.2.398.3.3.4.1.2.{number}" for number in range(1, 6)}
    assert set(consts["ncaAuthorityOIDs"]) == roles
    assert {"1.2.398.3.3.4.1.1", "1.2.398.3.3.4.1.2", *roles} <= set(consts["extKeyUsageOIDs"])
    assert "1.2.840.113549.1.1.11" in consts["signatureAlgorithmOIDs"]
    for names in (consts["ncaAuthorityOIDs"], consts["extKeyUsageOIDs"]):
        assert all(set(one) == {"ru", "kk"} for one in names.values())
    russian = {oid: one["ru"].casefold() for oid, one in consts["ncaAuthorityOIDs"].items()}
    assert russian == {
        "1.2.398.3.3.4.1.2.1": "первый руководитель",
        "1.2.398.3.3.4.1.2.2": "право подписи",
        "1.2.398.3.3.4.1.2.3": "право подписи финансовых документов",
        "1.2.398.3.3.4.1.2.4": "сотрудник отдела кадров",
        "1.2.398.3.3.4.1.2.5": "сотрудник организации",
    }


_TEXTS = {
    "Authentication required": "требуется аутентификация",
    "Access denied": "доступ запрещен",
    "User does not represent an organization": (
        "пользователь не является представителем организации"
    ),
    "Invalid authentication nonce": "неверный nonce аутентификации",
    "Invalid signature": "некорректная подпись",
    "Failed to parse signature": "не удалось разобрать подпись",
    "Certificate issuer is unknown": "издатель сертификата неизвестен",
    "Failed to build certificate chain": "не удалось построить цепочку сертификатов",
    "Signer certificate expired or not yet valid": (
        "срок действия сертификата уже истек, либо еще не наступил"
    ),
    "Invalid certificate status": "некорректный статус сертификата",
    "OCSP server problem": "проблема с ocsp сервером",
    "Already authenticated with TLS certificate": "аутентификация уже выполнена по tls сертификату",
    "TLS certificate used for authentication was disabled": (
        "tls сертификат, использованный для аутентификации, отключен"
    ),
    "Not enough TLS certificates": "недостаточно tls сертификатов",
    "Not enough authorities": "недостаточно полномочий",
    "One of the provided TLS certificates can not be used for authentication": (
        "один из tls сертификатов не может быть использован для аутентификации"
    ),
    "One of the provided certificate indices is invalid": (
        "один из индексов сертификатов не верен"
    ),
    "One of the provided authority OIDs is in invalid format": (
        "некорректный формат одного из oid-ов"
    ),
    "Feature is not available on current subscription level": (
        "функция недоступна на данном уровне подписки"
    ),
    "Document not found": "документ не найден",
    "Invalid document identifier": "некорректный идентификатор документа",
    "Archive not found": "архив не найден",
    "Failed to parse JSON": "не удалось разобрать json запрос",
    "Invalid JSON request structure": "некорректная структура json запроса",
    "Invalid API route": "некорректный маршрут",
    "Invalid HTTP request method": "некорректный http метод",
    "Invalid HTTP request headers": "некорректный http заголовок запроса",
    "Invalid URL query parameter": "некорректный url параметр запроса",
    "Request body is too large": "размер запроса слишком велик",
    "Request rate limit reached": "достигнуто ограничение частоты запросов",
    "Unexpected error": "непредвиденная ошибка",
}
"""Keys and short labels of sigex-facts 3.6; case is folded, since sources differ in it."""


@pytest.mark.fact("3.6-texts")
def test_messages_have_their_known_texts(visitor: VisitorMaker) -> None:
    known = visitor(signed_in=False).get("/api/strings")["errorMessages"]
    assert {key: known[key]["ru"].casefold() for key in _TEXTS} == _TEXTS


@pytest.mark.fact("3.4-removal-shifts-indices")
def test_without_a_certificate_the_next_one_takes_its_place(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    """An index is a position: whoever removes an entry has to rewrite the blocks."""
    emulator.world.grant(ALFA, "documentsList", CONTRACTS)
    employee = visitor()
    wanted = employee.settings()
    del wanted["tlsCertificatesList"][0]
    employee.post("/api/organizationSettings", wanted)
    settings = emulator.world.organisations[ALFA].settings
    assert settings.blocks["documentsList"].tls_certificate_indices == (0,)
    [portal] = settings.tls_certificates
    assert settings.indices_of(portal.public_key) == {0}


@pytest.mark.fact("4.5-server-check")
def test_a_posted_number_is_not_checked_for_its_digit(visitor: VisitorMaker) -> None:
    employee = visitor()
    wanted = employee.settings()
    wanted["documentsList"]["iins"] = ["IIN111111111111"]
    assert message(employee.post("/api/organizationSettings", wanted)) == ""
    assert employee.settings() == wanted


@pytest.mark.fact("6-11")
def test_unknown_keys_and_an_index_given_twice_are_taken(visitor: VisitorMaker) -> None:
    employee = visitor()
    wanted = employee.settings()
    wanted["documentsList"]["tlsCertificatesIndices"] = [1, 1]
    assert message(employee.post("/api/organizationSettings", {**wanted, "colour": "red"})) == ""
    assert employee.settings() == wanted


@pytest.mark.fact("3.5-change-by-person", "2.3-governs-documents-settings")
def test_a_listed_person_changes_settings_of_others_documents(
    emulator: Emulator, visitor: VisitorMaker
) -> None:
    path = f"/api/{emulator.world.organisations[ALFA].document_ids[0]}/settings"
    employee = visitor("settings_employee")
    assert message(visitor("head").post(path, {"private": True})) == ""
    assert message(employee.post(path, {"private": True})) == "Access denied"
    emulator.world.give_right(ALFA, "documentsSettings", oids.EMPLOYEE)
    assert message(employee.post(path, {"private": True})) == ""
