"""One running emulator for all tests of a process, put back into its seeded state for each."""

from __future__ import annotations

import base64
import hashlib
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from sigex_emulator import Emulator, World
from sigex_emulator.bell import Bell
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.pki.authority import PersonalKey, SystemKey
from sigex_emulator.pki.identity import read_identity
from sigex_emulator.pki.people import Role
from sigex_emulator.world.switches import Switches

from .drivers import (
    ALFA,
    CONTRACTS,
    Admit,
    NcaLayer,
    Signer,
    SystemMaker,
    Visitor,
    VisitorMaker,
    system_client,
)
from .saves import Saved, SaveMaker

_BROWSER = "/usr/bin/chromium-headless-shell"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    directory = tmp_path_factory.mktemp("emulator")
    with Emulator(directory, world=World(clock=ShiftedClock())) as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Emulator) -> Emulator:
    world = running.world
    world.switches = Switches()
    world.clock = ShiftedClock()
    world.reset()
    return running


@pytest.fixture
def clock(emulator: Emulator) -> ShiftedClock:
    assert isinstance(emulator.world.clock, ShiftedClock)
    return emulator.world.clock


class Watched(Bell):
    """A bell that says when somebody begins to listen and when he ends."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.ended = threading.Semaphore(0), threading.Semaphore(0)

    @contextmanager
    def listening(self, listener: Callable[[], None]) -> Iterator[None]:
        with super().listening(listener):
            self.began.release()
            try:
                yield
            finally:
                self.ended.release()


@pytest.fixture
def held(emulator: Emulator) -> Watched:
    """Tell when a call is held."""
    watched = Watched()
    emulator.world.egov_qr.changed = watched
    return watched


@pytest.fixture
def visitor(emulator: Emulator, tmp_path: Path) -> Iterator[VisitorMaker]:
    """Make a visitor for a person's key, or for an organisation's role; signed in if asked."""
    context = ssl.create_default_context(cadata=emulator.world.authority.certificate_pem)
    with ExitStack() as stack:

        def make(
            role: Role = "settings_employee",
            organisation_bin: str = ALFA,
            *,
            key: PersonalKey | None = None,
            signed_in: bool = True,
        ) -> Visitor:
            key = key or emulator.world.organisations[organisation_bin].key_of(role)
            client = stack.enter_context(httpx.Client(base_url=emulator.address, verify=context))
            made = Visitor(client, Signer(key, tmp_path))
            if signed_in:
                assert made.sign_in()["userId"] == key.person.user_id
            return made

        yield make


@pytest.fixture
def system(emulator: Emulator, tmp_path: Path) -> Iterator[SystemMaker]:
    """Make a client of the mTLS port for an information system, by description or by key."""
    with ExitStack() as stack:

        def make(
            description: str | None = CONTRACTS,
            organisation_bin: str = ALFA,
            *,
            key: SystemKey | None = None,
        ) -> httpx.Client:
            if key is None and description is not None:
                keys = emulator.world.organisations[organisation_bin].system_keys
                key = next(one for one in keys if one.description == description)
            return stack.enter_context(system_client(emulator, tmp_path, key))

        yield make


@pytest.fixture(scope="module")
def browser(running: Emulator) -> Iterator[Browser]:
    """Open a browser that trusts the emulator by its root's pinned key, and nobody else."""
    key = running.world.authority.certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_BROWSER if Path(_BROWSER).exists() else None,
            args=["--no-sandbox", f"--ignore-certificate-errors-spki-list={pin}"],
        )
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, emulator: Emulator) -> Iterator[BrowserContext]:
    context = browser.new_context(
        viewport={"width": 1280, "height": 800}, base_url=emulator.address
    )
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Open a page; a script error on it is the test's failure."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    assert errors == []


@pytest.fixture
def ncalayer(
    emulator: Emulator, context: BrowserContext, tmp_path: Path
) -> Callable[..., NcaLayer]:
    def make(role: Role = "settings_employee", **more: Any) -> NcaLayer:
        key = emulator.world.organisations[ALFA].key_of(role)
        made = NcaLayer(Signer(key, tmp_path), **more)
        made.attend(context)
        return made

    return make


@pytest.fixture
def admit(emulator: Emulator, context: BrowserContext) -> Admit:
    """Give the browser a person's session, as if he had just signed in."""

    def act(role: Role = "settings_employee", *, key: PersonalKey | None = None) -> None:
        world = emulator.world
        identity = read_identity((key or world.organisations[ALFA].key_of(role)).certificate)
        token = world.sessions.open(
            world.identifiers.session_id(),
            identity,
            world.clock.now(),
            world.switches.session_lifetime,
        )
        context.add_cookies([{"name": "jwt", "value": token, "url": emulator.address}])

    return act


@pytest.fixture
def quick(emulator: Emulator) -> None:
    """Slow faults take no longer than a test can wait."""
    emulator.world.faults.delay_seconds = 0.2


@pytest.fixture
def save(visitor: VisitorMaker) -> SaveMaker:
    """Tick «Учёт договоров» in all four blocks of the guide and save."""

    def act() -> Saved:
        return Saved(visitor())

    return act
