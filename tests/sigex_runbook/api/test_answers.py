"""What an answer over HTTP means, and what is none of the service's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigex_runbook.api.client import Api, Listing
from sigex_runbook.core.errors import ServiceRefused, ServiceUnavailable
from tests.builders import (
    ORGANISATION,
    Reply,
    Service,
    settings_body,
)
from tests.sigex_runbook.api.replies import COOKIE, IDENTITY, NOT_THE_SERVICE, answers


def test_the_cookie_is_sent_and_the_identity_read(service: Service, api: Api) -> None:
    answers(service, IDENTITY)
    identity = api.identity()
    assert identity.name == "ИВАНОВ ИВАН"
    assert identity.organisation_bin == ORGANISATION
    assert identity.organisation_name == "АО «Пример»"
    (call,) = service.calls
    assert (call.method, call.path) == ("GET", "/api/auth")
    assert call.headers["cookie"] == f"jwt={COOKIE}"


def test_a_private_person_has_no_organisation(service: Service, api: Api) -> None:
    answers(service, {key: value for key, value in IDENTITY.items() if key != "businessId"})
    assert api.identity().organisation_bin is None


def test_an_attribute_in_base64_is_not_shown_as_a_name(service: Service, api: Api) -> None:
    name = {"oid": "2.5.4.3", "name": "CN", "valueInB64": True, "value": "DAA="}
    answers(service, {**IDENTITY, "subjectStructure": [[name]]})
    assert api.identity().name == ""


@pytest.mark.parametrize("structure", [[["CN"]], [1], {"CN": "x"}, "CN"])
def test_an_identity_of_another_shape_is_a_clean_error(
    service: Service, api: Api, structure: Any
) -> None:
    answers(service, {**IDENTITY, "subjectStructure": structure})
    with pytest.raises(ServiceUnavailable, match=r"\S"):
        api.identity()


@pytest.mark.parametrize("status", [200, 400, 403, 500])
def test_a_message_is_a_refusal_whatever_the_code(service: Service, api: Api, status: int) -> None:
    answers(service, {"message": "Access denied", "requestID": 1}, status=status)
    with pytest.raises(ServiceRefused, match="Access denied") as refused:
        api.settings()
    assert refused.value.reason == "Access denied"


def test_an_empty_message_is_a_refusal_too(service: Service, api: Api) -> None:
    answers(service, {"message": ""})
    with pytest.raises(ServiceRefused):
        api.sign_out()


@pytest.mark.parametrize("answer", NOT_THE_SERVICE.values(), ids=NOT_THE_SERVICE)
def test_what_is_not_the_services_json_is_unavailable(
    service: Service, api: Api, answer: Reply
) -> None:
    """A captive portal, a proxy and a broken line must never look like an empty success."""
    service.answer = lambda _: answer
    with pytest.raises(ServiceUnavailable) as failed:
        api.document("1jpAOexzXjfy8s13")
    said = str(failed.value)
    assert "овтор" in said  # the next action
    assert len(said.splitlines()) == 1
    assert COOKIE not in said


@pytest.mark.parametrize(
    "body",
    [
        {},
        settings_body(documentsList=["x"]),
        settings_body(tlsCertificatesList=["x"]),
        settings_body(tlsCertificatesList=[{}]),
    ],
    ids=["empty", "a list for a block", "texts for systems", "empty system"],
)
def test_settings_of_another_shape_are_refused(
    service: Service, api: Api, body: dict[str, Any]
) -> None:
    answers(service, body)
    with pytest.raises(ServiceUnavailable, match="незнакомом виде"):
        api.settings()


def test_settings_arrive_whole(service: Service, api: Api) -> None:
    answers(service, settings_body(somethingNew=1))
    assert api.settings().body == settings_body(somethingNew=1)


def test_a_listing_asks_for_the_organisations_documents(service: Service, api: Api) -> None:
    answers(service, {"documents": [{"documentId": "x"}], "documentsTotal": 1})
    assert api.organisation_documents() == Listing(("x",), whole=True)
    assert service.calls[0].path.startswith("/api?from=0&until=")
    assert service.calls[0].path.endswith("&organization=true")


@pytest.mark.parametrize("documents", [{"documents": []}, {"documents": None}, {}])
def test_an_empty_listing_is_one_however_it_is_written(
    service: Service, api: Api, documents: dict[str, Any]
) -> None:
    answers(service, {**documents, "documentsTotal": 0})
    assert api.organisation_documents() == Listing((), whole=True)


@pytest.mark.parametrize(
    "body",
    [{}, {"documents": None}, {"documentsTotal": 1}, {"documents": {}}, {"documents": ["x"]}],
)
def test_a_listing_of_another_shape_is_refused(
    service: Service, api: Api, body: dict[str, Any]
) -> None:
    answers(service, body)
    with pytest.raises(ServiceUnavailable, match="незнакомом виде"):
        api.organisation_documents()


def test_writing_and_signing_out_send_json(service: Service, api: Api) -> None:
    api.write_document_settings("1jpAOexzXjfy8s13", {"private": True})
    api.sign_out()
    assert [(c.method, c.path, json.loads(c.body)) for c in service.calls] == [
        ("POST", "/api/1jpAOexzXjfy8s13/settings", {"private": True}),
        ("POST", "/api/auth", {"logout": True}),
    ]
