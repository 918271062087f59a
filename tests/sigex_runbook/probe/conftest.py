"""One browser for the probes of a module, for services of any authority."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from sigex_emulator import Emulator
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.server_pin import server_pin
from tests.service import Service

from .odd_site import Names, pages_of


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


OpenBrowser = Callable[[Service], Browser]


@pytest.fixture
def open_browser(playwright: Playwright) -> Iterator[OpenBrowser]:
    opened: list[Browser] = []

    def open_for(service: Service) -> Browser:
        opened.append(browser_for(service, playwright))
        return opened[-1]

    yield open_for
    for one in opened:
        one.close()


def browser_for(service: Service, playwright: Playwright) -> Browser:
    """A browser that trusts the service's authority; whoever asks closes it."""
    pin = server_pin(service.emulator.address, service.target.ca.read_bytes())  # type: ignore[union-attr]
    return launch(playwright, pins=[pin])


@contextmanager
def odd_service(folder: Path, names: Names) -> Iterator[Service]:
    """A service whose pages hold what nobody can recognise: it is not waited for as long as a slow
    service would be."""
    with (
        pytest.MonkeyPatch.context() as patch,
        Emulator(directory=folder, pages=pages_of(names)) as emulator,
    ):
        patch.setattr("sigex_runbook.site.finder._CONTROL_MS", 3_000)
        yield Service(emulator)
