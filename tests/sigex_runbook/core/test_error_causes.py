"""Whatever a library says, the operator reads Russian."""

from __future__ import annotations

import errno
import re
import socket
import ssl

import httpx
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from sigex_runbook.core.error_causes import why

REFUSED = httpx.ConnectError("All connection attempts failed")
REFUSED.__cause__ = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (REFUSED, "никто не отвечает"),
        (httpx.ReadTimeout("timed out"), "не дождались"),
        (httpx.RemoteProtocolError("Server disconnected"), "оборвано"),
        (socket.gaierror(-2, "Name or service not known"), "не найден"),
        (ssl.SSLCertVerificationError("self-signed"), "не подтверждён"),
        (ssl.SSLError("HANDSHAKE_FAILURE"), "TLS"),
        (OSError(errno.ENOSPC, "No space left on device"), "нет места"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "не в UTF-8"),
        (PlaywrightError("Page.goto: net::ERR_CONNECTION_REFUSED at https://x/"), "не отвечает"),
        (PlaywrightError("Page.goto: net::ERR_CERT_AUTHORITY_INVALID"), "не подтверждён"),
        (PlaywrightTimeout("Locator.click: Timeout 8000ms exceeded."), "вовремя"),
        (PlaywrightError("Target page, context or browser has been closed"), "закрылся"),
        (type("TargetClosedError", (PlaywrightError,), {})("aborted"), "закрылся"),
    ],
)
def test_a_reason_is_told_in_russian(error: BaseException, told: str) -> None:
    reason = why(error)
    assert told in reason
    assert not re.search("[A-Za-z]{4,}", reason)


def test_an_unknown_error_is_named_by_its_kind_alone() -> None:
    assert why(ValueError("secret words")) == "ошибка ValueError"
