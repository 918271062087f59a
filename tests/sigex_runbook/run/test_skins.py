"""The guide on every way to draw the site: thirteen callouts, the right boxes, one save."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from PIL import ImageChops
from playwright.sync_api import Browser, sync_playwright

from sigex_emulator import Emulator
from sigex_emulator.skins import SKINS, SkinName
from sigex_emulator.world.switches import Switches
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import ControlNotFound, GuideBroken, RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.evidence.pictures.annotation import place
from sigex_runbook.run.employee import Assignment, Employee, open_employee
from sigex_runbook.run.sign_in import ByKey
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.screenshot import Sighting
from sigex_runbook.site.server_pin import server_pin
from tests.performing import walk_guide
from tests.service import EVERYTHING, NOTHING, ORGANISATION, SYSTEM, Service
from tests.sigex_runbook.evidence.material import drawn, facts, pixels
from tests.spec_employee import Hand, Onlooker, key_of

NEAR_DOUBLES = ("Учёт договоров 2", "Учёт  договоров (тест)", "учёт договоров", "Учет договоров")


@pytest.fixture(scope="module")
def browser(emulator: Emulator) -> Iterator[Browser]:
    pin = server_pin(emulator.address, (emulator.directory / "ca.pem").read_bytes())
    with sync_playwright() as playwright, launch(playwright, pins=[pin]) as running:
        yield running


@dataclass
class Walk:
    """One employee's way through the guide on one skin."""

    service: Service
    browser: Browser

    def dress(self, **switches: object) -> None:
        world = self.service.emulator.world
        world.switches = replace(world.switches, **switches)  # type: ignore[arg-type]

    def crowd(self) -> None:
        """Fifty information systems, some of which differ by a hair."""
        world = self.service.emulator.world
        names = [*NEAR_DOUBLES, *(f"Учёт договоров {number}" for number in range(3, 47))]
        for name in names:
            world.add_information_system(ORGANISATION, name)

    @contextmanager
    def employee(self, onlooker: Onlooker | None = None) -> Iterator[Employee]:
        hand = Hand(key_of(self.service.emulator, ORGANISATION, "employee-settings"))
        assignment = Assignment(
            self.service.order(),
            self.service.target,
            ByKey(hand),
            Deadline(60),
            onlooker or Onlooker(),
        )
        with open_employee(self.browser, assignment) as employee:
            yield employee


@pytest.fixture
def walk(service: Service, browser: Browser) -> Iterator[Walk]:
    yield Walk(service, browser)
    service.emulator.world.switches = Switches()


FRAME = (120, 130, 144)


def readable(sighting: Sighting) -> bool:
    """Whether neither box nor badge lies on the control once the callout is drawn, and the badge
    lies beside the box. The palette may move edges of letters by a few levels."""
    assert sighting.callout is not None
    assert sighting.box is not None
    drawn_for = facts(
        callout=sighting.callout,
        section=load_guide().section_of(sighting.callout).number,
        viewport_width=sighting.width,
        viewport_height=sighting.height,
        box=sighting.box,
    )
    raw = pixels(sighting.png)
    annotated = pixels(drawn(sighting.png, drawn_for))
    where = place(raw, drawn_for)
    x = (annotated.width - raw.width) // 2
    y = [annotated.getpixel((x, row)) for row in range(annotated.height)].index(FRAME) + 1
    left, top, right, bottom = where.control
    shown = annotated.crop((x + left, y + top, x + right, y + bottom))
    moved = ImageChops.difference(raw.crop(where.control), shown).getextrema()
    beside = (
        where.badge[2] <= where.outline[0]
        or where.badge[0] >= where.outline[2]
        or where.badge[3] <= where.outline[1]
        or where.badge[1] >= where.outline[3]
    )
    return beside and max(most for _, most in moved) <= 32  # type: ignore[misc]


@pytest.mark.parametrize("skin", SKINS)
def test_the_guide_is_performed_on_every_skin(walk: Walk, skin: SkinName) -> None:
    walk.dress(skin=skin)
    onlooker = Onlooker()
    with walk.employee(onlooker) as employee:
        walk_guide(employee)
    assert onlooker.callouts == list(range(1, 14))
    assert [s.callout for s in onlooker.sightings if not readable(s)] == []
    assert walk.service.granted() == EVERYTHING
    settings = walk.service.emulator.world.settings_of(ORGANISATION)
    assert settings is not None
    others = [name for name in settings.blocks if name not in EVERYTHING]
    assert [settings.blocks[name].tls_certificate_indices for name in others] == [()] * 3


@pytest.mark.parametrize("skin", ["plain", "toggles"])
def test_among_fifty_look_alikes_the_right_one_is_ticked(walk: Walk, skin: SkinName) -> None:
    walk.dress(skin=skin)
    walk.crowd()
    with walk.employee() as employee:
        walk_guide(employee)
    assert walk.service.granted() == EVERYTHING


@pytest.mark.parametrize("skin", ["plain", "bootstrap"])
def test_two_of_one_name_stop_the_run_before_any_tick(walk: Walk, skin: SkinName) -> None:
    walk.dress(skin=skin)
    walk.service.emulator.world.add_information_system(ORGANISATION, SYSTEM.replace(" ", "  "))
    with (
        walk.employee() as employee,
        pytest.raises(RunFailed, match=r"носят 2 информационные системы"),
    ):
        walk_guide(employee)
    assert walk.service.granted() == NOTHING


@pytest.mark.parametrize(
    "switches",
    [
        {"leaving_unsaved": "browser"},
        {
            "leaving_unsaved": "page",
            "save_button": "when_changed",
            "heads_authority": "hidden",
            "disabled_systems": "hidden",
        },
    ],
    ids=["the browser asks", "all others"],
)
def test_other_readings_of_the_unknown_do_not_stop_the_guide(
    walk: Walk, switches: dict[str, str]
) -> None:
    walk.dress(**switches)
    with walk.employee() as employee:
        walk_guide(employee)
        employee.site.open_start()  # nothing is left unsaved, so nobody asks
        assert employee.site.signed_in()
    assert walk.service.granted() == EVERYTHING


def test_a_folded_header_is_refused_at_the_icon_of_section_1(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a narrow window the icon is not where the guide says: that is said, nothing is touched."""
    walk.dress(skin="pocket")
    with walk.employee() as employee:
        employee.site.page.set_viewport_size({"width": 390, "height": 800})
        monkeypatch.setattr("sigex_runbook.site.finder._CONTROL_MS", 1_000)
        employee.ensure_start()
        with pytest.raises(ControlNotFound, match="иконка входа") as refused:
            employee.site.click(1)
    assert load_guide().section_of(refused.value.callout or 0).number == 1
    assert walk.service.granted() == NOTHING


def test_a_question_after_saving_is_not_taken_for_a_save(
    walk: Walk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guide knows no such question; the run must not say that anything was saved."""
    walk.dress(save_confirmation="dialogue")
    with walk.employee() as employee:
        employee.ensure_ticks()
        monkeypatch.setattr("sigex_runbook.site.pages.screen._PAGE_MS", 1_000)
        with pytest.raises(GuideBroken) as refused:
            employee.save(13)
    assert refused.value.callout == 13
    assert "спрашивает" in str(refused.value)
    assert walk.service.granted() == NOTHING
