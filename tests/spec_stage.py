"""The spec suite's stage: an emulator for each worker, its world reset for each scenario.

Only a test may bring emulator and screen together; this is the place.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, sync_playwright

from sigex_runbook.access import AccessBlock, AccessSettings
from sigex_runbook.api import tls_context
from sigex_runbook.deadline import Deadline
from sigex_runbook.emulator import Emulator
from sigex_runbook.options import Target
from sigex_runbook.order import Order, parse_order
from sigex_runbook.sample import sample_order
from sigex_runbook.signing import Pkcs12Signer, SigningCancelled
from sigex_runbook.site.browser import launch, server_pin
from sigex_runbook.site.sighting import Sighting
from sigex_runbook.stage import Stage, open_stage

SCENARIO_SECONDS = 60


class Hand:
    """An employee's hand: signs with the key that it holds, or closes the window."""

    def __init__(self, signer: Pkcs12Signer) -> None:
        self.signer = signer
        self.refuses = False

    def sign(self, data: bytes, *, attach: bool) -> bytes:
        if self.refuses:
            raise SigningCancelled
        return self.signer.sign(data, attach=attach)


class Onlooker:
    """Sees every callout and remembers nothing but numbers and notes."""

    def __init__(self) -> None:
        self.callouts: list[int] = []
        self.notes: list[str] = []

    def seen(self, sighting: Sighting) -> None:
        assert sighting.callout is not None
        self.callouts.append(sighting.callout)

    def note(self, text: str) -> None:
        self.notes.append(text)


def key_of(emulator: Emulator, organisation_bin: str, who: str) -> Pkcs12Signer:
    """The signer of a person of the emulator's world, by its files alone."""
    path = emulator.directory / "keys" / organisation_bin / f"{who}.p12"
    return Pkcs12Signer.load(path, path.with_suffix(".password").read_text("utf-8").strip())


class EmulatedArrangement:
    """What `steps.arrangement` asks for, done in the emulator's world behind the screen's back."""

    def __init__(self, emulator: Emulator, order: Order, hand: Hand) -> None:
        self._emulator = emulator
        self._order = order
        self._bin = str(order.organisation.bin)
        self._hand = hand
        self._before = self.settings_now()

    def refuse_signing(self) -> None:
        self._hand.refuses = True

    def employee_without_right(self) -> None:
        self._hand.signer = key_of(self._emulator, self._bin, "employee")

    def employee_of_another_organisation(self) -> None:
        world = json.loads((self._emulator.directory / "emulator.json").read_text("utf-8"))
        other = next(o["bin"] for o in world["organisations"] if o["bin"] != self._bin)
        self._hand.signer = key_of(self._emulator, other, "employee-settings")

    def grant(self, *blocks: AccessBlock) -> None:
        for block in blocks:
            self._emulator.world.grant(
                self._bin, block.value, self._order.information_system.description
            )
        self._before = self.settings_now()

    def settings_before(self) -> AccessSettings:
        return self._before

    def settings_now(self) -> AccessSettings:
        """Read over the API in the head's name, signed in without any page."""
        ca = self._emulator.directory / "ca.pem"
        with httpx.Client(base_url=self._emulator.address, verify=tls_context(ca)) as client:
            nonce = client.post("/api/auth", json={}).json()["nonce"]
            head = key_of(self._emulator, self._bin, "head")
            signature = head.sign(base64.b64decode(nonce), attach=False)
            signed_in = client.post(
                "/api/auth",
                json={"nonce": nonce, "signature": base64.b64encode(signature).decode("ascii")},
            ).json()
            assert "message" not in signed_in, signed_in
            return AccessSettings(client.get("/api/organizationSettings").json())


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(directory=tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(scope="session")
def browser(emulator: Emulator) -> Iterator[Browser]:
    pin = server_pin(emulator.address, (emulator.directory / "ca.pem").read_bytes())
    with sync_playwright() as playwright, launch(playwright, pins=[pin]) as running:
        yield running


@pytest.fixture
def order(emulator: Emulator) -> Order:
    emulator.world.reset()
    return parse_order(
        sample_order(), path=Path("sample-order.yaml"), places={"EMULATOR": str(emulator.directory)}
    )


@pytest.fixture
def hand(emulator: Emulator, order: Order) -> Hand:
    return Hand(key_of(emulator, str(order.organisation.bin), "employee-settings"))


@pytest.fixture
def arrangement(emulator: Emulator, order: Order, hand: Hand) -> EmulatedArrangement:
    return EmulatedArrangement(emulator, order, hand)


@pytest.fixture
def onlooker() -> Onlooker:
    return Onlooker()


@pytest.fixture
def stage(
    emulator: Emulator,
    browser: Browser,
    order: Order,
    hand: Hand,
    onlooker: Onlooker,
    arrangement: EmulatedArrangement,  # so that «as before» was looked at before anything happened
) -> Iterator[Stage]:
    target = Target(emulator.address, emulator.mtls_address, emulator.directory / "ca.pem")
    with open_stage(
        browser,
        order,
        target,
        hand,
        deadline=Deadline(SCENARIO_SECONDS),
        observer=onlooker,
    ) as opened:
        yield opened
