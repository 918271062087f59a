"""The pages in a real browser, signing in through a stand-in NCALayer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import (
    BrowserContext,
    Page,
    Route,
    expect,
)

from sigex_runbook.emulator import Emulator
from sigex_runbook.emulator.access import GUIDE_BLOCKS
from sigex_runbook.emulator.world import World

from .drivers import ALFA, CONTRACTS, NCALAYER, PORTAL, NcaLayer

_TITLES = (
    "Контроль доступа к документам организации",
    "Контроль доступа к перечислению документов организации",
    "Контроль доступа к настройкам документов организации",
    "Контроль доступа к настройкам организации",
)


def _sign_in(page: Page, path: str = "/") -> None:
    page.goto(path)
    page.get_by_role("link", name="Войти").click()
    page.get_by_role("button", name="Войти через NCALayer").click()
    page.get_by_role("button", name="Меню пользователя").wait_for()


def _open_access_control(page: Page) -> None:
    page.get_by_role("button", name="Меню пользователя").click()
    page.get_by_role("link", name="Настройки организации").click()
    page.get_by_role("link", name="Контроль доступа", exact=True).click()


def _box(page: Page, title: str, description: str) -> Any:
    block = page.get_by_role("region", name=title, exact=True)
    return block.get_by_role("checkbox", name=description, exact=True)


@contextmanager
def _quiet(page: Page) -> Iterator[list[str]]:
    """Collect what the page posts while the block runs."""
    posted: list[str] = []

    def note(request: Any) -> None:
        if request.method == "POST":
            posted.append(request.url)

    page.on("request", note)
    yield posted
    page.remove_listener("request", note)


def _indices(world: World) -> dict[str, tuple[int, ...]]:
    blocks = world.organisations[ALFA].settings.blocks
    return {name: block.tls_certificate_indices for name, block in blocks.items()}


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
    _sign_in(page)
    _open_access_control(page)
    headers = [page.get_by_role("button", name=title, exact=True) for title in _TITLES]
    with _quiet(page) as posted:
        for title, header in zip(_TITLES, headers, strict=True):
            expect(header).to_have_attribute("aria-expanded", "false")
            expect(_box(page, title, CONTRACTS)).to_have_count(0)  # hidden: nobody can reach it
            header.click()
            expect(header).to_have_attribute("aria-expanded", "true")
            _box(page, title, CONTRACTS).check()
        assert posted == []  # nothing is stored by ticking
    assert emulator.world.organisations[ALFA].settings == before

    save = page.get_by_role("button", name="Сохранить")
    page.evaluate("scrollTo(0, 0)")
    expect(save).not_to_be_in_viewport()
    with _quiet(page) as posted:
        save.click()
        expect(page.get_by_text("Настройки сохранены.")).to_be_visible()
        assert len(posted) == 1  # one request for all four

    stored = emulator.world.organisations[ALFA].settings
    assert _indices(emulator.world) == {
        name: ((0,) if name in GUIDE_BLOCKS else ()) for name in stored.blocks
    }
    without_ticks = {
        name: replace(block, tls_certificate_indices=()) for name, block in stored.blocks.items()
    }
    assert replace(stored, blocks=without_ticks, modified_at=before.modified_at) == before

    page.reload()
    for title, header in zip(_TITLES, headers, strict=True):
        header.click()
        expect(_box(page, title, CONTRACTS)).to_be_checked()
        expect(_box(page, title, PORTAL)).not_to_be_checked()


def test_leaving_without_saving_changes_nothing(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    page.get_by_role("button", name=_TITLES[0], exact=True).click()
    _box(page, _TITLES[0], CONTRACTS).check()
    page.goto("/")
    page.get_by_role("button", name="Меню пользователя").wait_for()
    assert set(_indices(emulator.world).values()) == {()}


def test_a_tick_can_be_taken_back(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    emulator.world.grant(ALFA, "documentsAccess", CONTRACTS)
    emulator.world.grant(ALFA, "documentsAccess", PORTAL)
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    page.get_by_role("button", name=_TITLES[0], exact=True).click()
    _box(page, _TITLES[0], CONTRACTS).uncheck()
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Настройки сохранены.")).to_be_visible()
    assert _indices(emulator.world)["documentsAccess"] == (1,)


def test_blocks_that_are_not_shown_keep_what_they_hold(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    emulator.world.grant(ALFA, "packagesSettings", PORTAL)
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_text("Настройки сохранены.")).to_be_visible()
    assert _indices(emulator.world)["packagesSettings"] == (1,)


@pytest.mark.fact("2.3-seven-shown-today", "6-1")
def test_seven_blocks_can_be_shown(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    emulator.world.switches = replace(emulator.world.switches, access_blocks_shown="seven")
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    blocks = page.get_by_role("button", name=re.compile("^Контроль доступа к "))
    expect(blocks).to_have_count(7)
    things = ("документам", "перечислению документов", "настройкам документов", "пакетам",
              "перечислению пакетов", "настройкам пакетов", "настройкам организации")  # fmt: skip
    for block, thing in zip(blocks.all(), things, strict=True):
        expect(block).to_have_text(re.compile(f"^Контроль доступа к {thing}"))


def test_an_employee_is_added_by_iin(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    page.get_by_role("button", name=_TITLES[1], exact=True).click()
    block = page.get_by_role("region", name=_TITLES[1], exact=True)
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
def test_the_heads_authority_is_ticked_and_locked(
    page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    page.get_by_role("button", name=_TITLES[0], exact=True).click()
    box = _box(page, _TITLES[0], "Первый руководитель")
    expect(box).to_be_checked()
    expect(box).to_be_disabled()


@pytest.mark.fact("2.1-message-is-failure", "6-4")
def test_a_refused_save_is_told(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    user_id = emulator.world.organisations[ALFA].key_of("settings_employee").person.user_id
    emulator.world.remove_right(ALFA, "organizationSettings", user_id)
    page.get_by_role("button", name="Сохранить").click()
    expect(page.get_by_role("alert")).to_contain_text("Доступ запрещен")
    expect(page.get_by_text("Настройки сохранены.")).to_have_count(0)


# -- signing in ---------------------------------------------------------------------------------


@pytest.mark.fact(
    "4.2-address", "4.2-probe", "4.2-sign-request", "4.2-key-purpose", "4.2-one-item-list",
    "4.1-detached-signing-key", "6-6",
)  # fmt: skip
def test_the_request_to_ncalayer_follows_the_protocol(
    page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    stand_in = ncalayer()
    _sign_in(page)
    probe, sign = stand_in.requests
    assert probe == {"module": "kz.digiflow.mobile.extensions", "method": "getVersion"}
    assert (sign["module"], sign["method"]) == ("kz.gov.pki.knca.basics", "sign")
    assert sign["args"]["format"] == "cms"
    assert sign["args"]["signingParams"]["decode"] is True
    assert sign["args"]["signingParams"]["encapsulate"] is False
    assert sign["args"]["signerParams"]["extKeyUsageOids"] == ["1.3.6.1.5.5.7.3.4"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ('{"status":true,"body":{}}', "Подписание отменено"),
        ('{"status":false,"code":"INVOCATION_ERROR","message":"m","details":"Нет ключей"}',
         "NCALayer сообщил об ошибке: Нет ключей"),
        ("not JSON", "NCALayer сообщил об ошибке: not JSON"),
        (None, "Соединение с NCALayer прервано"),
        ('{"status":true,"body":{"result":"garbage"}}', "Не удалось разобрать подпись"),
    ],
    ids=["cancelled", "failed", "no JSON", "hung up", "no signature"],
)  # fmt: skip
@pytest.mark.fact("4.2-cancel", "4.2-failure", "2.1-auth-path", "6-5")
def test_no_signature_means_no_session_and_a_clear_word(
    emulator: Emulator,
    page: Page,
    ncalayer: Callable[..., NcaLayer],
    answer: str | None,
    expected: str,
) -> None:
    stand_in = ncalayer(answer=lambda _: answer)
    page.goto("/auth?returnUrl=%2F")
    button = page.get_by_role("button", name="Войти через NCALayer")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text(expected)
    expect(page.get_by_role("link", name="Войти")).to_be_visible()
    assert page.context.cookies() == []
    stand_in.answer = None
    button.click()  # the next attempt may succeed
    expect(page.get_by_role("button", name="Меню пользователя")).to_be_visible()


def test_without_ncalayer_the_page_says_what_to_do(page: Page, context: BrowserContext) -> None:
    context.route_web_socket(NCALAYER, lambda socket: socket.close())
    page.goto("/auth")
    page.get_by_role("button", name="Войти через NCALayer").click()
    expect(page.get_by_role("alert")).to_contain_text("Не удалось подключиться к NCALayer")


def test_a_button_waits_until_its_script_listens(page: Page, context: BrowserContext) -> None:
    """A click that nobody hears would leave a visitor waiting for ever."""
    context.route("**/static/ncalayer.js", lambda route: route.abort())
    page.goto("/auth")
    expect(page.get_by_role("button", name="Войти через NCALayer")).to_be_disabled()


@pytest.mark.fact(
    "1-back-where-one-was", "2.1-auth-return-url", "2.1-state-sign-in-link", "4.1-then-return",
    "6-2", "6-8",
)  # fmt: skip
def test_after_signing_in_one_is_back_where_one_was(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    page.goto("/organization-settings#access-control")
    expect(page.get_by_role("alert")).to_contain_text("Требуется аутентификация")
    page.get_by_role("link", name="Пройти аутентификацию").click()
    page.get_by_role("button", name="Войти через NCALayer").click()
    expect(page.get_by_role("button", name=_TITLES[0], exact=True)).to_be_visible()
    assert page.url == f"{emulator.address}/organization-settings#access-control"


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example",
     "javascript:alert(1)", "https://localhost:1/", "/\t/elsewhere.example"],
)  # fmt: skip
@pytest.mark.fact("4.1-no-foreign-return")
def test_one_is_never_sent_to_another_site(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer], address: str
) -> None:
    ncalayer()
    page.goto("/")
    page.goto(f"/auth?returnUrl={quote(address, safe='')}")
    page.get_by_role("button", name="Войти через NCALayer").click()
    page.wait_for_url(f"{emulator.address}/")


@pytest.mark.fact("4.1-no-foreign-return", "2.1-auth-return-url")
def test_an_address_to_return_to_is_one_of_this_very_site(emulator: Emulator, page: Page) -> None:
    """What a browser makes of an address decides, not what it looks like."""
    here = emulator.address
    host = here.removeprefix("https://")
    home = f"{here}/"
    wanted = {
        "": home,
        "//elsewhere.example": home,
        "///elsewhere.example": home,
        "\\\\elsewhere.example": home,
        "/\\elsewhere.example": home,
        "\t//elsewhere.example": home,
        "/\n/elsewhere.example": home,
        "\u00a0//elsewhere.example": f"{here}/%C2%A0//elsewhere.example",  # a name of a page
        "https:elsewhere.example": f"{here}/elsewhere.example",  # a path, to a browser
        "http:elsewhere.example": home,
        "HTTPS://elsewhere.example": home,
        "https:/\\elsewhere.example": home,
        "%2F%2Felsewhere.example": f"{here}/%2F%2Felsewhere.example",  # encoded once more: a name
        "javascript:alert(1)": home,
        " java\nscript:alert(1)": home,
        "data:text/html,x": home,
        f"blob:{here}/x": home,
        f"filesystem:{here}/x": home,
        "https://localhost:1/": home,
        "https://localhost/": home,
        f"http://{host}/": home,
        f"https://{host}@elsewhere.example/": home,
        f"https://{host}.elsewhere.example/": home,
        "https://127.0.0.1:1/": home,
        f"https://name:word@{host}/kk": f"{here}/kk",  # nobody's name and password go along
        f"{here}//elsewhere.example": f"{here}//elsewhere.example",
        "https://[": home,
        "/kk?a=1&b=2#part": f"{here}/kk?a=1&b=2#part",
        f"{here}/organization-settings": f"{here}/organization-settings",
    }
    page.goto("/auth")
    found = page.evaluate(
        """async ([home, all]) => {
          const { returnAddress } = await import("/static/return-address.js");
          return all.map((wanted) => {
            history.replaceState(null, "", `/auth?returnUrl=${encodeURIComponent(wanted)}`);
            return returnAddress(home);
          });
        }""",
        [home, list(wanted)],
    )
    assert dict(zip(wanted, found, strict=True)) == wanted


@pytest.mark.fact("2.2-sign-out")
def test_signing_out_leads_home(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    _sign_in(page, "/organization-settings")
    page.get_by_role("button", name="Меню пользователя").click()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("link", name="Войти", exact=True)).to_be_visible()
    assert page.url == f"{emulator.address}/"
    page.goto("/organization-settings")
    expect(page.get_by_role("alert")).to_contain_text("Требуется аутентификация")


# -- states and rights --------------------------------------------------------------------------


@pytest.mark.fact("2.2-item-hidden", "2.2-item-by-permission", "6-7", "6-8")
def test_without_the_right_there_is_no_item_and_no_page(
    page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer("employee")
    _sign_in(page)
    page.get_by_role("button", name="Меню пользователя").click()
    expect(page.get_by_role("button", name="Выйти")).to_be_visible()
    expect(page.get_by_role("link", name="Настройки организации")).to_have_count(0)
    page.goto("/organization-settings")
    expect(page.get_by_role("alert")).to_contain_text("Доступ запрещен")
    expect(page.get_by_role("button", name="Сохранить")).to_have_count(0)


@pytest.mark.fact("2.2-menu-user", "2.2-menu-organisation", "2.2-menu-authorities", "6-7")
def test_the_menu_tells_who_one_is_and_closes_by_escape(
    page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer("head")
    _sign_in(page)
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
    page: Page, context: BrowserContext, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    _sign_in(page)
    context.route("**/api/organizationSettings", lambda route: route.fulfill(status=502))
    page.goto("/organization-settings")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Не удалось получить ответ сервиса")
    expect(alert).to_contain_text(re.compile("OCSP.*TSP"))


@pytest.mark.fact("2.3-disabled-shown", "6-3")
def test_a_disabled_system_and_a_double_are_shown(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    emulator.world.add_information_system(ALFA, CONTRACTS)
    emulator.world.set_disabled(ALFA, PORTAL, disabled=True)
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    page.get_by_role("button", name=_TITLES[2], exact=True).click()
    expect(_box(page, _TITLES[2], CONTRACTS)).to_have_count(2)
    block = page.get_by_role("region", name=_TITLES[2], exact=True)
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


def test_a_description_is_text_never_markup(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    wild = "<img src=x onerror=alert(1)> & «ё»"
    emulator.world.add_information_system(ALFA, wild)
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    page.get_by_role("button", name=_TITLES[0], exact=True).click()
    expect(_box(page, _TITLES[0], wild)).to_be_visible()


def test_a_document_is_found_by_its_id(
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    public = emulator.world.organisations[ALFA].document_ids[-1]
    page.goto("/")
    page.get_by_label("Идентификатор документа").fill(public)
    page.get_by_role("button", name="Найти").click()
    expect(page.get_by_text("Документ найден: Публичная оферта")).to_be_visible()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_cut_off_sideways(
    page: Page, ncalayer: Callable[..., NcaLayer], width: int
) -> None:
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    for title in _TITLES:
        page.get_by_role("button", name=title, exact=True).click()
    page.set_viewport_size({"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


# -- what a page asks and shows, fact by fact ---------------------------------------------------


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
    page: Page, context: BrowserContext, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    _sign_in(page)
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
    emulator: Emulator, page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    ncalayer()
    _sign_in(page)
    _open_access_control(page)
    headers = page.get_by_role("button", name=re.compile("^Контроль доступа к "))
    expect(headers).to_have_text(list(_TITLES))
    wanted: dict[str, tuple[str, ...]] = {
        "documentsAccess": (),
        "documentsList": (CONTRACTS,),
        "documentsSettings": (PORTAL,),
        "organizationSettings": (CONTRACTS, PORTAL),
    }
    for title, ticked in zip(_TITLES, wanted.values(), strict=True):
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
    stored = _indices(emulator.world)
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
    ncalayer: Callable[..., NcaLayer],
    status: int,
    message: str,
    shown: str,
) -> None:
    ncalayer()
    _sign_in(page)
    body = json.dumps({"message": message, "requestID": 1, "businessId": f"BIN{ALFA}"})
    context.route(
        "**/api/organizationSettings", lambda route: route.fulfill(status=status, body=body)
    )
    page.goto("/organization-settings")
    expect(page.get_by_role("alert")).to_contain_text(re.compile(shown))
    expect(page.get_by_role("button", name="Сохранить")).to_have_count(0)
