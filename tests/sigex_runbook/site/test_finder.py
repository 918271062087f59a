"""A control is pressed when its page can hear it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import sync_playwright

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.finder import Finder
from sigex_runbook.site.guide_labels import SIGN_BUTTON
from sigex_runbook.site.reading.locators import Locators, meanings
from sigex_runbook.site.session import visit

PAGE = "<main><button id=b>Войти (NCALayer)</button></main><script src=/late.js></script>"
SCRIPT = "document.getElementById('b').onclick = () => { document.title = 'heard'; };"


class Late(BaseHTTPRequestHandler):
    """A page at once, and its script when it is released."""

    released = threading.Event()

    def do_GET(self) -> None:
        is_script = self.path == "/late.js"
        if is_script:
            self.released.wait(30)
        self.send_response(200)
        self.send_header(
            "Content-Type", "text/javascript" if is_script else "text/html;charset=utf-8"
        )
        self.end_headers()
        self.wfile.write((SCRIPT if is_script else PAGE).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    Late.released.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Late) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        Late.released.set()
        server.shutdown()


def test_a_button_shown_before_its_script_has_run_is_pressed_after_it(address: str) -> None:
    with sync_playwright() as playwright, launch(playwright) as browser, visit(browser) as opened:
        page = opened.page
        page.goto(address, wait_until="commit")
        finder = Finder(page, Deadline(60), Locators(meanings()), tuple)
        button = finder.find(SIGN_BUTTON)
        assert page.evaluate("document.readyState") == "loading"
        threading.Timer(1, Late.released.set).start()
        finder.press(SIGN_BUTTON, button)
        assert page.title() == "heard"
