"""What `doctor` says of the way out of this machine."""

from __future__ import annotations

import pytest

from sigex_runbook.machine.checkup import proxy_used
from tests.proxy import set_proxies


def test_the_proxy_in_use_is_shown_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    set_proxies(
        monkeypatch, https_proxy="http://ivan:geheim@proxy.test:3128", NO_PROXY="inner.test"
    )
    found = proxy_used()
    assert found.ok is None
    assert "https — http://ivan:***@proxy.test:3128" in found.found
    assert "inner.test" in found.found
    assert "geheim" not in found.found


def test_no_proxy_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    set_proxies(monkeypatch)
    assert proxy_used().found == "не используется"


def test_a_proxy_that_cannot_be_used_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    set_proxies(monkeypatch, HTTPS_PROXY="socks5://ivan:geheim@proxy.test:1080")
    found = proxy_used()
    assert found.ok is False
    assert "SOCKS" in found.found
    assert "geheim" not in found.found
