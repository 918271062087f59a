"""The bridge in a real browser: a page finds NCALayer though nothing listens on its port."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sigex_runbook.signing import NCALayer, SigningCancelled
from sigex_runbook.signing.bridge import attach
from sigex_runbook.site.browser_launch import launch

NONCE = b"\x00nonce\xff"

TALK = """
([address, frames]) => new Promise((resolve, reject) => {
  const heard = [];
  const socket = new WebSocket(address);
  socket.onerror = () => reject(new Error('the socket failed'));
  socket.onmessage = (event) => {
    heard.push(JSON.parse(event.data));
    if (heard.length > frames.length) { socket.close(); resolve(heard); }
    else socket.send(frames[heard.length - 1]);
  };
})
"""
"""Sends one frame after each that is heard: the greeting has to come first, or nothing happens."""

SIGN = (
    '{"module": "kz.gov.pki.knca.basics", "method": "sign", "args": {"format": "cms", "data": "'
    + base64.b64encode(NONCE).decode("ascii")
    + '", "signingParams": {"decode": true}}}'
)


class Hand:
    """Signs by naming itself; refuses when it has no name."""

    def __init__(self, name: bytes) -> None:
        self.name = name

    def sign(self, data: bytes, *, attach: bool) -> bytes:  # noqa: ARG002
        if not self.name:
            raise SigningCancelled
        return self.name + data


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, launch(playwright) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as context:
        yield context


def talk(page: Page, *frames: str, address: str = "wss://127.0.0.1:13579") -> list[Any]:
    heard: list[Any] = page.evaluate(TALK, [address, list(frames)])
    return heard


def signature(heard: Any) -> bytes:
    return base64.b64decode("".join(heard["body"]["result"].splitlines()[1:-1]))


@pytest.mark.parametrize("address", ["wss://127.0.0.1:13579", "wss://127.0.0.1:13579/"])
@pytest.mark.fact("4.2-address", "4.2-greeting")
def test_a_page_is_greeted_and_gets_a_signature(context: BrowserContext, address: str) -> None:
    attach(context, NCALayer(Hand(b"A")))
    greeting, signed = talk(context.new_page(), SIGN, address=address)
    assert greeting == {"result": {"version": "1.2"}}
    assert signature(signed) == b"A" + NONCE


def test_junk_leaves_the_socket_open(context: BrowserContext) -> None:
    attach(context, NCALayer(Hand(b"A")))
    heard = talk(context.new_page(), "junk", "{}", SIGN)
    assert heard[1]["status"] is False
    assert signature(heard[3]) == b"A" + NONCE


def test_a_closed_window_reaches_the_page(context: BrowserContext) -> None:
    attach(context, NCALayer(Hand(b"")))
    assert talk(context.new_page(), SIGN)[1] == {"status": True, "body": {}}


def test_each_context_signs_with_its_own_key(browser: Browser) -> None:
    """Many organisations at once in one browser, and none gets another's signature."""
    with browser.new_context() as one, browser.new_context() as two:
        attach(one, NCALayer(Hand(b"1")))
        attach(two, NCALayer(Hand(b"2")))
        pages = [one.new_page(), two.new_page(), one.new_page()]
        signed = [signature(talk(page, SIGN)[1]) for page in pages]
    assert signed == [b"1" + NONCE, b"2" + NONCE, b"1" + NONCE]


@pytest.mark.fact("4.2-kaztoken")
def test_the_other_program_is_refused_at_once(context: BrowserContext) -> None:
    """The vendor's client gives KAZTOKEN a second; refused at once, nothing is lost."""
    attach(context, NCALayer(Hand(b"A")))
    asked: list[str | None] = []
    context.on("requestfailed", lambda request: asked.append(request.failure))
    page = context.new_page()
    refused = page.evaluate("fetch('https://127.0.0.1:24680/').then(() => false, () => true)")
    assert refused is True
    assert asked == ["net::ERR_CONNECTION_REFUSED"]


@pytest.mark.parametrize("address", ["wss://127.0.0.1:1", "wss://127.0.0.1:13579/other"])
def test_other_sockets_are_left_alone(context: BrowserContext, address: str) -> None:
    attach(context, NCALayer(Hand(b"A")))
    page = context.new_page()
    opened = page.evaluate(
        "(address) => new Promise((resolve) => { const s = new WebSocket(address);"
        " s.onopen = () => resolve(true); s.onerror = () => resolve(false); })",
        address,
    )
    assert opened is False
