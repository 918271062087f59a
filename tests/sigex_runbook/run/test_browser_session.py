"""Page and API act in one session: whoever has its cookie renewed, both go on with that one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from sigex_runbook.api.client import Api
from sigex_runbook.api.line import tls_context
from sigex_runbook.run.browser_session import BrowserSession
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.server_pin import server_pin
from tests.builders import Call, Reply, Service, make_pair, reply, running_service

CA = "ca.pem"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Service]:
    authority = make_pair("Test authority")
    authority.save(folder, "ca")
    with running_service(make_pair("127.0.0.1", issuer=authority), folder) as running:
        yield running


@pytest.fixture(scope="module")
def context(service: Service, folder: Path) -> Iterator[BrowserContext]:
    pins = [server_pin(service.address, (folder / CA).read_bytes())]
    with sync_playwright() as playwright, launch(playwright, pins=pins) as browser:
        yield browser.new_context()


@pytest.fixture
def told() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def api(
    service: Service, folder: Path, context: BrowserContext, told: list[tuple[str, str]]
) -> Iterator[Api]:
    """The API of an employee who has just signed in on the page."""
    service.calls.clear()
    context.clear_cookies()
    page(service, context, "signed-in")

    def tell(kind: str, secret: str) -> None:
        told.append((kind, secret))

    session = BrowserSession(context, service.address, tell)
    tls = tls_context(folder / CA)
    with Api(service.address, actor="employee", context=tls, session=session) as opened:
        yield opened


def page(service: Service, context: BrowserContext, cookie: str | None = None) -> str | None:
    """Open a page, which may set the cookie; gives the one with which it was asked for."""
    sets = f"jwt={cookie}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=600"
    headers = {"Set-Cookie": sets} if cookie is not None else {}
    service.answer = lambda _: Reply(b"<p>Page", content_type="text/html", headers=headers)
    opened = context.new_page()
    opened.goto(service.address)
    opened.close()
    return next(sent(call) for call in reversed(service.calls) if call.path == "/")


def sent(call: Call) -> str | None:
    return call.headers.get("cookie")


def ask(service: Service, api: Api, set_cookie: str | None = None) -> str | None:
    """Ask the API, whose answer may set the cookie; gives the one with which it was asked."""
    headers = {"Set-Cookie": set_cookie} if set_cookie is not None else {}
    service.answer = lambda _: reply({"userId": "x"}, headers=headers)
    api.identity()
    return sent(service.calls[-1])


def test_what_the_page_gets_the_api_sends(
    service: Service, context: BrowserContext, api: Api
) -> None:
    assert ask(service, api) == "jwt=signed-in"
    page(service, context, "renewed")
    assert ask(service, api) == "jwt=renewed"


@pytest.mark.parametrize("attributes", ["; Path=/; Secure; Max-Age=600", ""])
def test_what_the_api_gets_the_page_sends(
    service: Service,
    context: BrowserContext,
    api: Api,
    told: list[tuple[str, str]],
    attributes: str,
) -> None:
    assert ask(service, api, f"jwt=renewed{attributes}") == "jwt=signed-in"
    assert page(service, context) == "jwt=renewed"
    assert ask(service, api) == "jwt=renewed"
    assert told == [("cookie", "renewed")]  # the leak scan must know it


def test_a_session_that_the_api_ended_is_over_on_the_page_too(
    service: Service, context: BrowserContext, api: Api
) -> None:
    ask(service, api, "jwt=; Max-Age=0")
    assert page(service, context) is None


def test_a_browser_that_is_gone_leaves_the_session_to_be_ended(
    service: Service, folder: Path, context: BrowserContext
) -> None:
    assert context.browser is not None
    other = context.browser.new_context()
    page(service, other, "signed-in")
    session = BrowserSession(other, service.address)
    tls = tls_context(folder / CA)
    with Api(service.address, actor="employee", context=tls, session=session) as api:
        ask(service, api)
        other.close()
        assert ask(service, api, "jwt=renewed") == "jwt=signed-in"
        assert ask(service, api) == "jwt=renewed"
