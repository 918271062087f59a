"""The spec suite's employee: an emulator for each worker, its world reset for each scenario.

Only a test may bring emulator and screen together; this is the place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from sigex_emulator import Emulator
from sigex_emulator.faults import Fault, fault_named
from sigex_emulator.world.settings import TlsCertificate
from sigex_emulator.world.switches import Switches
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.order import Order, Wish, parse_order
from sigex_runbook.core.verdict import Saved
from sigex_runbook.run.employee import Assignment, Bridge, Employee, open_employee
from sigex_runbook.run.options import Target
from sigex_runbook.run.sample import sample_order
from sigex_runbook.run.sign_in import ByKey
from sigex_runbook.signing import Pkcs12Signer, SigningCancelled
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.screenshot import Sighting
from sigex_runbook.site.server_pin import server_pin
from sigex_runbook.trials.mutants.computer import faulty_bridge
from sigex_runbook.trials.mutants.laboratory import one_block
from steps.arrangement import Look, Unfit

SCENARIO_SECONDS = 60


class Hand:
    """An employee's hand: signs with the key that it holds, or closes the window."""

    def __init__(self, signer: Pkcs12Signer) -> None:
        self.signer = signer
        self.refuses = False
        self.broken = False

    @property
    def user_id(self) -> str | None:
        """Whom the service must know by this key."""
        return self.signer.user_id

    def sign(self, data: bytes, *, attach: bool) -> bytes:
        if self.refuses:
            raise SigningCancelled
        if self.broken:
            raise ValueError("Хранилище ключа недоступно")  # NCALayer's failure object
        return self.signer.sign(data, attach=attach)


class Onlooker:
    """Sees every callout and remembers what was seen there, and the notes."""

    def __init__(self) -> None:
        self.sightings: list[Sighting] = []
        self.notes: list[str] = []

    def seen(self, sighting: Sighting) -> None:
        self.sightings.append(sighting)

    @property
    def callouts(self) -> list[int | None]:
        return [sighting.callout for sighting in self.sightings]

    def note(self, text: str) -> None:
        self.notes.append(text)

    def saving(self, saved: Saved) -> None:
        self.notes.append(f"saved: {saved}")


def key_of(emulator: Emulator, organisation_bin: str, who: str) -> Pkcs12Signer:
    """The signer of a person of the emulator's world, by its files alone."""
    return load_key(emulator.directory / "keys" / organisation_bin / f"{who}.p12")


def load_key(path: Path) -> Pkcs12Signer:
    return Pkcs12Signer.load(path, path.with_suffix(".password").read_text("utf-8").strip())


def description_of(emulator: Emulator) -> Any:
    """What the emulator tells any client about its world."""
    return json.loads((emulator.directory / "emulator.json").read_text("utf-8"))


def another_organisation(emulator: Emulator, order: Order) -> str:
    """The BIN of an organisation that the order is not for."""
    bins: list[str] = [one["bin"] for one in description_of(emulator)["organisations"]]
    return next(one for one in bins if one != str(order.organisation.bin))


class EmulatedArrangement:
    """What `steps.arrangement` asks for, done in the emulator's world behind the screen's back."""

    def __init__(self, emulator: Emulator, order: Order, hand: Hand) -> None:
        self._emulator = emulator
        self.ordered = order
        self._bin = str(order.organisation.bin)
        self._hand = hand
        self._before = self.now()

    def refuse_signing(self) -> None:
        self._hand.refuses = True

    def break_signing(self) -> None:
        self._hand.broken = True

    def unfit_certificate(self, unfit: Unfit) -> None:
        refused = description_of(self._emulator)["refused_keys"]
        (file,) = (one["key_file"] for one in refused if one["kind"] == unfit)
        self._hand.signer = load_key(self._emulator.directory / file)

    def private_person(self) -> None:
        self._hand.signer = load_key(
            self._emulator.directory / "keys" / "private-persons" / "1.p12"
        )

    def employee_without_right(self) -> None:
        self._hand.signer = key_of(self._emulator, self._bin, "employee")

    def employee_of_another_organisation(self) -> None:
        other = another_organisation(self._emulator, self.ordered)
        self._hand.signer = key_of(self._emulator, other, "employee-settings")

    def lose_right(self) -> None:
        world = self._emulator.world
        employee = world.organisations[self._bin].key_of("settings_employee").person
        world.remove_right(self._bin, AccessBlock.ORGANISATION_SETTINGS, employee.user_id)
        self._before = self.now()

    def lose_session(self) -> None:
        self._emulator.world.sessions.close_all()

    def order(self, wishes: Mapping[AccessBlock, Wish]) -> None:
        access = {block: wishes.get(block, Wish.LEAVE) for block in AccessBlock}
        self.ordered = self.ordered.model_copy(update={"access": access})

    def drop_ordered_system(self) -> None:
        self._keep_systems(lambda description: description != self._description)

    def drop_all_systems(self) -> None:
        self._keep_systems(lambda _: False)

    def double_description(self) -> None:
        self._emulator.world.add_information_system(self._bin, self._description)
        self._before = self.now()

    def replace_ordered_key(self) -> None:
        self.drop_ordered_system()
        self.double_description()

    def rename_ordered_system(self) -> None:
        self._change_systems(
            lambda system: (
                replace(system, description="Договоры")
                if system.description == self._description
                else system
            )
        )

    def add_similar_systems(self) -> None:
        for similar in (f"{self._description} 2", f"{self._description} (архив)", "учёт договоров"):
            self._emulator.world.add_information_system(self._bin, similar)
        self._before = self.now()

    def disable_ordered_system(self) -> None:
        self._emulator.world.set_disabled(self._bin, self._description, disabled=True)
        self._before = self.now()

    def change_by_somebody_else(self) -> None:
        assert self.ordered.control_system is not None
        self._emulator.world.grant(
            self._bin, AccessBlock.DOCUMENTS_LIST, self.ordered.control_system.description
        )
        self._before = self.now()

    def grant_by_somebody_else(self) -> None:
        self.grant(*AccessBlock)

    def show_seven_blocks(self) -> None:
        self._switch(access_blocks_shown="seven")

    def forbid_systems(self) -> None:
        self._switch(plan="without_systems")

    def ask_before_saving(self) -> None:
        self._switch(save_confirmation="dialogue")

    @property
    def _description(self) -> str:
        return self.ordered.information_system.description

    def _switch(self, **readings: Any) -> None:
        self._emulator.world.switches = replace(self._emulator.world.switches, **readings)

    def _keep_systems(self, kept: Callable[[str], bool]) -> None:
        self._change_systems(lambda system: system if kept(system.description) else None)

    def _change_systems(self, change: Callable[[TlsCertificate], TlsCertificate | None]) -> None:
        """Change or leave out each; nobody has a grant at first, so no index needs to move."""
        world = self._emulator.world
        settings = world.organisations[self._bin].settings
        changed = map(change, settings.tls_certificates)
        systems = tuple(system for system in changed if system is not None)
        world.put_settings(self._bin, replace(settings, tls_certificates=systems))
        self._before = self.now()

    def grant(self, *blocks: AccessBlock) -> None:
        for block in blocks:
            self._emulator.world.grant(
                self._bin, block.value, self.ordered.information_system.description
            )
        self._before = self.now()

    def before(self) -> Look:
        return self._before

    def now(self) -> Look:
        organisation = self._emulator.world.organisations[self._bin]
        settings = json.dumps(organisation.settings.as_json(), ensure_ascii=False)
        return Look(settings.encode(), len(organisation.audit))


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(directory=tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(scope="module")  # Playwright's loop would be in the way of other modules' tests
def browser(emulator: Emulator) -> Iterator[Browser]:
    pin = server_pin(emulator.address, (emulator.directory / "ca.pem").read_bytes())
    with sync_playwright() as playwright, launch(playwright, pins=[pin]) as running:
        yield running


@pytest.fixture(scope="session")
def fault(request: pytest.FixtureRequest) -> Fault | None:
    """The misbehaviour of `--fault`."""
    name = request.config.getoption("--fault", None)
    return fault_named(name) if name else None


@pytest.fixture
def order(emulator: Emulator, fault: Fault | None, request: pytest.FixtureRequest) -> Order:
    world = emulator.world
    skin = request.config.getoption("--skin", None)
    world.switches = replace(Switches(), skin=skin) if skin else Switches()
    world.reset()
    order = parse_order(
        sample_order(), path=Path("sample-order.yaml"), places={"EMULATOR": str(emulator.directory)}
    )
    if fault is None:
        return order
    if fault.injected_by == "service":
        world.faults.set(str(order.organisation.bin), fault.name)
    return one_block(order) if fault.order == "one block" else order


@pytest.fixture
def hand(emulator: Emulator, order: Order) -> Hand:
    return Hand(key_of(emulator, str(order.organisation.bin), "employee-settings"))


@pytest.fixture
def arrangement(
    emulator: Emulator, order: Order, hand: Hand, request: pytest.FixtureRequest
) -> EmulatedArrangement:
    """A scenario that a run chooses by order and settings finds them as it needs them."""
    arranged = EmulatedArrangement(emulator, order, hand)
    if request.node.get_closest_marker("revoking"):
        arranged.order(dict.fromkeys(AccessBlock, Wish.REVOKED))
    if request.node.get_closest_marker("revoking") or request.node.get_closest_marker("unchanged"):
        arranged.grant(*AccessBlock)
    return arranged


@pytest.fixture
def computer(emulator: Emulator, order: Order, hand: Hand, fault: Fault | None) -> Bridge | None:
    """The employee's computer, when the fault is there and not at the service."""
    if fault is None or fault.injected_by == "service":
        return None
    stranger = key_of(emulator, another_organisation(emulator, order), "employee-settings")
    return faulty_bridge(fault.name, hand, stranger)


@pytest.fixture
def onlooker() -> Onlooker:
    return Onlooker()


@pytest.fixture
def employee(
    emulator: Emulator,
    browser: Browser,
    hand: Hand,
    onlooker: Onlooker,
    computer: Bridge | None,
    arrangement: EmulatedArrangement,  # its order; and it looked at «as before» before all else
) -> Iterator[Employee]:
    target = Target(emulator.address, emulator.mtls_address, emulator.directory / "ca.pem")
    signing = ByKey(hand, hand.user_id)
    deadline = Deadline(SCENARIO_SECONDS)
    assignment = Assignment(arrangement.ordered, target, signing, deadline, onlooker)
    with open_employee(browser, assignment, bridge=computer) as opened:
        yield opened
