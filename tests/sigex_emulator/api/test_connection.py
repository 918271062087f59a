"""What is hardly HTTP gets a documented message as well, never the web server's own words."""

from __future__ import annotations

import json
import socket
import ssl
from typing import Any

import pytest

from sigex_emulator import Emulator

METHOD = "Invalid HTTP request method"
HEADERS = "Invalid HTTP request headers"
ROUTE = "Invalid API route"
POST = b"POST /api/auth HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


def say(emulator: Emulator, words: bytes, *, systems: bool = False) -> tuple[int, Any]:
    """Send bytes as they are; return the status and the JSON of the answer."""
    address = emulator.mtls_address if systems else emulator.address
    context = ssl.create_default_context(cadata=emulator.world.authority.certificate_pem)
    with (
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        client.settimeout(30)
        client.sendall(words)
        received = b""
        while chunk := client.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"application/json" in head
    return int(head.split(b" ", 2)[1]), json.loads(body)


@pytest.mark.parametrize("systems", [False, True])
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (b"GARBAGE\r\n\r\n", METHOD),
        (b"\x16\x03\x01\x00\x00\r\n\r\n", METHOD),
        (b"MAKE /api/auth HTTP/1.1\r\nHost: x\r\n\r\n", METHOD),
        (b"GET\r\n\r\n", METHOD),
        (b"GET /api/version HTTP/9.9\r\nHost: x\r\n\r\n", ROUTE),
        (b"GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n", ROUTE),
        (b"GET /api/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", ROUTE),
        (b"GET /api/version HTTP/1.1\r\n\r\n", HEADERS),
        (b"GET /api/version HTTP/1.1\r\nHost: x\r\nBad Header: x\r\n\r\n", HEADERS),
        (b"GET /api/version HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n", HEADERS),
        (b"GET /api/version HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 20_000 + b"\r\n\r\n", HEADERS),
        (POST + b"Content-Length: many\r\n\r\n", HEADERS),
        (POST + b"Content-Length: -5\r\n\r\n", HEADERS),
        (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", HEADERS),
        (POST + b"Expect: magic\r\nContent-Length: 2\r\n\r\n{}", HEADERS),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HEADERS),
    ],
    ids=[
        "no http", "tls within tls", "invented method", "method only", "http 9.9", "bad address",
        "no text", "no host", "space in a name", "zero byte", "long header", "length in words",
        "negative length", "two lengths", "expectation", "http 2",
    ],
)  # fmt: skip
@pytest.mark.fact("3.6-invalid-headers", "3.6-invalid-method", "3.6-unknown-route")
def test_what_is_hardly_http(
    emulator: Emulator, words: bytes, expected: str, systems: bool
) -> None:
    status, said = say(emulator, words, systems=systems)
    assert (status, said["message"]) == (200, expected)
    assert isinstance(said["requestID"], int)


@pytest.mark.parametrize(
    "rest",
    [
        b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    ],
    ids=["chunks", "gzip"],
)
@pytest.mark.fact("3.6-invalid-headers")
def test_a_body_that_is_not_what_its_headers_promise(emulator: Emulator, rest: bytes) -> None:
    status, said = say(emulator, POST + rest)
    assert (status, said["message"]) == (200, HEADERS)


@pytest.mark.parametrize(
    ("words", "systems", "status", "expected"),
    [
        (b"PUT / HTTP/1.1\r\n", False, 405, METHOD),
        (b"GET / HTTP/1.1\r\n", True, 404, ROUTE),
        (b"OPTIONS * HTTP/1.1\r\n", False, 404, ROUTE),
    ],
)
def test_refusals_beside_the_api_keep_their_code(
    emulator: Emulator, words: bytes, systems: bool, status: int, expected: str
) -> None:
    request = words + b"Host: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    answered, said = say(emulator, request, systems=systems)
    assert (answered, said["message"]) == (status, expected)


def test_a_page_that_fails_says_so_without_a_trace(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(emulator.world, "switches", None)
    request = b"GET /organization-settings HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    status, said = say(emulator, request)
    assert (status, said["message"]) == (500, "Unexpected error")
    assert "the emulator failed" in caplog.text
