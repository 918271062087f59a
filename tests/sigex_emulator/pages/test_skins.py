"""Every skin is the same truthful site: usable by keyboard, readable aloud, marked as emulated."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from sigex_emulator import Emulator
from sigex_emulator.pages.rendering import Language, texts
from sigex_emulator.pki.authority import PersonalKey, ec_key, self_signed_system_key
from sigex_emulator.skins import SKINS, SkinName
from sigex_emulator.world.settings import GUIDE_BLOCKS
from sigex_emulator.world.world import World
from tests.sigex_emulator.drivers import ALFA, CONTRACTS, PORTAL, Admit, NcaLayer

from .painted import indices, serious

Enter = Callable[..., Page]
SETTINGS = "**/api/organizationSettings"


@pytest.fixture
def enter(emulator: Emulator, admit: Admit, context: BrowserContext, page: Page) -> Enter:
    """Open the settings page in a skin, signed in as an employee or with a person's key."""

    def open_page(
        skin: SkinName = "plain",
        language: Language = "ru",
        *,
        key: PersonalKey | None = None,
        part: str = "#access-control",
        **switches: str,
    ) -> Page:
        dress(emulator.world, skin=skin, **switches)
        if key is not None or not context.cookies():
            admit(key=key)
        prefix = "" if language == "ru" else f"/{language}"
        page.goto(f"{prefix}/organization-settings{part}")
        return page

    return open_page


def dress(world: World, **switches: str) -> None:
    world.switches = replace(world.switches, **switches)  # type: ignore[arg-type]


def header(page: Page, block: str) -> str:
    return f'[data-part="block:{block}"]'


def expand(page: Page, block: str) -> None:
    page.locator(header(page, block)).click()
    page.locator(f'[data-part="{block}:tlsCertificatesIndices:0"]').wait_for()


def tick(page: Page, block: str, index: int = 0) -> None:
    box = page.locator(f'[data-part="{block}:tlsCertificatesIndices:{index}"]')
    box.press(" ")
    expect(box).to_be_checked()


def saved(page: Page) -> None:
    page.locator("#save").click()
    expect(page.locator("#saving")).to_have_class(re.compile("good"))


def test_every_skin_has_one_line_about_itself() -> None:
    assert tuple(SKINS) == get_args(SkinName)
    assert len({skin.description for skin in SKINS.values()}) == len(SKINS) >= 5


def test_a_skin_can_be_chosen_at_the_start(emulator: Emulator, tmp_path: Path) -> None:
    chosen = Emulator(tmp_path, world=emulator.world, skin="tabs")
    assert chosen.world.switches.skin == "tabs"


# -- reading aloud, seeing, and what state one is in --------------------------------------------


@pytest.mark.parametrize("skin", SKINS)
def test_axe_finds_nothing_serious_on_the_settings(enter: Enter, skin: SkinName) -> None:
    for language in ("ru", "kk", "en"):
        page = enter(skin, language)
        for block in ("documentsList", "documentsAccess"):
            expand(page, block)
        tick(page, "documentsAccess")
        page.locator("#menu-button").click()
        expect(page.locator("#menu-sign-out")).to_be_visible()
        assert serious(page) == [], language
        assert page.locator("html").get_attribute("lang") == language
        expect(page.locator(".emulator-notice")).to_have_text(
            texts(language, skin)["emulator.notice"]
        )
        shown = page.locator('[data-part="documentsAccess:authorities:1.2.398.3.3.4.1.2.2"]')
        expect(shown).to_have_accessible_name(texts(language)["authority.1.2.398.3.3.4.1.2.2"])


@pytest.mark.parametrize("skin", SKINS)
def test_every_state_is_told_and_readable(
    emulator: Emulator, context: BrowserContext, page: Page, enter: Enter, skin: SkinName
) -> None:
    alert = page.get_by_role("alert")
    content = page.locator("#settings")

    dress(emulator.world, skin=skin)
    page.goto("/organization-settings")
    expect(alert).to_contain_text("Требуется аутентификация")
    expect(alert.get_by_role("link")).to_have_attribute("href", re.compile("^/auth[?]returnUrl="))
    assert serious(page) == [], "signed out"

    enter(skin, part="", key=emulator.world.organisations[ALFA].key_of("employee"))
    expect(alert).to_contain_text("Доступ запрещен")
    assert serious(page) == [], "no right"

    enter(skin, part="", key=emulator.world.private_persons[0])
    expect(alert).to_contain_text("Пользователь не является представителем организации")
    page.locator("#menu-button").click()
    expect(page.locator("#menu-settings")).to_be_hidden()
    assert serious(page) == [], "private person"

    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    context.route(SETTINGS, hold)
    with page.expect_request(SETTINGS):
        enter(skin, part="", key=emulator.world.organisations[ALFA].key_of("settings_employee"))
    expect(page.locator("#loading")).to_have_text("Загрузка настроек…")
    expect(content).to_be_hidden()
    assert serious(page) == [], "loading"

    waiting[-1].fulfill(status=502)
    expect(alert).to_contain_text("Не удалось получить ответ сервиса.")
    expect(alert).to_contain_text("проверьте подключение")
    expect(alert).to_contain_text("OCSP или TSP")
    expect(page.locator("#loading")).to_be_hidden()
    expect(content).to_be_hidden()
    assert serious(page) == [], "error"


@pytest.mark.parametrize("skin", SKINS)
def test_axe_finds_nothing_serious_on_the_other_pages(
    emulator: Emulator, page: Page, skin: SkinName
) -> None:
    dress(emulator.world, skin=skin)
    for path in ("/", "/auth", "/none"):
        for prefix in ("", "/kk", "/en") if skin == "plain" else ("",):
            page.goto(f"{prefix}{path}")
            expect(page.locator(".emulator-notice")).to_be_visible()
            assert serious(page) == [], f"{prefix}{path}"


@pytest.mark.parametrize("skin", SKINS)
def test_a_narrow_window_loses_nothing(enter: Enter, skin: SkinName) -> None:
    page = enter(skin)
    page.set_viewport_size({"width": 360, "height": 740})
    for block in ("documentsAccess", "organizationSettings"):
        expand(page, block)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    if skin == "pocket":
        burger = page.get_by_role("button", name="Меню", exact=True)
        expect(page.locator("#menu-button")).to_be_hidden()
        burger.press("Enter")
        expect(burger).to_have_attribute("aria-expanded", "true")
    page.locator("#menu-button").press("Enter")
    expect(page.locator("#menu-settings-link")).to_be_in_viewport(ratio=1)


# -- by keyboard alone --------------------------------------------------------------------------


def tab_to(page: Page, selector: str) -> None:
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"Tab never reaches {selector}")


@pytest.mark.parametrize("skin", SKINS)
def test_the_whole_guide_can_be_done_by_keyboard(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer], skin: SkinName
) -> None:
    dress(emulator.world, skin=skin)
    ncalayer()
    page.goto("/")
    page.locator("#sign-in").wait_for()
    tab_to(page, "#sign-in")
    page.keyboard.press("Enter")
    page.wait_for_url("**/auth?*")
    expect(page.locator("#ncalayer")).to_be_enabled()
    tab_to(page, "#ncalayer")
    page.keyboard.press("Enter")
    page.locator("#menu-button").wait_for()
    tab_to(page, "#menu-button")
    page.keyboard.press("Enter")
    if skin != "tabs":  # there the menu has the focus by itself, as menus do
        tab_to(page, "#menu-settings-link")
    expect(page.locator("#menu-settings-link")).to_be_focused()
    page.keyboard.press("Enter")
    page.locator("#settings").wait_for()
    if skin == "tabs":
        tab_to(page, "[role=tab]")
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name="Контроль доступа", exact=True)).to_be_focused()
    else:
        tab_to(page, "a[href$='access-control']")
        page.keyboard.press("Enter")
    for block in GUIDE_BLOCKS:
        page.locator(header(page, block)).wait_for()
        tab_to(page, header(page, block))
        page.keyboard.press("Enter")
        name = f'[data-part="{block}:tlsCertificatesIndices:0"]'
        page.locator(name).wait_for(state="attached")
        tab_to(page, name)
        page.keyboard.press("Space")
        expect(page.locator(name)).to_be_checked()
        expect(page.locator(name)).to_be_focused()
    tab_to(page, "#save")
    page.keyboard.press("Enter")
    expect(page.locator("#saving")).to_have_text("Настройки сохранены.")
    expect(page.locator("#save")).to_be_focused()
    assert indices(emulator.world) == {
        name: ((0,) if name in GUIDE_BLOCKS else ()) for name in indices(emulator.world)
    }


def test_new_nodes_do_not_lose_what_is_being_typed(enter: Enter) -> None:
    """A skin that draws anew after a tick does so while somebody may be typing already."""
    page = enter("bootstrap")
    expand(page, "documentsList")
    page.evaluate(
        """() => {
          const part = (name) => document.querySelector(`[data-part="documentsList:${name}"]`);
          part("tlsCertificatesIndices:0").click();
          part("add").id = "old";
          part("add").focus();
          document.execCommand("insertText", false, "9111");
        }"""
    )
    expect(page.locator("#old")).to_have_count(0)
    field = page.locator('[data-part="documentsList:add"]')
    expect(field).to_have_value("9111")
    expect(field).to_be_focused()
    page.keyboard.type("07300331")
    page.keyboard.press("Enter")
    expect(page.locator('[data-part="documentsList:iins:IIN911107300331"]')).to_be_checked()
    expect(field).to_have_value("")


@pytest.mark.parametrize("skin", SKINS)
def test_a_tick_taken_away_and_a_person_added_are_stored(
    emulator: Emulator, enter: Enter, skin: SkinName
) -> None:
    emulator.world.grant(ALFA, "documentsList", CONTRACTS)
    emulator.world.grant(ALFA, "documentsList", PORTAL)
    page = enter(skin)
    expand(page, "documentsList")
    box = page.locator('[data-part="documentsList:tlsCertificatesIndices:0"]')
    expect(box).to_be_checked()
    box.press(" ")
    expect(box).not_to_be_checked()
    field = page.locator('[data-part="documentsList:add"]')
    field.fill("911107300331")
    field.press("Enter")
    expect(page.locator('[data-part="documentsList:iins:IIN911107300331"]')).to_be_checked()
    head = page.locator('[data-part="documentsList:authorities:1.2.398.3.3.4.1.2.1"]')
    expect(head).to_be_disabled()
    saved(page)
    stored = emulator.world.organisations[ALFA].settings.blocks["documentsList"]
    assert stored.tls_certificate_indices == (1,)
    assert stored.iins == ("IIN911107300331",)


# -- certificates and the other parts -----------------------------------------------------------


def test_removing_a_certificate_moves_the_indices_of_every_block(
    emulator: Emulator, enter: Enter
) -> None:
    emulator.world.add_information_system(ALFA, "Архив")
    for block, name in (
        ("documentsAccess", CONTRACTS), ("documentsAccess", "Архив"), ("documentsList", PORTAL),
        ("packagesSettings", "Архив"), ("organizationSettings", CONTRACTS),
    ):  # fmt: skip
        emulator.world.grant(ALFA, block, name)
    page = enter(part="#certificates")
    page.get_by_role("button", name=f"Удалить: {CONTRACTS}").click()
    expect(page.get_by_role("button", name=f"Отключить: {PORTAL}")).to_be_focused()
    saved(page)
    kept = emulator.world.organisations[ALFA].settings.tls_certificates
    assert [one.description for one in kept] == [PORTAL, "Архив"]
    assert indices(emulator.world) == {
        "documentsAccess": (1,), "documentsList": (0,), "documentsSettings": (),
        "packagesAccess": (), "packagesList": (), "packagesSettings": (1,),
        "organizationSettings": (),
    }  # fmt: skip


def test_a_certificate_is_added_ticked_and_disabled(emulator: Emulator, enter: Enter) -> None:
    key = self_signed_system_key("Новая система", ec_key(), emulator.world.clock.now())
    page = enter(part="#certificates")
    form = page.locator(".certificates")
    form.get_by_label("Информационная система").fill("Новая система")
    form.get_by_label("Сертификат в формате PEM").fill("not a certificate")
    form.get_by_role("button", name="Добавить сертификат").click()
    expect(form.get_by_role("status")).to_contain_text("Вставьте сертификат целиком")
    form.get_by_label("Сертификат в формате PEM").fill(key.certificate_pem)
    form.get_by_role("button", name="Добавить сертификат").click()
    page.get_by_role("button", name=f"Отключить: {PORTAL}").click()
    page.get_by_role("link", name="Контроль доступа", exact=True).click()
    expand(page, "documentsAccess")
    tick(page, "documentsAccess", 2)
    saved(page)
    settings = emulator.world.organisations[ALFA].settings
    assert settings.tls_certificates[2].body.strip() == key.certificate_pem.strip()
    assert [one.disabled for one in settings.tls_certificates] == [False, True, False]
    assert indices(emulator.world)["documentsAccess"] == (2,)


def test_a_key_that_may_not_authenticate_is_refused_in_the_services_words(
    emulator: Emulator, enter: Enter
) -> None:
    before = emulator.world.organisations[ALFA].settings
    page = enter(part="#certificates")
    page.locator("#certificate-description").fill("Поддельная")
    page.locator("#certificate-body").fill(
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
    )
    page.get_by_role("button", name="Добавить сертификат").click()
    page.locator("#save").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "Один из TLS сертификатов не может быть использован для аутентификации"
    )
    assert emulator.world.organisations[ALFA].settings == before


def test_the_parts_stand_in_the_templates_order_and_can_be_filled(
    emulator: Emulator, enter: Enter
) -> None:
    page = enter("details", "en", part="")
    page.locator("#settings").wait_for()
    assert page.get_by_role("heading", level=2).all_inner_texts() == [
        "Subscription",
        "Access control",
        "Information system certificates",
        "Information system settings",
        "Webhook notifications",
        "Signed data archiving",
    ]
    page.get_by_label("E-mail for subscription messages").fill("plan@alfa.example")
    page.get_by_label("New address").fill("ftp://no")
    page.locator("#webhooks").get_by_role("button", name="Add").click()
    expect(page.locator("#webhooks").get_by_role("status")).to_contain_text("http")
    page.get_by_label("New address").fill("https://hook.alfa.example/in")
    page.locator("#webhooks").get_by_role("button", name="Add").click()
    page.get_by_label("Archive signed data").check()
    page.get_by_label("E-mail for archive messages").fill("archive@alfa.example")
    saved(page)
    stored = emulator.world.organisations[ALFA].settings
    assert stored.webhook_urls == ("https://hook.alfa.example/in",)
    assert stored.data_archive_enabled
    assert stored.data_archive_contact_email == "archive@alfa.example"
    assert stored.subscription_contact_email == "plan@alfa.example"


# -- switches: unknowns 2 to 4 ------------------------------------------------------------------


@pytest.mark.parametrize("how", ["accordion", "anchor", "route", "tabs"])
def test_the_link_reveals_access_control_in_each_way(enter: Enter, how: str) -> None:
    page = enter(part="", access_link=how)
    blocks = page.locator(header(page, "documentsAccess"))
    role: Literal["tab", "link"] = "tab" if how == "tabs" else "link"
    link = page.get_by_role(role, name="Контроль доступа", exact=True)
    link.wait_for()
    if how == "anchor":
        expect(blocks).to_be_visible()
    else:
        expect(blocks).to_be_hidden()
    link.click()
    expect(blocks).to_be_in_viewport()
    page.reload()
    expect(blocks).to_be_visible()
    if how == "route":
        page.go_back()
        expect(blocks).to_be_hidden()


def test_the_browser_asks_before_unsaved_changes_are_lost(enter: Enter) -> None:
    page = enter(leaving_unsaved="browser")
    asked: list[str] = []

    def answer(dialog: object) -> None:
        asked.append(dialog.type)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", answer)
    page.goto("/organization-settings#access-control")
    expand(page, "documentsAccess")
    page.goto("/")
    assert asked == []
    page.go_back()
    expand(page, "documentsAccess")
    tick(page, "documentsAccess")
    page.goto("/")
    assert asked == ["beforeunload"]


def test_the_page_asks_before_unsaved_changes_are_lost(emulator: Emulator, enter: Enter) -> None:
    page = enter(leaving_unsaved="page")
    expand(page, "documentsAccess")
    tick(page, "documentsAccess")
    home = page.get_by_role("link", name="SIGEX (эмулятор)")
    home.click()
    dialogue = page.get_by_role("dialog", name="Изменения не сохранены. Уйти со страницы?")
    expect(dialogue).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(dialogue).to_have_count(0)
    expect(home).to_be_focused()
    home.click()
    dialogue.get_by_role("button", name="Уйти без сохранения").click()
    page.wait_for_url(f"{emulator.address}/")


def test_the_save_button_may_wait_for_a_change(enter: Enter) -> None:
    page = enter(save_button="when_changed")
    expand(page, "documentsAccess")
    save = page.locator("#save")
    expect(save).to_be_disabled()
    tick(page, "documentsAccess")
    expect(save).to_be_enabled()
    page.locator('[data-part="documentsAccess:tlsCertificatesIndices:0"]').uncheck()
    expect(save).to_be_disabled()  # ticked and unticked is no change


def test_saving_may_ask_once_more(emulator: Emulator, enter: Enter) -> None:
    page = enter(save_confirmation="dialogue")
    expand(page, "documentsAccess")
    tick(page, "documentsAccess")
    page.locator("#save").click()
    dialogue = page.get_by_role("dialog", name="Сохранить настройки организации?")
    dialogue.get_by_role("button", name="Отмена").click()
    expect(dialogue).to_have_count(0)
    assert indices(emulator.world)["documentsAccess"] == ()
    page.locator("#save").click()
    dialogue.get_by_role("button", name="Сохранить").click()
    expect(page.locator("#saving")).to_have_text("Настройки сохранены.")
    assert indices(emulator.world)["documentsAccess"] == (0,)


def test_the_head_and_disabled_systems_may_be_hidden_and_keep_what_they_have(
    emulator: Emulator, enter: Enter
) -> None:
    emulator.world.grant(ALFA, "documentsAccess", PORTAL)
    emulator.world.set_disabled(ALFA, PORTAL, disabled=True)
    page = enter(heads_authority="hidden", disabled_systems="hidden")
    expand(page, "documentsAccess")
    expect(page.locator(f'[data-part="documentsAccess:authorities:{"1.2.398.3.3.4.1.2.1"}"]')
           ).to_have_count(0)  # fmt: skip
    expect(page.locator('[data-part="documentsAccess:tlsCertificatesIndices:1"]')).to_have_count(0)
    tick(page, "documentsAccess")
    saved(page)
    stored = emulator.world.organisations[ALFA].settings.blocks["documentsAccess"]
    assert set(stored.tls_certificate_indices) == {0, 1}
    assert "1.2.398.3.3.4.1.2.1" in stored.authorities
