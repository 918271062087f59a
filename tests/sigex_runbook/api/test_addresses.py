"""An address of the service is a scheme and a host."""

from __future__ import annotations

import pytest

from sigex_runbook.api.line import check_address
from sigex_runbook.core.errors import UsageError


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://sigex.kz", "https://sigex.kz"),
        ("https://sigex.kz/", "https://sigex.kz"),
        ("HTTPS://sigex.kz:10443", "https://sigex.kz:10443"),
        ("https://127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("https://[::1]:8443", "https://[::1]:8443"),
    ],
)
def test_an_address_is_a_scheme_and_a_host(given: str, kept: str) -> None:
    assert check_address(given, "--target") == kept


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sigex.kz",
        "sigex.kz:443",
        "http://sigex.kz",
        "wss://sigex.kz",
        "file:///etc/passwd",
        "https://",
        "https://:443",
        "https://sigex.kz/api",
        "https://sigex.kz/?x=1",
        "https://sigex.kz#x",
        "https://user@sigex.kz",
        "https://user:word@sigex.kz",
        "https://:word@sigex.kz",
        "https://sigex.kz@elsewhere.example",
        "https://[::1",
        "https://sigex.kz:99999",
        "https://sigex.kz:port",
        "https://si gex.kz",
        "https://sigex.kz\\@elsewhere.example",
    ],
)
def test_any_other_address_is_refused_by_the_options_name(address: str) -> None:
    with pytest.raises(UsageError, match="--mtls-target"):
        check_address(address, "--mtls-target")
