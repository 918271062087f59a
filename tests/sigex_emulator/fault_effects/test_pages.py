"""Each fault of the pages does in a real browser what the catalogue says, and only when told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import (
    BrowserContext,
    Error,
    Locator,
    Page,
    expect,
)

from sigex_emulator import Emulator
from sigex_emulator.faults import CATALOGUE
from sigex_emulator.world.settings import GUIDE_BLOCKS
from sigex_runbook.signing import Pkcs12Signer
from sigex_runbook.trials.mutants.computer import faulty_bridge
from tests.sigex_emulator.drivers import ALFA, BETA, CONTRACTS, PORTAL, Admit, NcaLayer

SettingsPage = Callable[[str], Page]

_DOCUMENTS = "Контроль доступа к документам организации"
_LISTING = "Контроль доступа к перечислению документов организации"
_SAVE = "Сохранить"
_ACCESS = "Контроль доступа"
_SHORT = 300  # ms: nothing here waits for a control that shall not come


@pytest.fixture
def settings(emulator: Emulator, admit: Admit, page: Page) -> SettingsPage:
    """Open the settings page of a signed-in employee under one fault; '' for none."""

    def open_page(name: str) -> Page:
        admit()
        if name:
            emulator.world.faults.set(ALFA, name)
        page.set_default_timeout(10_000)
        page.goto("/organization-settings")
        _loaded(page)
        return page

    return open_page


def _loaded(page: Page) -> None:
    page.get_by_text("Загрузка настроек…").wait_for(state="hidden")


def _open_access(page: Page) -> None:
    page.get_by_role("link", name=_ACCESS, exact=True).click()


def _header(page: Page, title: str = _DOCUMENTS) -> Locator:
    return page.get_by_role("button", name=title, exact=True)


def _boxes(page: Page, title: str = _DOCUMENTS) -> Locator:
    lists = page.get_by_role("region", name=title, exact=True).get_by_role(
        "group", name="Информационные системы"
    )
    return lists.get_by_role("checkbox")


def _open_block(page: Page, title: str = _DOCUMENTS) -> Locator:
    if not _header(page, title).is_visible():
        _open_access(page)
    _header(page, title).click()
    return _boxes(page, title)


def _save(page: Page) -> None:
    with page.expect_response(lambda one: one.request.method == "POST"):
        page.get_by_role("button", name=_SAVE).click()


def _stored(emulator: Emulator, block: str = "documentsAccess") -> tuple[int, ...]:
    return emulator.world.organisations[ALFA].settings.blocks[block].tls_certificate_indices


def _cannot_click(control: Locator) -> None:
    with pytest.raises(Error, match="Timeout"):
        control.click(timeout=_SHORT)


# -- what can be seen at once -------------------------------------------------------------------


def _no_menu_icon(page: Page) -> None:
    page.get_by_role("link", name=_ACCESS, exact=True).wait_for()
    expect(page.get_by_role("button", name="Меню пользователя")).to_be_hidden()


def _no_menu_item(page: Page) -> None:
    page.get_by_role("button", name="Меню пользователя").click()
    page.get_by_role("button", name="Выйти").wait_for()
    expect(page.get_by_role("link", name="Настройки организации")).to_be_hidden()


def _renamed_menu_item(page: Page) -> None:
    page.get_by_role("button", name="Меню пользователя").click()
    page.get_by_role("link", name="Параметры компании").wait_for()
    expect(page.get_by_role("link", name="Настройки организации")).to_be_hidden()


def _no_access_link(page: Page) -> None:
    expect(page.get_by_role("button", name=_SAVE)).to_be_visible()
    expect(page.get_by_role("link", name=_ACCESS, exact=True)).to_be_hidden()


def _dead_access_link(page: Page) -> None:
    _open_access(page)
    expect(_header(page)).to_be_hidden()


def _covered(page: Page) -> None:
    _cannot_click(page.get_by_role("link", name=_ACCESS, exact=True))


def _no_header(page: Page) -> None:
    _open_access(page)
    expect(_header(page, _LISTING)).to_be_visible()
    expect(_header(page)).to_be_hidden()


def _renamed_header(page: Page) -> None:
    _no_header(page)
    expect(_header(page, "Просмотр карточек")).to_be_visible()


def _reworded_header(page: Page) -> None:
    _open_access(page)
    expect(_header(page, "Контроль доступа к списку документов организации")).to_be_visible()
    expect(_header(page, _LISTING)).to_have_count(0)


def _two_headers(page: Page) -> None:
    _open_access(page)
    expect(_header(page)).to_have_count(2)
    expect(_header(page, _LISTING)).to_have_count(1)


def _other_language(page: Page) -> None:
    _open_access(page)
    expect(_header(page, "Who may view the documents")).to_be_visible()
    expect(page.get_by_role("button", name="Apply")).to_be_visible()
    for gone in (_DOCUMENTS, _LISTING, _SAVE):
        expect(_header(page, gone)).to_be_hidden()


def _dead_block(page: Page) -> None:
    assert _open_block(page).count() == 0
    assert _open_block(page, _LISTING).count() == 2


def _no_boxes(page: Page) -> None:
    assert _open_block(page).count() == 0
    assert _open_block(page, _LISTING).count() == 2


def _moved_boxes(page: Page) -> None:
    assert _open_block(page).count() == 0
    authorities = page.get_by_role("region", name=_DOCUMENTS, exact=True).get_by_role(
        "group", name="Полномочия"
    )
    expect(authorities.get_by_role("checkbox", name="Учёт договоров")).to_be_visible()


def _disabled_boxes(page: Page) -> None:
    for box in _open_block(page).all():
        expect(box).to_be_disabled()
    for box in _open_block(page, _LISTING).all():
        expect(box).to_be_enabled()


def _doubled_boxes(page: Page) -> None:
    assert _open_block(page).count() == 4
    assert _open_block(page, _LISTING).count() == 2


def _unticks(page: Page) -> None:
    box = _open_block(page).first
    with pytest.raises(Error, match="did not change its state"):
        box.set_checked(True)
    other = _open_block(page, _LISTING).first
    other.set_checked(True)
    expect(other).to_be_checked()


def _unticks_later(page: Page) -> None:
    box = _open_block(page).first
    box.set_checked(True)
    expect(box).not_to_be_checked()


def _no_save(page: Page) -> None:
    expect(page.get_by_role("link", name=_ACCESS, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=_SAVE)).to_be_hidden()


def _two_saves(page: Page) -> None:
    expect(page.get_by_role("button", name=_SAVE)).to_have_count(2)


def _disabled_save(page: Page) -> None:
    expect(page.get_by_role("button", name=_SAVE)).to_be_disabled()


def _notice(page: Page) -> None:
    expect(page.get_by_role("complementary")).to_contain_text("обслуживается")
    _open_block(page).first.set_checked(True)
    _save(page)


_SEEN: dict[str, Callable[[Page], None]] = {
    "page-menu-icon-missing": _no_menu_icon,
    "page-menu-item-missing": _no_menu_item,
    "page-menu-item-renamed": _renamed_menu_item,
    "page-access-link-missing": _no_access_link,
    "page-access-link-dead": _dead_access_link,
    "page-covered": _covered,
    "page-header-missing": _no_header,
    "page-header-renamed": _renamed_header,
    "page-header-reworded": _reworded_header,
    "page-header-doubled": _two_headers,
    "page-other-language": _other_language,
    "page-block-dead": _dead_block,
    "page-checkbox-missing": _no_boxes,
    "page-checkbox-hidden": _no_boxes,
    "page-checkbox-disabled": _disabled_boxes,
    "page-checkbox-doubled": _doubled_boxes,
    "page-checkbox-moved": _moved_boxes,
    "page-checkbox-unticks": _unticks,
    "page-checkbox-unticks-later": _unticks_later,
    "page-save-missing": _no_save,
    "page-save-doubled": _two_saves,
    "page-save-disabled": _disabled_save,
    "page-notice": _notice,
}


@pytest.mark.parametrize("name", _SEEN)
def test_a_fault_changes_the_page_as_the_catalogue_says(settings: SettingsPage, name: str) -> None:
    _SEEN[name](settings(name))


def test_without_a_fault_nothing_of_it_is_on_the_page(settings: SettingsPage) -> None:
    page = settings("")
    assert "faults.js" not in page.content()
    _open_block(page).first.set_checked(True)
    _save(page)


# -- what shows in the data ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ["page-save-dead", "page-save-pretends"])
def test_pressing_save_sends_nothing(emulator: Emulator, settings: SettingsPage, name: str) -> None:
    page = settings(name)
    posted: list[str] = []
    page.on("request", lambda one: posted.append(one.url) if one.method == "POST" else None)
    page.get_by_role("button", name=_SAVE).click()
    if name == "page-save-pretends":
        page.get_by_text("Настройки сохранены.").wait_for()
    page.reload()
    page.get_by_role("link", name=_ACCESS, exact=True).wait_for()
    assert posted == []


@pytest.mark.parametrize(
    ("name", "block", "index"),
    [
        ("page-titles-swapped", "documentsList", 0),
        ("page-checkboxes-swapped", "documentsList", 0),
        ("page-labels-swapped", "documentsAccess", 1),
    ],
)
def test_a_tick_lands_elsewhere_and_the_page_agrees_with_itself(
    emulator: Emulator, settings: SettingsPage, name: str, block: str, index: int
) -> None:
    page = settings(name)
    _open_block(page).and_(page.get_by_role("checkbox", name=CONTRACTS)).set_checked(True)
    _save(page)
    stored = {one: _stored(emulator, one) for one in GUIDE_BLOCKS}
    assert stored == {one: (index,) if one == block else () for one in GUIDE_BLOCKS}
    page.reload()
    _loaded(page)
    boxes = _open_block(page)
    expect(boxes.and_(page.get_by_role("checkbox", name=CONTRACTS))).to_be_checked()
    expect(boxes.and_(page.get_by_role("checkbox", name=PORTAL))).not_to_be_checked()


def test_boxes_are_shown_ticked_without_a_grant(emulator: Emulator, settings: SettingsPage) -> None:
    page = settings("page-checkbox-shown-ticked")
    for box in _open_block(page).all():
        expect(box).to_be_checked()
    _save(page)
    assert _stored(emulator) == ()


def test_boxes_are_shown_unticked_in_spite_of_a_grant(
    emulator: Emulator, settings: SettingsPage
) -> None:
    emulator.world.grant(ALFA, "documentsAccess", CONTRACTS)
    page = settings("page-checkbox-shown-unticked")
    for box in _open_block(page).all():
        expect(box).not_to_be_checked()
    _save(page)
    assert _stored(emulator) == (0,)


def test_blocks_come_late(settings: SettingsPage, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url.rsplit("/", 1)[-1]))
    settings("page-late")
    assert asked.index("organizationSettings") > asked.index("organizationSubscription")
    _open_block(page).first.set_checked(True)
    _save(page)


def test_the_page_saves_at_once(emulator: Emulator, settings: SettingsPage) -> None:
    page = settings("page-saves-at-once")
    listing = _open_block(page, _LISTING)
    listing.first.check()
    assert _stored(emulator, "documentsList") == ()
    boxes = _open_block(page)
    with page.expect_response(lambda one: one.request.method == "POST"):
        boxes.first.check()
    assert _stored(emulator) == (0,)


# -- before anybody has signed in ---------------------------------------------------------------


def test_the_sign_in_icon_is_missing(emulator: Emulator, page: Page) -> None:
    emulator.world.faults.set(ALFA, "page-sign-in-missing")
    with page.expect_response("**/api/auth"):
        page.goto("/")
    page.get_by_role("button", name="Найти").wait_for()
    expect(page.get_by_role("link", name="Войти")).to_be_hidden()


@pytest.fixture
def asked(ncalayer: Callable[..., NcaLayer]) -> list[dict[str, Any]]:
    """What an NCALayer was asked that cancels every signature."""
    cancels: NcaLayer = ncalayer(answer=lambda _: '{"status": true, "body": {}}')
    return cancels.requests


def _signing(asked: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in asked if one["method"] != "getVersion"]


def _ask_for_a_signature(page: Page) -> str:
    """Press the sign-in button and return the nonce that the page was given."""
    page.goto("/auth")
    with page.expect_response(lambda one: one.request.method == "POST") as prepared:
        page.get_by_role("button", name="Войти через NCALayer").click()
    page.get_by_role("alert").wait_for()
    return str(prepared.value.json()["nonce"])


def test_a_healthy_page_asks_to_sign_the_nonce(
    emulator: Emulator, page: Page, asked: list[dict[str, Any]]
) -> None:
    nonce = _ask_for_a_signature(page)
    assert [(one["method"], one["args"]["data"]) for one in _signing(asked)] == [("sign", nonce)]


def test_the_page_asks_to_sign_other_bytes(
    emulator: Emulator, page: Page, asked: list[dict[str, Any]]
) -> None:
    emulator.world.faults.set(ALFA, "ncalayer-other-bytes")
    nonce = _ask_for_a_signature(page)
    (request,) = _signing(asked)
    assert request["method"] == "sign"
    assert request["args"]["data"] != nonce


def test_the_page_asks_for_an_unknown_method(
    emulator: Emulator, page: Page, asked: list[dict[str, Any]]
) -> None:
    emulator.world.faults.set(ALFA, "ncalayer-unknown-method")
    _ask_for_a_signature(page)
    assert [one["method"] for one in _signing(asked)] == ["signAll"]


def test_the_page_cannot_reach_ncalayer(
    emulator: Emulator, page: Page, asked: list[dict[str, Any]]
) -> None:
    emulator.world.faults.set(ALFA, "ncalayer-blocked-by-page")
    _ask_for_a_signature(page)
    assert asked == []
    expect(page.get_by_role("alert")).to_contain_text("Не удалось подключиться к NCALayer")


def test_every_fault_of_the_pages_is_tried_here() -> None:
    tried = {*_SEEN, "page-save-dead", "page-save-pretends", "page-titles-swapped"}
    tried |= {"page-checkboxes-swapped", "page-labels-swapped", "page-sign-in-missing", "page-late"}
    tried |= {"page-saves-at-once", "page-checkbox-shown-ticked", "page-checkbox-shown-unticked"}
    tried |= {"ncalayer-other-bytes", "ncalayer-unknown-method", "ncalayer-blocked-by-page"}
    of_pages = {
        name
        for name, fault in CATALOGUE.items()
        if fault.place in {"page", "ncalayer"} and fault.injected_by == "service"
    }
    assert tried == of_pages


# -- on the employee's computer -----------------------------------------------------------------


def _pkcs12_signer(emulator: Emulator, organisation_bin: str) -> Pkcs12Signer:
    key = emulator.world.organisations[organisation_bin].key_of("settings_employee")
    return Pkcs12Signer(key.private_key, key.certificate, [])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("ncalayer-absent", "Не удалось подключиться к NCALayer"),
        ("ncalayer-silent", ""),
        ("ncalayer-cancelled", "Подписание отменено"),
        ("ncalayer-broken-signature", "Некорректная подпись"),
    ],
)
def test_nobody_gets_in_when_ncalayer_fails(
    emulator: Emulator, context: BrowserContext, page: Page, name: str, told: str
) -> None:
    signer = _pkcs12_signer(emulator, ALFA)
    faulty_bridge(name, signer, signer)(context)
    page.goto("/auth")
    page.get_by_role("button", name="Войти через NCALayer").click()
    if told:
        expect(page.get_by_role("alert")).to_contain_text(told)
    else:
        expect(page.get_by_role("status")).to_contain_text("Ожидание подписи")
    assert context.cookies() == []


def test_a_stranger_gets_in_with_his_own_key(
    emulator: Emulator, context: BrowserContext, page: Page
) -> None:
    honest, stranger = (_pkcs12_signer(emulator, one) for one in (ALFA, BETA))
    faulty_bridge("ncalayer-wrong-key", honest, stranger)(context)
    page.goto("/auth")
    page.get_by_role("button", name="Войти через NCALayer").click()
    page.get_by_role("button", name="Меню пользователя").wait_for()
    key = emulator.world.organisations[BETA].key_of("settings_employee")
    assert set(emulator.world.sign_ins) == {key.person.user_id}


def test_every_fault_of_the_employees_computer_is_tried_here() -> None:
    of_clients = {name for name, fault in CATALOGUE.items() if fault.injected_by == "client"}
    tried = {"ncalayer-absent", "ncalayer-silent", "ncalayer-cancelled", "ncalayer-wrong-key"}
    assert of_clients == tried | {"ncalayer-broken-signature"}
