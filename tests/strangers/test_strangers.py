"""The guide on front ends that were drawn by people who had never seen this client.

Each stands in front of the emulator's API; what it posts is held against the order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from sigex_emulator import Emulator
from sigex_emulator.tls.server_identity import ServerIdentity
from sigex_emulator.world.world import World
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import GuideBroken
from sigex_runbook.core.order import Order, Wish
from sigex_runbook.run.employee import Assignment, Employee, open_employee
from sigex_runbook.run.sign_in import sign_in_of
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.reading.locators import NONE, Overrides
from sigex_runbook.site.server_pin import server_pin
from sigex_runbook.site.session import Visit
from tests.performing import walk_blocks, walk_guide
from tests.service import ORGANISATION, SYSTEM, Service
from tests.spec_employee import Onlooker

from .host import pages_of
from .npm import node_modules

HERE = Path(__file__).parent
STRANGERS = sorted(path.parent.name for path in HERE.glob("*/site.json"))
ANSWERS = {
    "mangystau": ("Подтверждение изменений", "Подтвердить"),
    "zhetysu": ("Сохранить изменения настроек организации?", "да"),
}
"""Who asks before saving, which the guide does not know, and the operator's answer: a button drawn
in HTML, and the browser's own window."""


class Front:
    """One stranger's site, with what its pages posted to save."""

    def __init__(self, name: str, service: Service, browser: Browser) -> None:
        self.name = name
        self.service = service
        self.browser = browser
        self.posted: list[dict[str, Any]] = []
        self.onlooker = Onlooker()

    @property
    def overrides(self) -> Overrides:
        if self.name not in ANSWERS:
            return NONE
        question, answer = ANSWERS[self.name]
        return Overrides.model_validate({"answers": [{"question": question, "answer": answer}]})

    @contextmanager
    def employee(self, order: Order, overrides: Overrides | None = None) -> Iterator[Employee]:
        with open_employee(self.browser, self._assignment(order, overrides)) as employee:
            self._watch(employee.site.page)
            yield employee

    @contextmanager
    def with_another_order(self, employee: Employee, order: Order) -> Iterator[Employee]:
        """The employee, still signed in, on a page of its own."""
        context = employee.site.page.context
        opened = Visit(context, context.new_page())
        again = Employee(self._assignment(order), opened)
        self._watch(opened.page)
        try:
            again.ensure_start()
            yield again
        finally:
            again.close()

    def _assignment(self, order: Order, overrides: Overrides | None = None) -> Assignment:
        self.onlooker = Onlooker()
        return Assignment(
            order,
            self.service.target,
            sign_in_of(order),
            Deadline(120),
            self.onlooker,
            overrides=self.overrides if overrides is None else overrides,
        )

    def _watch(self, page: Page) -> None:
        self.posted.clear()
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/api/organizationSettings"):
            self.posted.append(json.loads(request.post_data or ""))

    def stored(self) -> dict[str, Any]:
        settings = self.service.emulator.world.settings_of(ORGANISATION)
        assert settings is not None
        return {k: v for k, v in settings.as_json().items() if k != "modifiedAt"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """One for all strangers, whose servers prove who they are by one key."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sigex_emulator.server.ServerIdentity", cache(ServerIdentity))
        yield World()


@pytest.fixture(scope="module")
def browser(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Trusts that key."""
    with Emulator(tmp_path_factory.mktemp("emulator"), world=world) as emulator:
        pin = server_pin(emulator.address, (emulator.directory / "ca.pem").read_bytes())
    with sync_playwright() as playwright, launch(playwright, pins=[pin]) as running:
        yield running


@pytest.fixture(scope="module", params=STRANGERS)
def standing(
    request: pytest.FixtureRequest,
    world: World,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Front]:
    pages = pages_of(HERE / request.param, node_modules())
    folder = tmp_path_factory.mktemp(request.param)
    with Emulator(folder, world=world, pages=pages) as emulator:
        yield Front(request.param, Service(emulator), browser)


@pytest.fixture
def front(standing: Front) -> Front:
    standing.service.emulator.world.reset()
    return standing


def expected(before: dict[str, Any], granted: dict[AccessBlock, bool]) -> dict[str, Any]:
    """The settings as they must be for the second system, by this test's own arithmetic."""
    blocks = {
        block.value: {
            **before[block.value],
            "tlsCertificatesIndices": sorted(
                set(before[block.value]["tlsCertificatesIndices"]) - {1} | ({1} if given else set())
            ),
        }
        for block, given in granted.items()
    }
    return {**before, **blocks}


def test_at_least_six_strangers_stand_here() -> None:
    assert len(STRANGERS) >= 11


CALLOUTS = list(range(1, 14))
MIXED = dict(zip(AccessBlock, (Wish.REVOKED, Wish.GRANTED, Wish.LEAVE, Wish.REVOKED), strict=True))


def test_access_is_given_then_some_of_it_is_taken_away(front: Front) -> None:
    """For the second system of each list; what is so already is not pressed."""
    order = front.service.order()
    assert order.control_system is not None
    order = order.model_copy(
        update={
            "information_system": order.control_system,
            "control_system": order.information_system,
        }
    )
    granted = expected(front.stored(), dict.fromkeys(AccessBlock, True))

    with front.employee(order) as employee:
        walk_guide(employee)
        assert front.onlooker.callouts == CALLOUTS
        assert front.stored() == granted
        (posted,) = front.posted
        assert {key: posted[key] for key in set(AccessBlock)} == {
            key: granted[key] for key in set(AccessBlock)
        }

        mixed = order.model_copy(update={"access": MIXED})
        with front.with_another_order(employee, mixed) as again:
            walk_blocks(again)
    assert front.onlooker.callouts == CALLOUTS[4:]
    left = {block: wish is not Wish.REVOKED for block, wish in MIXED.items()}
    assert front.stored() == expected(granted, left)
    assert len(front.posted) == 1


@pytest.mark.parametrize("standing", ["altai", "tobol", "zhetysu"], indirect=True)
def test_what_holds_already_is_found_and_nothing_is_posted(front: Front) -> None:
    for block in AccessBlock:
        front.service.emulator.world.grant(ORGANISATION, block, SYSTEM)
    before = front.stored()
    with front.employee(front.service.order()) as employee:
        walk_guide(employee)
    assert front.onlooker.callouts == CALLOUTS
    assert front.posted == []
    assert front.stored() == before


@pytest.mark.parametrize("standing", ANSWERS, indirect=True)
def test_a_question_that_nobody_may_answer_stops_the_run(front: Front) -> None:
    before = front.stored()
    question = re.escape(ANSWERS[front.name][0])
    with (
        front.employee(front.service.order(), NONE) as employee,
        pytest.raises(GuideBroken, match=question) as stopped,
    ):
        walk_guide(employee)
    assert stopped.value.callout == 13
    assert "answers" in str(stopped.value)
    assert (front.posted, front.stored()) == ([], before)
