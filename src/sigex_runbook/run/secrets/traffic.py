"""What is secret in a browser's traffic: session cookies, sign-in nonces, tokens in addresses.

Nothing of it is kept here: whoever is told looks for it in the pack before it is sealed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Error, Request, Response

from sigex_runbook.api.client import SESSION_PATH
from sigex_runbook.api.session import COOKIE
from sigex_runbook.evidence.privacy.redaction import is_secrets_name

from .channel import Tell

_STATIC = frozenset({"script", "stylesheet", "image", "font", "media", "manifest"})


@contextmanager
def overheard(context: BrowserContext, tell: Tell) -> Iterator[None]:
    """Tell every secret that a request or an answer of this context carries.

    A script or a picture may set a cookie too: what the browser holds in the end is told as well.
    """

    def asked(request: Request) -> None:
        for token in tokens_in(request.url):
            tell("query", token)
        if request.method == "POST" and urlsplit(request.url).path == SESSION_PATH:
            nonce = nonce_in(request.post_data_buffer)
            if nonce is not None:
                tell("nonce", nonce)

    def answered(response: Response) -> None:
        if response.request.resource_type in _STATIC:
            return  # to ask for an answer's headers takes as long as a click
        with suppress(Error):  # of a page that is gone; its cookie came to nothing
            for header in response.header_values("set-cookie"):
                for value in cookies_in(header):
                    tell("cookie", value)

    context.on("request", asked)
    context.on("response", answered)
    try:
        yield
    finally:
        with suppress(Error):
            for cookie in context.cookies():
                if cookie.get("name") == COOKIE or cookie.get("httpOnly"):
                    tell("cookie", cookie.get("value", ""))


def tokens_in(url: str) -> Iterator[str]:
    """The values of an address's parameters that are named like secrets."""
    parts = urlsplit(url)
    for name, value in (*parse_qsl(parts.query), *parse_qsl(parts.fragment)):
        if is_secrets_name(name):
            yield value


def nonce_in(body: bytes | None) -> str | None:
    """The nonce that a signed sign-in sends back (sigex-facts 3.2); None in other requests."""
    try:
        sent = json.loads(body or b"")
    except ValueError:
        return None
    nonce = sent.get("nonce") if isinstance(sent, dict) else None
    return nonce if isinstance(nonce, str) else None


def cookies_in(header: str) -> Iterator[str]:
    """The secret values that a Set-Cookie header sets: the session's, and all that no script may
    read."""
    try:
        cookies = SimpleCookie(header)
    except CookieError:
        return
    for name, cookie in cookies.items():
        if name == COOKIE or cookie["httponly"]:
            yield cookie.value
