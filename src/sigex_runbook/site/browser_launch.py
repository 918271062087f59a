"""The browser started, the same on every machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict, cast

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.core.network.proxies import browser_proxy

if TYPE_CHECKING:
    from playwright.sync_api import Browser as RunningBrowser
    from playwright.sync_api import Playwright, ProxySettings

from .browser import Browser, find_browser


class LaunchOptions(TypedDict):
    """Keyword arguments of Playwright's `chromium.launch`, sync and async alike."""

    executable_path: str
    headless: bool
    chromium_sandbox: bool
    args: list[str]
    handle_sigint: bool
    proxy: ProxySettings | None


def launch_arguments(*, pins: Sequence[str] = (), direct: bool = True) -> list[str]:
    """Chromium's flags beyond Playwright's own: no traffic of its own, the same letters everywhere.

    `pins` are the server keys to trust beside the system's authorities (`spki_pin`, `server_pin`).
    What is `direct` goes through no proxy, whatever Chromium would find out by itself.
    """
    flags = [
        "--disable-quic",  # one transport, the one that the evidence describes
        "--disable-domain-reliability",
        "--no-pings",
        "--font-render-hinting=none",
    ]
    if direct:
        flags.append("--no-proxy-server")
    if pins:
        flags.append(f"--ignore-certificate-errors-spki-list={','.join(pins)}")
    return flags


def launch_options(
    browser: Browser, *, address: str = "", pins: Sequence[str] = (), visible: bool = False
) -> LaunchOptions:
    """What to pass to `chromium.launch`, for callers with a Playwright of their own."""
    proxy = cast("ProxySettings | None", browser_proxy(address))
    return LaunchOptions(
        executable_path=str(browser.path),
        headless=not visible,
        chromium_sandbox=not _is_root(),  # Chromium refuses its sandbox to root
        args=launch_arguments(pins=pins, direct=proxy is None),
        handle_sigint=False,  # whoever is interrupted still needs it, to end the session
        proxy=proxy,
    )


def launch(
    playwright: Playwright,
    *,
    browser: Browser | None = None,
    address: str = "",
    pins: Sequence[str] = (),
    visible: bool = False,
) -> RunningBrowser:
    """Start the browser (found when not given); the caller closes it.

    It is for the service at `address`, through the proxy that is set for it.

    An ordinary user gets Chromium's sandbox where the kernel allows it and none where it does not:
    containers and some distributions forbid the user namespaces that it is made of.
    """
    from playwright.sync_api import Error  # keeps the command line quick

    browser = browser or find_browser(visible=visible)
    options = launch_options(browser, address=address, pins=pins, visible=visible)
    try:
        return playwright.chromium.launch(**options)
    except Error as error:
        if not (options["chromium_sandbox"] and "sandbox" in str(error).lower()):
            raise EnvironmentMissing(_did_not_start(browser, error)) from error
    options["chromium_sandbox"] = False
    try:
        return playwright.chromium.launch(**options)
    except Error as error:
        raise EnvironmentMissing(_did_not_start(browser, error)) from error


def _did_not_start(browser: Browser, error: Exception) -> str:
    return (
        f"Браузер {browser.path} не запустился ({why(error)}). "
        "Проверьте машину командой: sigex-runbook doctor"
    )


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
