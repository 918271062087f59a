"""The session's cookie: renewed by any answer, ended by an empty one."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from sigex_runbook.api.client import Api
from sigex_runbook.api.session import renewals_in
from sigex_runbook.core.errors import ServiceRefused
from tests.builders import Service, reply
from tests.sigex_runbook.api.replies import COOKIE, IDENTITY

AN_HOUR = timedelta(hours=1)


def in_time(shift: timedelta) -> str:
    return format_datetime(datetime.now(UTC) + shift, usegmt=True)


@pytest.mark.parametrize("answer", [IDENTITY, {"message": "Access denied"}], ids=["yes", "no"])
def test_a_renewed_cookie_is_sent_from_then_on(
    service: Service, api: Api, answer: dict[str, object]
) -> None:
    """A service that renews must not be asked with the old one: it runs out."""
    service.answer = lambda _: reply(answer, headers={"Set-Cookie": "jwt=renewed; Path=/"})
    with suppress(ServiceRefused):
        api.identity()
    service.answer = lambda _: reply(IDENTITY)
    api.identity()
    api.identity()
    sent = [call.headers["cookie"] for call in service.calls]
    assert sent == [f"jwt={COOKIE}", "jwt=renewed", "jwt=renewed"]


@pytest.mark.parametrize("end", ["Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"])
@pytest.mark.parametrize("value", ["", "x"])
def test_an_ended_session_is_sent_no_more(service: Service, api: Api, value: str, end: str) -> None:
    service.answer = lambda _: reply({}, headers={"Set-Cookie": f"jwt={value}; {end}"})
    api.sign_out()
    service.answer = lambda _: reply(IDENTITY)
    api.identity()
    assert "cookie" not in service.calls[-1].headers


def test_a_cookie_of_another_name_is_not_the_session() -> None:
    assert list(renewals_in(["language=ru; Path=/", "=;;", "jwtx=1"])) == []


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ("Max-Age=3600", 3600),
        ("Expires={hour}", 3600),
        ("Max-Age=60; Expires={hour}", 60),  # Max-Age counts first
    ],
    ids=["for so long", "until then", "both"],
)
def test_a_renewed_cookie_says_until_when(attributes: str, seconds: float) -> None:
    told = attributes.format(hour=in_time(AN_HOUR))
    (renewal,) = renewals_in([f"jwt=a.b.c; {told}; Secure; SameSite=Strict"])
    assert renewal.value == "a.b.c"
    assert renewal.until == pytest.approx(time.time() + seconds, abs=60)


@pytest.mark.parametrize("attributes", ["Path=/", "Max-Age=soon", "Expires=tomorrow"])
def test_a_cookie_that_tells_no_end_lives_with_the_browser(attributes: str) -> None:
    (renewal,) = renewals_in([f"jwt=a.b.c; {attributes}"])
    assert (renewal.value, renewal.until) == ("a.b.c", None)
