"""A probe on whole sites: what it recognises, what it proposes, and that it changes nothing."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from sigex_emulator import Emulator
from sigex_emulator.skins import SKINS, SkinName
from sigex_emulator.world.switches import Switches
from sigex_runbook.probe.findings import Probed, State
from sigex_runbook.probe.folder import as_json, write
from sigex_runbook.probe.probing import probe_in
from sigex_runbook.run.options import Options
from sigex_runbook.site.reading.locators import NONE, Overrides
from sigex_runbook.site.reading.locators_file import load_locators, parse_locators
from tests.service import NOTHING, Service

from .conftest import OddService
from .odd_site import BLOCKS, Names

TITLES = tuple(BLOCKS.values())


def look(browser: Browser, service: Service, told: Overrides = NONE, **more: Any) -> Probed:
    options = Options(service.target, deadline_seconds=170)
    return probe_in(browser, service.order(), options, overrides=told, **more)


def file_of(probed: Probed, folder: Path, told: Overrides = NONE) -> Overrides:
    """What the proposed file says, read as an operator's file is."""
    file = load_locators(write(probed, told, folder) / "locators.yaml")
    return file.overrides if file is not None else NONE


def states(probed: Probed) -> dict[int, State]:
    return {one.callout: one.state for one in probed.findings}


def missed(probed: Probed) -> set[int]:
    return {one.callout for one in probed.findings if not one.recognised}


def changes(service: Service) -> set[str]:
    """What the service was asked for beside questions and the sign-in."""
    asked = {f"{one.method} {one.path}" for one in service.emulator.world.requests}
    return {one for one in asked if not one.startswith(("GET", "POST /api/auth"))}


@pytest.fixture
def dressed(service: Service) -> Iterator[Service]:
    yield service
    service.emulator.world.switches = Switches()


@pytest.mark.parametrize("skin", SKINS)
def test_every_skin_is_recognised_and_nothing_is_changed(
    dressed: Service, browser: Browser, skin: SkinName, tmp_path: Path
) -> None:
    world = dressed.emulator.world
    world.switches = replace(Switches(), skin=skin)
    world.requests.clear()
    probed = look(browser, dressed)
    assert missed(probed) == set()
    assert all(one.picture and one.clue and one.outline for one in probed.findings)
    assert probed.proposals == ()
    assert file_of(probed, tmp_path) == Overrides()
    assert changes(dressed) == set()
    assert (probed.unchanged, dressed.granted()) == (True, NOTHING)


@pytest.fixture(scope="module")
def plain(emulator: Emulator, browser: Browser) -> Probed:
    """What a probe tells of the emulator's own pages."""
    emulator.world.reset()
    return look(browser, Service(emulator))


def test_the_folder_is_the_users_own_and_holds_nothing_private(
    plain: Probed, tmp_path: Path
) -> None:
    folder = write(plain, NONE, tmp_path / "outputs")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {one.name for one in folder.iterdir()} == {"index.html", "locators.yaml", "probe.json"}
    page = (folder / "index.html").read_text("utf-8")
    assert page.count("<img") == len(plain.findings)
    told = re.sub(r"data:image/png;base64,[^\"]+", "", page)
    for text in (
        told,
        *((folder / name).read_text("utf-8") for name in ("locators.yaml", "probe.json")),
    ):
        assert re.findall(r"(?<!\d)\d{12}(?!\d)", text) == []
        assert "СЕРИК" not in text.upper()
    assert not re.search(r"<script|(?:src|href)=\"(?:https?:)?//", told)


def test_what_nobody_knew_is_told_by_the_sheets_numbers(plain: Probed) -> None:
    told = as_json(plain)
    facts = {one["sigex_facts"]: one for one in told["unknowns"]}
    assert [key for key, one in facts.items() if not one["seen"]] == []
    assert facts["6.1"]["facts"]["titles"] == list(TITLES)
    assert facts["6.2"]["facts"]["address_after"] == "/organization-settings#access-control"
    assert facts["6.3"]["facts"]["head_locked"] == [True]
    assert facts["6.4"]["facts"]["text"] == "Сохранить"
    assert facts["6.5"]["facts"]["address"] == "/auth"
    assert "SERIALNUMBER" in facts["6.9"]["facts"]["subject_attributes"]
    assert facts["6.9"]["facts"]["claims"] == ["exp", "iat", "jti", "sub"]
    assert json.dumps(told)  # all of it is plain


def test_an_unknown_icon_and_header_are_found_by_the_proposed_file(
    odd_service: OddService, browser: Browser, tmp_path: Path
) -> None:
    names = Names(menu="", titles=(TITLES[0], "Реестр бумаг", *TITLES[2:]))
    with odd_service(names) as service:
        first = look(browser, service)
        assert missed(first) == {2, 7}
        told = file_of(first, tmp_path)
        assert told.controls.keys() == {"menu_icon"}
        assert told.controls["menu_icon"].css == "button.disc"
        assert told.blocks["documentsList"].header.name == "Реестр бумаг"  # type: ignore[index,union-attr]
        assert all(one.again and one.proof for one in first.proposals)
        second = look(browser, service, told)
        assert missed(second) == set()
        assert file_of(second, tmp_path, told) == told
        assert changes(service) == set()


def test_a_list_that_stands_twice_is_pointed_at(
    odd_service: OddService, browser: Browser, tmp_path: Path
) -> None:
    with odd_service(Names(twice=True)) as service:
        first = look(browser, service)
        assert {states(first)[number] for number in (6, 8, 10, 12)} == {State.DOUBLED}
        told = file_of(first, tmp_path)
        assert all(one.list and "rows-now" in (one.list.css or "") for one in told.blocks.values())
        assert missed(look(browser, service, told)) == set()


def test_a_way_in_that_nobody_could_guess_is_passed_and_learnt(
    odd_service: OddService, browser: Browser, tmp_path: Path
) -> None:
    names = Names(sign_in="☼", sign_in_page="/gate", sign="Продолжить", item="Юрлицо",
                  link="Кому что можно")  # fmt: skip
    with odd_service(names) as service:
        first = look(browser, service)
        assert missed(first) == {1, 3, 4}
        told = file_of(first, tmp_path)
        assert told.controls.keys() == {
            "sign_in_icon", "organisation_settings_item", "access_control_link",
        }  # fmt: skip
        second = look(browser, service, told)
        assert missed(second) == set()
        assert file_of(second, tmp_path, told).controls["sign_button"].name == "Продолжить"


def test_a_page_that_saves_by_itself_is_stopped(
    odd_service: OddService, browser: Browser, tmp_path: Path
) -> None:
    names = Names(save="На хранение", saves_when_opened=True)
    with odd_service(names) as service:
        probed = look(browser, service)
        assert probed.refused == ("POST /api/organizationSettings",)
        assert changes(service) == set()
        assert missed(probed) == {13}
        proposal = probed.findings[12].proposal
        assert proposal is not None
        assert not proposal.used  # nothing shows that it saves: a person must decide
        assert file_of(probed, tmp_path) == Overrides()


def test_a_person_points_in_the_window(
    odd_service: OddService, browser: Browser, tmp_path: Path
) -> None:
    """The press is caught: the page learns nothing of it, and the pointer finds it again."""
    names = Names(menu="", save="На хранение")
    shown = {"иконка меню": ".disc", "кнопка сохранения": ".keep"}
    with odd_service(names) as service:
        asked: list[str] = []

        def ask(request: str) -> None:
            asked.append(request)
            css = next(css for phrase, css in shown.items() if phrase in request)
            browser.contexts[0].pages[0].evaluate(
                "css => void setTimeout(() => document.querySelector(css).click(), 300)", css
            )

        probed = look(browser, service, ask=ask)
        assert len(asked) == 2
        assert missed(probed) == {2, 13}
        assert all(one.by_person and one.again for one in probed.proposals)
        assert probed.refused == ()  # the save button was pressed by the person, not for the page
        text = (write(probed, NONE, tmp_path) / "locators.yaml").read_text("utf-8")
        assert text.count("# указано человеком") == 2
        told = parse_locators(text.encode(), path=Path("locators.yaml")).overrides
        assert told.controls["save_button"].name == "На хранение"
        assert missed(look(browser, service, told)) == set()
