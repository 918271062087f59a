"""One answer to which proxy a call goes through, whoever asks and however it was set."""

from __future__ import annotations

import urllib.request

import pytest

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.network.proxies import (
    browser_proxy,
    proxy_for,
    proxy_password,
    without_password,
)

PROXY = "http://proxy.test:3128"
SERVICE = "https://sigex.test:10443"


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def test_without_settings_calls_are_direct() -> None:
    assert proxy_for(SERVICE) is None
    assert browser_proxy(SERVICE) is None
    assert browser_proxy("") is None


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("value", [PROXY, f"{PROXY}/", "proxy.test:3128"])
def test_variables_in_either_case(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert proxy_for(SERVICE) == PROXY
    found = browser_proxy(SERVICE)
    assert found is not None
    assert found["server"] == PROXY
    assert (proxy_for("http://time.test/") is not None) is (name.lower() == "all_proxy")


def test_each_scheme_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", PROXY)
    assert proxy_for("http://time.test/tsr") == PROXY
    assert proxy_for(SERVICE) is None
    monkeypatch.setenv("HTTPS_PROXY", "https://other.test")
    assert proxy_for(SERVICE) == "https://other.test"


def test_the_systems_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Python reads them from Windows' registry or macOS's network settings."""
    monkeypatch.setattr(urllib.request, "getproxies", lambda: {"https": PROXY})
    monkeypatch.setattr(urllib.request, "proxy_bypass", lambda host: host == "inner.test")
    assert proxy_for(SERVICE) == PROXY
    assert proxy_for("https://inner.test") is None
    assert browser_proxy("https://inner.test") is None


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "localhost.", "sigex.localhost", "127.0.0.1", "127.8.9.1"),
        *("[::1]", "[::ffff:127.0.0.1]"),
    ],
)
def test_loopback_never_goes_through_one(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("ALL_PROXY", PROXY)
    assert proxy_for(f"https://{host}:8443") is None
    assert browser_proxy(f"https://{host}:8443") is None


@pytest.mark.parametrize(
    ("listed", "address", "direct"),
    [
        ("*", SERVICE, True),
        ("sigex.test", SERVICE, True),
        ("SIGEX.test", SERVICE, True),
        (".sigex.test", SERVICE, True),
        ("test", SERVICE, True),
        (".test", SERVICE, True),
        ("*.test", SERVICE, True),
        ("gex.test", SERVICE, False),
        ("other.test, sigex.test", SERVICE, True),
        ("other.test sigex.test", SERVICE, True),
        ("sigex.test:10443", SERVICE, True),
        ("sigex.test:443", SERVICE, False),
        ("sigex.test:443", "https://sigex.test", True),
        (",, ,", SERVICE, False),
        ("www.sigex.test", SERVICE, False),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.1.2.3", "https://10.1.2.3:8443", True),
        ("10.1.2.3:8443", "https://10.1.2.3:8443", True),
        ("10.1.2.3/99", "https://10.1.2.3", False),
        ("[fd00::1]", "https://[fd00::1]:8443", True),
        ("fd00::1", "https://[fd00::1]:8443", True),
        ("fd00::/16", "https://[fd00::1]", True),
    ],
)
def test_exceptions(
    monkeypatch: pytest.MonkeyPatch, listed: str, address: str, direct: bool
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, listed)
        assert (proxy_for(address) is None) is direct
        assert (browser_proxy(address) is None) is direct
        monkeypatch.delenv(name)


def test_the_browser_knows_the_exceptions_in_its_own_words(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", PROXY)
    monkeypatch.setenv("NO_PROXY", "cdn.test,.inner.test:8443,10.0.0.0/8,fd00::1")
    found = browser_proxy(SERVICE)
    assert found is not None
    rules = found["bypass"].split(",")
    assert rules[:5] == ["<-loopback>", "127.0.0.0/8", "[::1]", "localhost", "*.localhost"]
    assert rules[5:] == [
        *("cdn.test", "*.cdn.test", "inner.test:8443", "*.inner.test:8443"),
        *("10.0.0.0/8", "[fd00::1]"),
    ]


def test_a_password_is_used_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ivan:p%40ss@proxy.test:3128")
    proxy = proxy_for(SERVICE)
    assert proxy == "http://ivan:p%40ss@proxy.test:3128"
    assert without_password(proxy) == "http://ivan:***@proxy.test:3128"
    found = browser_proxy(SERVICE)
    assert found is not None
    assert (found["server"], found["username"], found["password"]) == (PROXY, "ivan", "p@ss")
    assert proxy_password() == "p@ss"


@pytest.mark.parametrize(
    "value",
    [
        *("socks5://u:geheim@proxy.test:1080", "http://", "http://u:geheim@proxy.test:x"),
        *("http://[", "ftp://p:1", "http://a b:1", "http://про_кси:1", "http://p\x7f:1"),
        *("http://u:1/geheim@proxy.test:1", "http://geheim:1#2@p:1", "http://u:1?geheim@p:1"),
    ],
)
def test_what_is_no_usable_proxy_is_told(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(UsageError, match="HTTPS_PROXY") as told:
        proxy_for(SERVICE)
    assert "geheim" not in str(told.value)
