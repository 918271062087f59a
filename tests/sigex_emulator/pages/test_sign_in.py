"""Signing in and out in a real browser, through a stand-in NCALayer."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from playwright.sync_api import (
    BrowserContext,
    Page,
    expect,
)

from sigex_emulator import Emulator
from tests.sigex_emulator.drivers import NCALAYER, NcaLayer

from .painted import TITLES, sign_in


@pytest.mark.fact(
    "4.2-address", "4.2-probe", "4.2-sign-request", "4.2-key-purpose", "4.2-one-item-list",
    "4.1-detached-signing-key", "6-6",
)  # fmt: skip
def test_the_request_to_ncalayer_follows_the_protocol(
    page: Page, ncalayer: Callable[..., NcaLayer]
) -> None:
    stand_in = ncalayer()
    sign_in(page)
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
    expect(page.get_by_role("button", name=TITLES[0], exact=True)).to_be_visible()
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
    sign_in(page, "/organization-settings")
    page.get_by_role("button", name="Меню пользователя").click()
    page.get_by_role("button", name="Выйти").click()
    expect(page.get_by_role("link", name="Войти", exact=True)).to_be_visible()
    assert page.url == f"{emulator.address}/"
    page.goto("/organization-settings")
    expect(page.get_by_role("alert")).to_contain_text("Требуется аутентификация")
