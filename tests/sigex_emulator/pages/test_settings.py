"""The settings page in a real browser: from the start page to what is stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import (
    Page,
    expect,
)

from sigex_emulator import Emulator
from sigex_emulator.world.settings import GUIDE_BLOCKS
from tests.sigex_emulator.drivers import ALFA, CONTRACTS, PORTAL, Admit, NcaLayer

from .painted import TITLES, indices, open_access_control, quiet, sign_in, tick_box


@pytest.mark.fact(
    "1-menu-item-opens-settings", "1-link-shows-access-control", "1-expand-then-tick",
    "1-ticking-stores-nothing", "1-one-save-for-all", "1-save-is-below", "2.1-state-content",
    "2.2-item-by-permission", "2.3-blocks-collapsed", "2.3-label-menu-ru", "2.3-label-access-ru",
    "2.3-label-titles-ru", "2.3-label-save-ru", "2.3-label-is-description",
    "3.4-tick-is-an-index", "6-4",
)  # fmt: skip
def test_the_whole_way_from_the_start_page_to_stored_grants(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    before = emulator.world.organisations[ALFA].settings
    sign_in(page)
    page.get_by_role("button", name="Меню пользователя").click()
    page.get_by_role("link", name="Настройки организации").click()
    page.get_by_role("link", name="Контроль доступа", exact=True).click()
    headers = [page.get_by_role("button", name=title, exact=True) for title in TITLES]
    with quiet(page) as posted:
        for title, header in zip(TITLES, headers, strict=True):
            expect(header).to_have_attribute("aria-expanded", "false")
            expect(tick_box(page, title, CONTRACTS)).to_have_count(0)  # hidden: nobody can reach it
            header.click()
            expect(header).to_have_attribute("aria-expanded", "true")
            tick_box(page, title, CONTRACTS).check()
        assert posted == []  # nothing is stored by ticking
    assert emulator.world.organisations[ALFA].settings == before

    save = page.get_by_role("button", name="Сохранить")
    page.evaluate("scrollTo(0, 0)")
    expect(save).not_to_be_in_viewport()
    with quiet(page) as posted:
        save.click()
        expect(page.get_by_text("Настройки сохранены.")).to_be_visible()
        assert len(posted) == 1  # one request for all four

    stored = emulator.world.organisations[ALFA].settings
    assert indices(emulator.world) == {
        name: ((0,) if name in GUIDE_BLOCKS else ()) for name in stored.blocks
    }
    without_ticks = {
        name: replace(block, tls_certificate_indices=()) for name, block in stored.blocks.items()
    }
    assert replace(stored, blocks=without_ticks, modified_at=before.modified_at) == before

    page.reload()
    for title, header in zip(TITLES, headers, strict=True):
        header.click()
        expect(tick_box(page, title, CONTRACTS)).to_be_checked()
        expect(tick_box(page, title, PORTAL)).not_to_be_checked()


def test_leaving_without_saving_changes_nothing(
    emulator: Emulator, page: Page, admit: Admit
) -> None:
    admit()
    open_access_control(page)
    page.get_by_role("button", name=TITLES[0], exact=True).click()
    tick_box(page, TITLES[0], CONTRACTS).check()
    page.goto("/")
    page.get_by_role("button", name="Меню пользователя").wait_for()
    assert set(indices(emulator.world).values()) == {()}


def test_a_tick_can_be_taken_back(emulator: Emulator, page: Page, admit: Admit) -> None:
    emulator.world.grant(ALFA, "documentsAccess", CONTRACTS)
    emulator.world.grant(ALFA, "documentsAccess", PORTAL)
    admit()
    open_access_control(page)
    page.get_by_role("button", name=TITLES[0], exact=True).click()
    tick_box(page, TITLES[0], CONTRACTS).uncheck()
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Настройки сохранены.")).to_be_visible()
    assert indices(emulator.world)["documentsAccess"] == (1,)


def test_blocks_that_are_not_shown_keep_what_they_hold(
    emulator: Emulator, page: Page, admit: Admit
) -> None:
    emulator.world.grant(ALFA, "packagesSettings", PORTAL)
    admit()
    open_access_control(page)
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Настройки сохранены.")).to_be_visible()
    assert indices(emulator.world)["packagesSettings"] == (1,)


@pytest.mark.fact("2.3-seven-shown-today", "6-1")
def test_seven_blocks_can_be_shown(emulator: Emulator, page: Page, admit: Admit) -> None:
    emulator.world.switches = replace(emulator.world.switches, access_blocks_shown="seven")
    admit()
    open_access_control(page)
    blocks = page.get_by_role("button", name=re.compile("^Контроль доступа к "))
    expect(blocks).to_have_count(7)
    things = ("документам", "перечислению документов", "настройкам документов", "пакетам",
              "перечислению пакетов", "настройкам пакетов", "настройкам организации")  # fmt: skip
    for block, thing in zip(blocks.all(), things, strict=True):
        expect(block).to_have_text(re.compile(f"^Контроль доступа к {thing}"))


def test_an_employee_is_added_by_iin(emulator: Emulator, page: Page, admit: Admit) -> None:
    admit()
    open_access_control(page)
    page.get_by_role("button", name=TITLES[1], exact=True).click()
    block = page.get_by_role("region", name=TITLES[1], exact=True)
    field_ = block.get_by_label("ИИН сотрудника")
    field_.fill("12")
    block.get_by_role("button", name="Добавить").click()
    expect(block.get_by_text("ИИН состоит из 12 цифр.")).to_be_visible()
    field_.fill("911107300331")
    field_.press("Enter")
    expect(block.get_by_role("checkbox", name="ИИН 911107300331")).to_be_checked()
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Настройки сохранены.")).to_be_visible()
    blocks = emulator.world.organisations[ALFA].settings.blocks
    assert blocks["documentsList"].iins == ("IIN911107300331",)


@pytest.mark.fact("2.3-head-shown-locked", "6-3")
def test_the_heads_authority_is_ticked_and_locked(page: Page, admit: Admit) -> None:
    admit()
    open_access_control(page)
    page.get_by_role("button", name=TITLES[0], exact=True).click()
    box = tick_box(page, TITLES[0], "Первый руководитель")
    expect(box).to_be_checked()
    expect(box).to_be_disabled()


@pytest.mark.fact("2.1-message-is-failure", "6-4")
def test_a_refused_save_is_told(emulator: Emulator, page: Page, admit: Admit) -> None:
    admit()
    open_access_control(page)
    user_id = emulator.world.organisations[ALFA].key_of("settings_employee").person.user_id
    emulator.world.remove_right(ALFA, "organizationSettings", user_id)
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_role("alert")).to_contain_text("Доступ запрещен")
    expect(page.get_by_text("Настройки сохранены.")).to_have_count(0)
