"""What is secret in a browser's traffic is told; what is not stays untold."""

from __future__ import annotations

from sigex_runbook.run.secrets.traffic import cookies_in, nonce_in, tokens_in


def test_tokens_of_an_address_are_told() -> None:
    url = "https://h/a?from=0&accessToken=abc%2Bdef-123&organization=true#sig=x9"
    assert list(tokens_in(url)) == ["abc+def-123", "x9"]
    assert list(tokens_in("https://h/api?from=0&until=17641154040000")) == []


def test_the_nonce_of_a_sign_in_is_told() -> None:
    assert nonce_in(b'{"nonce": "bm9uY2U=", "signature": "x"}') == "bm9uY2U="
    for other in (None, b"", b"\xff", b"[]", b'{"logout": true}', b'{"nonce": 1}'):
        assert nonce_in(other) is None


def test_the_sessions_cookie_and_what_no_script_may_read_are_told() -> None:
    assert list(cookies_in("jwt=a.b.c; Path=/; Secure")) == ["a.b.c"]
    assert list(cookies_in("other=12345; HttpOnly")) == ["12345"]
    assert list(cookies_in("language=ru; Path=/")) == []
    assert list(cookies_in("=;;")) == []
