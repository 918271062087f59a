"""One browser for the probes of a module, for services that prove who they are by one key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from sigex_emulator import Emulator, World
from sigex_emulator.tls.server_identity import ServerIdentity
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.server_pin import server_pin
from tests.service import Service

from .odd_site import Names, pages_of


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """Draws its own pages."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sigex_emulator.server.ServerIdentity", cache(ServerIdentity))
        with Emulator(directory=tmp_path_factory.mktemp("emulator"), world=World()) as running:
            yield running


@pytest.fixture(scope="module")
def browser(emulator: Emulator) -> Iterator[Browser]:
    pin = server_pin(emulator.address, (emulator.directory / "ca.pem").read_bytes())
    with sync_playwright() as playwright, launch(playwright, pins=[pin]) as running:
        yield running


OddService = Callable[[Names], AbstractContextManager[Service]]


@pytest.fixture
def odd_service(service: Service, tmp_path: Path) -> OddService:
    """The same service behind pages that hold what nobody can recognise: it is not waited for as
    long as a slow service would be."""

    @contextmanager
    def draw(names: Names) -> Iterator[Service]:
        world, folder = service.emulator.world, tmp_path / "emulator"
        with (
            pytest.MonkeyPatch.context() as patch,
            Emulator(directory=folder, world=world, pages=pages_of(names)) as emulator,
        ):
            patch.setattr("sigex_runbook.site.finder._CONTROL_MS", 3_000)
            yield Service(emulator)

    return draw
