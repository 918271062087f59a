"""Asking a time authority over HTTP: what is repeated, and for how long it is waited."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from sigex_runbook.evidence.attest import timestamp
from sigex_runbook.evidence.attest.timestamp import AuthorityDown, Unanswered, request_token
from sigex_runbook.evidence.attest.trust import Authority
from tests.proxy import running_proxy, set_proxies


@contextmanager
def authority(status: int, *, drips: bool = False) -> Iterator[tuple[Authority, list[str]]]:
    """One that answers so; it may let its answer drip without an end."""
    asked: list[str] = []
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response_only(status)
            self.send_header("Content-Length", "100000" if drips else "0")
            self.end_headers()
            while drips and not over.wait(0.02):
                self.wfile.write(b"0")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Authority(f"http://127.0.0.1:{server.server_address[1]}/", ()), asked
        finally:
            over.set()
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "times"), [(503, 3), (500, 3), (429, 3), (404, 1), (403, 1), (301, 1)]
)
def test_only_what_may_pass_is_asked_again(status: int, times: int) -> None:
    with authority(status) as (one, asked), pytest.raises(AuthorityDown, match=str(status)):
        request_token(one, b"data", pause=lambda _: None)
    assert len(asked) == times


def test_an_answer_that_drips_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timestamp, "TIMEOUT_SECONDS", 0.2)
    began = time.monotonic()
    with authority(200, drips=True) as (one, _), pytest.raises(Unanswered, match="не дождались"):
        timestamp.http_post(one.url, b"query")
    assert time.monotonic() - began < 5


def test_an_address_that_is_none_is_told() -> None:
    for address in ("http://[", "http://:99999/", "http:///x"):
        with pytest.raises(Unanswered):
            timestamp.http_post(address, b"query")


def test_an_authority_is_reached_through_a_proxy_and_loopback_past_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with authority(404) as (one, asked), running_proxy() as proxy:
        set_proxies(monkeypatch, HTTP_PROXY=proxy.address)
        far = one.url.replace("127.0.0.1", "time.test")
        for address, through in ((one.url, []), (far, [far.split("/")[2]])):
            with pytest.raises(Unanswered, match="404"):
                timestamp.http_post(address, b"query")
            assert proxy.asked == through
        assert asked == ["/", "/"]


def test_an_unusable_proxy_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    set_proxies(monkeypatch, HTTP_PROXY="socks5://proxy.test:1080")
    with pytest.raises(Unanswered, match="SOCKS"):
        timestamp.http_post("http://time.test/", b"query")
