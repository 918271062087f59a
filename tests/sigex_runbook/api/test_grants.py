"""Using a grant: what each block's own call proves, and what it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sigex_runbook.api.client import Api
from sigex_runbook.api.grants import try_grant
from sigex_runbook.core.access import AccessBlock, AccessSettings
from sigex_runbook.core.verdict import Answer
from tests.builders import (
    ORGANISATION,
    Reply,
    Service,
    reply,
    settings_body,
)
from tests.sigex_runbook.api.replies import DENIED, NOT_THE_SERVICE, answers

OWNER = f"BIN{ORGANISATION}"
DOCUMENT = ("1jpAOexzXjfy8s13", {"private": True, "signaturesLimit": 2})
SERVED = {
    AccessBlock.DOCUMENTS_ACCESS: {"title": "x", "settings": DOCUMENT[1]},
    AccessBlock.DOCUMENTS_LIST: {"documents": [{"documentId": DOCUMENT[0]}], "documentsTotal": 1},
    AccessBlock.DOCUMENTS_SETTINGS: {"documentId": "1jpAOexzXjfy8s13"},
    AccessBlock.ORGANISATION_SETTINGS: settings_body(),
}
CALLS = {
    AccessBlock.DOCUMENTS_ACCESS: ("GET", "/api/1jpAOexzXjfy8s13"),
    AccessBlock.DOCUMENTS_LIST: ("GET", "/api"),
    AccessBlock.DOCUMENTS_SETTINGS: ("POST", "/api/1jpAOexzXjfy8s13/settings"),
    AccessBlock.ORGANISATION_SETTINGS: ("GET", "/api/organizationSettings"),
}


def used(
    api: Api,
    block: AccessBlock,
    document: tuple[str, dict[str, Any]] | None = DOCUMENT,
    *,
    organisation: str = OWNER,
) -> tuple[Answer, str]:
    """One grant tried while these settings should be in force."""
    settings = AccessSettings(settings_body())
    return try_grant(api, block, document, organisation=organisation, settings=settings)


@pytest.mark.parametrize("block", AccessBlock)
def test_each_grant_is_tried_by_its_own_call(
    service: Service, api: Api, block: AccessBlock
) -> None:
    answers(service, SERVED[block])
    assert used(api, block)[0] is Answer.SERVED
    (call,) = service.calls
    assert (call.method, call.path.partition("?")[0]) == CALLS[block]


def test_settings_are_written_back_as_they_were(service: Service, api: Api) -> None:
    answers(service, {})
    used(api, AccessBlock.DOCUMENTS_SETTINGS)
    assert json.loads(service.calls[0].body) == DOCUMENT[1]


@pytest.mark.parametrize("block", AccessBlock)
def test_only_the_services_own_denial_is_a_refusal(
    service: Service, api: Api, block: AccessBlock
) -> None:
    service.answer = lambda _: DENIED
    assert used(api, block) == (Answer.REFUSED, "Access denied")


@pytest.mark.parametrize("block", AccessBlock)
@pytest.mark.parametrize(
    "answer",
    [
        reply({"message": "Unexpected error"}),
        reply({"message": "Authentication required"}),
        NOT_THE_SERVICE["html"],
        NOT_THE_SERVICE["an error without a message"],
    ],
    ids=["an error", "no session", "html", "500"],
)
def test_anything_else_is_unclear_and_never_counts_as_refused(
    service: Service, api: Api, block: AccessBlock, answer: Reply
) -> None:
    """A service that is broken refuses everybody: that must not pass for a working control."""
    service.answer = lambda _: answer
    found, detail = used(api, block)
    assert found is Answer.UNCLEAR
    assert detail


@pytest.mark.parametrize("block", AccessBlock)
def test_an_empty_object_is_no_service(service: Service, api: Api, block: AccessBlock) -> None:
    """`{}` is what any JSON server says; a grant is served when its own answer comes."""
    answers(service, {})
    assert used(api, block)[0] is not Answer.SERVED


@pytest.mark.parametrize("block", [AccessBlock.DOCUMENTS_ACCESS, AccessBlock.DOCUMENTS_SETTINGS])
def test_without_a_document_two_grants_are_not_tried(
    service: Service, api: Api, block: AccessBlock
) -> None:
    found, detail = used(api, block, None)
    assert (found, service.calls) == (Answer.NOT_TRIED, [])
    assert "probe_document" in detail


def test_an_empty_listing_is_a_refusal_in_other_words(service: Service, api: Api) -> None:
    answers(service, {"documents": [], "documentsTotal": 0})
    assert used(api, AccessBlock.DOCUMENTS_LIST)[0] is Answer.REFUSED


def test_an_empty_listing_without_a_known_document_tells_nothing(
    service: Service, api: Api
) -> None:
    answers(service, {"documents": [], "documentsTotal": 0})
    found, detail = used(api, AccessBlock.DOCUMENTS_LIST, None)
    assert found is Answer.NOT_TRIED
    assert detail


def test_settings_of_another_organisation_are_not_this_grant(service: Service, api: Api) -> None:
    """One key may be registered in two organisations; the other one's answer proves nothing."""
    answers(service, settings_body())
    block = AccessBlock.ORGANISATION_SETTINGS
    assert used(api, block, organisation="BIN000740000728")[0] is Answer.UNCLEAR
    assert used(api, block)[0] is Answer.SERVED


@pytest.mark.parametrize(
    ("block", "body", "told"),
    [
        pytest.param(
            AccessBlock.ORGANISATION_SETTINGS,
            settings_body(webhooks={"urls": ["https://elsewhere.example/"]}),
            "webhooks",
            id="other settings than employees are shown",
        ),
        pytest.param(
            AccessBlock.DOCUMENTS_ACCESS,
            {"title": "x", "settings": {"private": False, "signaturesLimit": 2}},
            "не с теми настройками",
            id="another document, or open to all",
        ),
        pytest.param(
            AccessBlock.DOCUMENTS_LIST,
            {"documents": [{"documentId": "x"}], "documentsTotal": 1},
            DOCUMENT[0],
            id="somebody else's documents",
        ),
    ],
)
def test_an_answer_about_something_else_is_not_this_grant(
    service: Service, api: Api, block: AccessBlock, body: dict[str, Any], told: str
) -> None:
    answers(service, body)
    found, detail = used(api, block)
    assert found is Answer.UNCLEAR
    assert told in detail


@pytest.mark.parametrize(
    ("total", "document"), [(2, DOCUMENT), (None, DOCUMENT), (1, None)], ids=["more", "?", "none"]
)
def test_a_part_of_a_listing_need_not_hold_the_document(
    service: Service, api: Api, total: int | None, document: tuple[str, dict[str, Any]] | None
) -> None:
    """The service shows the newest so many; without a known document nothing can be missed."""
    answers(service, {"documents": [{"documentId": "x"}], "documentsTotal": total})
    assert used(api, AccessBlock.DOCUMENTS_LIST, document)[0] is Answer.SERVED
