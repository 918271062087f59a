"""Signing in by QR code: a phone photographs the page that a browser really shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from sigex_emulator import Emulator
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.pages.rendering import Language, texts
from sigex_emulator.pki.people import Role
from sigex_emulator.skins import SKINS, SkinName
from tests.sigex_emulator.conftest import Watched
from tests.sigex_emulator.drivers import VisitorMaker, message
from tests.sigex_emulator.phone import Phone, read_code

from .painted import serious

PhoneMaker = Callable[..., Phone]


@pytest.fixture
def phone(visitor: VisitorMaker) -> PhoneMaker:
    """Make a phone with the key of somebody of the organisation."""

    def make(role: Role = "settings_employee", **more: Any) -> Phone:
        owner = visitor(role, signed_in=False)
        return Phone(owner.client, owner.signer, **more)

    return make


def ask(page: Page, words: str = "Показать QR-код") -> None:
    page.get_by_role("button", name=words).click()
    expect(page.locator("#qr-progress")).to_have_text(texts("ru")["auth.qr.waiting"])


def photograph(page: Page) -> bytes:
    """Take a picture of the page as a person sees it, not of the picture's file."""
    page.locator("#qr-picture").scroll_into_view_if_needed()
    return page.screenshot()


@pytest.mark.fact("4.3-sign-in", "4.3-create", "4.3-data", "4.3-signatures", "6-5")
@pytest.mark.parametrize("skin", SKINS)
def test_a_phone_signs_one_in(
    emulator: Emulator, page: Page, phone: PhoneMaker, skin: SkinName
) -> None:
    emulator.world.switches = replace(emulator.world.switches, skin=skin)
    page.set_viewport_size({"width": 390, "height": 760})  # the code must fit anywhere
    page.goto("/auth?returnUrl=%2Forganization-settings%23access-control")
    ask(page)
    mine = phone()
    asked = mine.scan(photograph(page))
    assert mine.told["description"] == texts("ru")["auth.qr.request"]
    assert [one["id"] for one in asked["documentsToSign"]] == [1]
    expect(page.locator("#qr-progress")).to_have_text(texts("ru")["auth.qr.signing"])
    expect(page.locator("#qr-picture")).to_be_hidden()  # it works once
    assert mine.sign(asked) == {}
    page.wait_for_url(f"{emulator.address}/organization-settings#access-control")
    expect(page.locator("#settings")).to_be_visible()
    [cookie] = page.context.cookies()
    assert cookie["name"] == "jwt"
    person = mine.signer.key.person
    [signed_in] = emulator.world.sign_ins[person.user_id]
    assert signed_in.auth_at


@pytest.mark.fact("4.3-once")
def test_a_second_scan_is_refused_and_does_no_harm(
    emulator: Emulator, page: Page, phone: PhoneMaker
) -> None:
    page.goto("/auth")
    ask(page)
    picture = photograph(page)
    mine, another = phone(), phone("head")
    asked = mine.scan(picture)
    assert message(another.scan(picture)) == "Invalid QR signing state"
    assert message(mine.scan(picture)) == "Invalid QR signing state"
    assert mine.sign(asked) == {}
    page.wait_for_url(f"{emulator.address}/")
    assert list(emulator.world.sign_ins) == [mine.signer.key.person.user_id]


def test_something_else_than_the_nonce_signs_nobody_in(page: Page, phone: PhoneMaker) -> None:
    page.goto("/auth")
    ask(page)
    wrong = phone(instead=lambda _: b"something else")
    assert wrong.sign(wrong.scan(photograph(page))) == {}
    expect(page.get_by_role("alert")).to_contain_text("Неверный nonce аутентификации")
    assert page.context.cookies() == []
    ask(page, "Новый код")
    expect(page.get_by_role("alert")).to_be_hidden()
    mine = phone()
    mine.sign(mine.scan(photograph(page)))
    page.get_by_role("button", name="Меню пользователя").wait_for()


@pytest.mark.fact("4.3-errors", "4.3-limits")
def test_too_late(page: Page, phone: PhoneMaker, clock: ShiftedClock, held: Watched) -> None:
    page.goto("/auth")
    ask(page)
    held.began.acquire()
    picture, mine = photograph(page), phone()
    clock.advance(timedelta(minutes=3))
    expect(page.get_by_role("alert")).to_contain_text("Таймаут операции QR подписания: код не был")
    expect(page.locator("#qr-picture")).to_be_hidden()
    assert message(mine.scan(picture)) == "QR signing operation is not active"
    ask(page, "Новый код")
    asked = mine.scan(photograph(page))
    for _ in ("the page's offer", "the phone's fetch", "the page's wait for signatures"):
        held.began.acquire()
    clock.advance(timedelta(minutes=3))
    expect(page.get_by_role("alert")).to_contain_text("Таймаут операции QR подписания")
    assert message(mine.sign(asked)) == "QR signing operation is not active"
    assert page.context.cookies() == []


@pytest.mark.fact("4.3-errors", "4.3-limits")
def test_too_many_at_a_time_is_told(emulator: Emulator, page: Page) -> None:
    emulator.world.switches = replace(emulator.world.switches, qr_operations=0)
    page.goto("/auth")
    page.get_by_role("button", name="Показать QR-код").click()
    expect(page.get_by_role("alert")).to_contain_text(
        "Слишком много пользователей выполняют QR подписание"
    )
    expect(page.get_by_role("button", name="Показать QR-код")).to_be_enabled()


def test_a_new_code_replaces_the_old_one(emulator: Emulator, page: Page, phone: PhoneMaker) -> None:
    page.goto("/auth")
    ask(page)
    old = photograph(page)
    before = page.locator("#qr-picture").get_attribute("src")
    page.get_by_role("button", name="Новый код").click()
    expect(page.locator("#qr-picture")).not_to_have_attribute("src", before or "")
    new = photograph(page)
    assert read_code(old) != read_code(new)
    late, mine = phone("head"), phone()
    assert late.sign(late.scan(old)) == {}  # nobody fetches that signature
    mine.sign(mine.scan(new))
    page.wait_for_url(f"{emulator.address}/")
    assert list(emulator.world.sign_ins) == [mine.signer.key.person.user_id]


@pytest.mark.fact("4.3-repeat")
def test_a_lost_connection_is_no_reason_to_scan_again(
    page: Page, context: BrowserContext, phone: PhoneMaker
) -> None:
    context.add_init_script(_LOSE_THE_FIRST_OF_EACH)
    page.goto("/auth")
    ask(page)
    mine = phone()
    mine.sign(mine.scan(photograph(page)))
    page.get_by_role("button", name="Меню пользователя").wait_for()
    assert page.evaluate("Object.keys(sessionStorage).sort()") == ["GET", "POST"]


_LOSE_THE_FIRST_OF_EACH = """
  const real = window.fetch;
  window.fetch = (path, options) => {
    const method = options?.method;
    if (!/egovQr[/]/.test(path) || sessionStorage.getItem(method)) return real(path, options);
    sessionStorage.setItem(method, "lost");
    return Promise.reject(new TypeError("lost"));
  };
"""


@pytest.mark.fact("6-5")
def test_the_code_may_be_there_from_the_beginning(
    emulator: Emulator, page: Page, phone: PhoneMaker
) -> None:
    page.goto("/auth")
    expect(page.get_by_role("button", name="Показать QR-код")).to_be_enabled()
    expect(page.locator("#qr-picture")).to_be_hidden()
    emulator.world.switches = replace(emulator.world.switches, qr_code="at_once")
    page.goto("/auth")
    expect(page.get_by_role("button", name="Новый код")).to_be_enabled()
    mine = phone()
    mine.sign(mine.scan(photograph(page)))
    page.get_by_role("button", name="Меню пользователя").wait_for()


@pytest.mark.parametrize("language", ["ru", "kk", "en"])
def test_readable_aloud_in_each_language(
    page: Page, clock: ShiftedClock, language: Language
) -> None:
    words = texts(language)
    page.goto("/auth" if language == "ru" else f"/{language}/auth")
    part = page.get_by_role("region", name=words["auth.qr.title"])
    part.get_by_role("button", name=words["auth.qr.button"]).press("Enter")
    expect(part.get_by_role("status")).to_have_text(words["auth.qr.waiting"])
    expect(part.get_by_role("img", name=words["auth.qr.alt"])).to_be_visible()
    expect(part.get_by_role("link", name=words["auth.qr.mobile"])).to_be_visible()
    expect(part.get_by_role("button", name=words["auth.qr.again"])).to_be_focused()
    before, after = words["auth.qr.expiry"].split("{time}")
    shown = part.locator("#qr-expiry").inner_text()
    assert shown.startswith(before)
    assert shown.endswith(after)
    assert serious(page) == []
    clock.advance(timedelta(minutes=3))
    expect(part.get_by_role("alert")).to_be_visible()
    assert serious(page) == []


def test_ncalayer_stays_the_first_way(page: Page, ncalayer: Callable[..., Any]) -> None:
    """A code that waits does not stand in the way of the key on this computer."""
    ncalayer()
    page.goto("/auth")
    ask(page)
    assert page.locator("main h2").all_inner_texts() == ["NCALayer", "QR-код и eGov mobile"]
    page.get_by_role("button", name="Войти через NCALayer").click()
    page.get_by_role("button", name="Меню пользователя").wait_for()
