"""What the pages show, ask and tell, in a real browser."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    BrowserContext,
    Page,
    Route,
    expect,
)

from sigex_emulator import Emulator
from tests.sigex_emulator.drivers import ALFA, CONTRACTS, PORTAL, Admit, NcaLayer

from .painted import TITLES, indices, open_access_control, tick_box


@pytest.mark.fact("2.2-item-hidden", "2.2-item-by-permission", "6-7", "6-8")
def test_without_the_right_there_is_no_item_and_no_page(page: Page, admit: Admit) -> None:
    admit("employee")
    page.goto("/")
    page.get_by_role("button", name="Меню пользователя").click()
    expect(page.get_by_role("button", name="Выйти")).to_be_visible()
    expect(page.get_by_role("link", name="Настройки организации")).to_have_count(0)
    page.goto("/organization-settings")
    expect(page.get_by_role("alert")).to_contain_text("Доступ запрещен")
    expect(page.get_by_role("button", name="Сохранить")).to_have_count(0)


@pytest.mark.fact("2.2-menu-user", "2.2-menu-organisation", "2.2-menu-authorities", "6-7")
def test_the_menu_tells_who_one_is_and_closes_by_escape(page: Page, admit: Admit) -> None:
    admit("head")
    page.goto("/")
    button = page.get_by_role("button", name="Меню пользователя")
    button.click()
    expect(page.get_by_text("СЕРГАЛИЕВ ЕРЛАН")).to_be_visible()
    expect(page.get_by_text("ТОО «Пример Альфа»")).to_be_visible()
    expect(page.get_by_text("Первый руководитель")).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()


@pytest.mark.fact("2.1-state-error")
def test_a_service_that_does_not_answer_is_told(
    page: Page, context: BrowserContext, admit: Admit
) -> None:
    admit()
    context.route("**/api/organizationSettings", lambda route: route.fulfill(status=502))
    page.goto("/organization-settings")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Не удалось получить ответ сервиса")
    expect(alert).to_contain_text(re.compile("OCSP.*TSP"))


@pytest.mark.fact("2.3-disabled-shown", "6-3")
def test_a_disabled_system_and_a_double_are_shown(
    emulator: Emulator, page: Page, admit: Admit
) -> None:
    emulator.world.add_information_system(ALFA, CONTRACTS)
    emulator.world.set_disabled(ALFA, PORTAL, disabled=True)
    admit()
    open_access_control(page)
    page.get_by_role("button", name=TITLES[2], exact=True).click()
    expect(tick_box(page, TITLES[2], CONTRACTS)).to_have_count(2)
    block = page.get_by_role("region", name=TITLES[2], exact=True)
    expect(block.get_by_text("(отключен)")).to_have_count(1)


@pytest.mark.parametrize("path", ["/", "/auth", "/organization-settings", "/en", "/kk", "/none"])
def test_every_page_says_that_it_is_an_emulator(page: Page, path: str) -> None:
    page.goto(path)
    text = {"/en": "SIGEX emulator", "/kk": "SIGEX эмуляторы"}.get(path, "Эмулятор SIGEX")
    expect(page.get_by_text(text)).to_be_visible()


@pytest.mark.fact("2.1-settings-en", "2.3-label-menu-en")
def test_english_speaks_english_where_it_is_known(page: Page) -> None:
    page.goto("/en/organization-settings")
    expect(page.get_by_role("heading", level=1)).to_have_text("Organization Settings")
    assert page.locator("html").get_attribute("lang") == "en"


def test_a_description_is_text_never_markup(emulator: Emulator, page: Page, admit: Admit) -> None:
    wild = "<img src=x onerror=alert(1)> & «ё»"
    emulator.world.add_information_system(ALFA, wild)
    admit()
    open_access_control(page)
    page.get_by_role("button", name=TITLES[0], exact=True).click()
    expect(tick_box(page, TITLES[0], wild)).to_be_visible()


def test_a_document_is_found_by_its_id(emulator: Emulator, page: Page) -> None:
    public = emulator.world.organisations[ALFA].document_ids[-1]
    page.goto("/")
    page.get_by_label("Идентификатор документа").fill(public)
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_text("Документ найден: Публичная оферта")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_cut_off_sideways(page: Page, admit: Admit, width: int) -> None:
    admit()
    open_access_control(page)
    for title in TITLES:
        page.get_by_role("button", name=title, exact=True).click()
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.fact("2.2-asks-who")
def test_a_signed_out_page_asks_who_one_is_and_no_more(page: Page) -> None:
    """Seen from the page: a page of the test before may still be asking the emulator something."""
    called: list[str] = []
    page.on("request", lambda request: called.append(urlsplit(request.url).path))
    page.goto("/")
    expect(page.get_by_role("link", name="Войти")).to_be_visible()
    page.wait_for_load_state("networkidle")
    asked = [path for path in called if path.startswith("/api/")]
    assert set(asked) <= {"/api/auth", "/api/strings"}  # the words for "signed out" are no right
    assert asked.count("/api/auth") == 1


@pytest.mark.fact(
    "2.2-sign-in-return", "2.2-icon-upper-right", "2.2-icons-share-corner", "1-back-where-one-was"
)
def test_the_icon_at_the_upper_right_leads_away_and_back(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    page.goto("/kk?a=1&b=2")
    sign_in = page.get_by_role("link", name="Кіру")
    sign_in.wait_for()
    assert sign_in.get_attribute("href") == "/kk/auth?returnUrl=%2Fkk%3Fa%3D1%26b%3D2"
    before = sign_in.bounding_box()
    sign_in.click()
    page.get_by_role("button", name="NCALayer арқылы кіру").click()
    menu = page.get_by_role("button", name="Пайдаланушы мәзірі")
    menu.wait_for()
    assert page.url == f"{emulator.address}/kk?a=1&b=2"
    assert before is not None
    assert menu.bounding_box() == before
    assert before["x"] > 1280 * 0.75
    assert before["y"] < 800 * 0.2


def _keep(route: Route, held: list[Route]) -> None:
    """Leave a request unanswered for now; a bound `append` is refused by Playwright."""
    held.append(route)


@pytest.mark.fact("2.1-state-loading", "2.1-state-content", "2.3-heading")
def test_the_settings_page_loads_and_then_shows_whose_it_is(
    page: Page, context: BrowserContext, admit: Admit
) -> None:
    admit()
    held: list[Route] = []
    context.route("**/api/organizationSettings", lambda route: _keep(route, held))
    with page.expect_request("**/api/organizationSettings"):
        page.goto("/organization-settings", wait_until="commit")
    loading = page.get_by_text("Загрузка настроек")
    expect(loading).to_be_visible()
    expect(page.get_by_role("button", name="Сохранить")).to_have_count(0)
    held[0].continue_()
    expect(page.get_by_text("ТОО «Пример Альфа»").last).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Настройки организации")
    expect(page.get_by_role("button", name="Сохранить")).to_be_visible()
    expect(loading).to_be_hidden()


@pytest.mark.fact(
    "2.3-blocks-to-fields", "2.3-guide-shows-four", "2.3-blocks-independent",
    "2.3-block-has-three-lists", "2.3-system-in-third-list", "2.3-label-lists-ru", "6-1", "6-3",
)  # fmt: skip
def test_each_block_shows_three_lists_and_stores_its_own_field(
    emulator: Emulator, page: Page, admit: Admit
) -> None:
    admit()
    open_access_control(page)
    headers = page.get_by_role("button", name=re.compile("^Контроль доступа к "))
    expect(headers).to_have_text(list(TITLES))
    wanted: dict[str, tuple[str, ...]] = {
        "documentsAccess": (),
        "documentsList": (CONTRACTS,),
        "documentsSettings": (PORTAL,),
        "organizationSettings": (CONTRACTS, PORTAL),
    }
    for title, ticked in zip(TITLES, wanted.values(), strict=True):
        page.get_by_role("button", name=title, exact=True).click()
        lists = page.get_by_role("region", name=title, exact=True).get_by_role("group")
        assert [one.locator("legend").inner_text().rstrip(":") for one in lists.all()] == [
            "Полномочия", "Сотрудники", "Информационные системы",
        ]  # fmt: skip
        expect(lists.nth(2).get_by_role("checkbox")).to_have_count(2)
        for description in ticked:
            lists.nth(2).get_by_role("checkbox", name=description).check()
    for header in headers.all():
        expect(header).to_have_attribute("aria-expanded", "true")  # all stay open together
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Настройки сохранены.")).to_be_visible()
    index = {CONTRACTS: 0, PORTAL: 1}
    stored = indices(emulator.world)
    for field_name, ticked in wanted.items():
        assert stored[field_name] == tuple(index[one] for one in ticked), field_name


@pytest.mark.fact("2.1-message-is-failure", "3.6-site-shows", "3.6-site-shows-unlisted")
@pytest.mark.parametrize(
    ("status", "message", "shown"),
    [
        (200, "Access denied", r"Доступ запрещен[.:]\s+у вашего .+\."),
        (500, "Access denied", r"Доступ запрещен[.:]\s+у вашего .+\."),
        (200, "No such key", r"непредвиденное сообщение"),
    ],
)
def test_a_message_is_a_failure_whatever_the_code(
    page: Page,
    context: BrowserContext,
    admit: Admit,
    status: int,
    message: str,
    shown: str,
) -> None:
    admit()
    body = json.dumps({"message": message, "requestID": 1, "businessId": f"BIN{ALFA}"})
    context.route(
        "**/api/organizationSettings", lambda route: route.fulfill(status=status, body=body)
    )
    page.goto("/organization-settings")
    expect(page.get_by_role("alert")).to_contain_text(re.compile(shown))
    expect(page.get_by_role("button", name="Сохранить")).to_have_count(0)
