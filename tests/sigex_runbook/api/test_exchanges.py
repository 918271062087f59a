"""What is recorded of a call: neither session nor people; and the server's clock."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from sigex_runbook.api.client import Api
from sigex_runbook.api.exchange import Exchange
from sigex_runbook.core.access import AccessBlock, shown_by
from sigex_runbook.core.errors import ServiceRefused, ServiceUnavailable
from tests.builders import (
    ORGANISATION,
    Reply,
    Service,
    settings_body,
)
from tests.sigex_runbook.api.replies import COOKIE, DENIED, IDENTITY, NOT_THE_SERVICE, answers


def test_an_exchange_holds_neither_session_nor_people(
    service: Service, api: Api, exchanges: list[Exchange]
) -> None:
    answers(
        service,
        {**settings_body(), **IDENTITY, "email": "i@example.kz", "signature": "MII"},
        headers={"Set-Cookie": f"jwt=renewed-{COOKIE}"},
    )
    api.settings()
    api.identity()
    api.write_document_settings("1jpAOexzXjfy8s13", {"documentAccess": ["IIN900101300126"]})
    assert len(exchanges) == 3
    text = json.dumps([asdict(exchange) for exchange in exchanges], ensure_ascii=False)
    for secret in (COOKIE, "IIN", "900101300126", "ИВАНОВ", "example.kz", "MII", "CERTIFICATE"):
        assert secret not in text
    assert exchanges[0].fields["documentsList"] == {"tlsCertificatesIndices": []}
    assert exchanges[0].fields["businessId"] == f"BIN{ORGANISATION}"


@pytest.mark.parametrize("shape", [["IIN900101300126"], "IIN900101300126"])
def test_a_block_of_another_shape_is_not_recorded_as_it_is(
    service: Service, api: Api, exchanges: list[Exchange], shape: Any
) -> None:
    """What may be recorded is listed; whatever is not understood is not."""
    answers(service, {"documentsList": shape})
    api.document("1jpAOexzXjfy8s13")
    assert "IIN" not in json.dumps(asdict(exchanges[0]))


@pytest.mark.parametrize("empty", [None, {"tlsCertificatesIndices": None}, {}])
def test_an_empty_block_is_recorded_as_one_however_it_is_written(
    service: Service, api: Api, exchanges: list[Exchange], empty: Any
) -> None:
    """Else the record of a reading would not be that of a reading of all four blocks."""
    body = settings_body(documentsList=empty)
    del body["documentsAccess"]
    answers(service, body)
    shown = api.settings()
    ticks: dict[str, list[int]] = {"tlsCertificatesIndices": []}
    assert {block: exchanges[0].fields[block] for block in AccessBlock} == dict.fromkeys(
        AccessBlock, ticks
    )
    assert shown_by(exchanges[0].fields, shown)


@pytest.mark.parametrize("answer", [DENIED, NOT_THE_SERVICE["html"]], ids=["refused", "not json"])
def test_a_refusal_is_recorded_too(
    service: Service, api: Api, exchanges: list[Exchange], answer: Reply
) -> None:
    service.answer = lambda _: answer
    with pytest.raises((ServiceRefused, ServiceUnavailable)):
        api.settings()
    (exchange,) = exchanges
    assert (exchange.actor, exchange.method, exchange.status) == ("employee", "GET", 200)
    assert exchange.url == f"{service.address}/api/organizationSettings"
    assert exchange.fields == (
        {"message": "Access denied", "requestID": 7} if answer is DENIED else {}
    )


def test_the_servers_clock_is_compared_with_ours(service: Service, api: Api) -> None:
    """An auditor must know whose time the record tells; the sign tells who is ahead."""
    server = datetime.now(UTC) - timedelta(hours=1)
    answers(service, {}, headers={"Date": format_datetime(server, usegmt=True)})
    api.sign_out()
    assert api.clock_offset_seconds == pytest.approx(3600, abs=120)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 23 Nov 2026 23:00:00 -0000", "Mon, 99 Nov 2026 23:00:00 GMT"]
)
def test_a_date_that_cannot_be_read_stops_nothing(
    service: Service, api: Api, exchanges: list[Exchange], date: str
) -> None:
    answers(service, {}, headers={"Date": date})
    api.sign_out()
    assert len(exchanges) == 1


def test_without_a_date_there_is_no_offset(service: Service, api: Api) -> None:
    api.sign_out()
    assert api.clock_offset_seconds is None
