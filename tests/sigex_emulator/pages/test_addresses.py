"""Pages as they arrive, before any script runs (sigex-facts 2.1, 2.3)."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest

from tests.sigex_emulator.drivers import VisitorMaker


@pytest.fixture
def browse(visitor: VisitorMaker) -> Callable[[str], str]:
    client = visitor(signed_in=False).client

    def get(path: str) -> str:
        response = client.get(path)
        assert response.status_code == httpx.codes.OK
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        return response.text

    return get


@pytest.mark.fact("2.1-start", "2.1-server-html", "1-start-page-tips")
def test_the_start_page_offers_to_sign_and_to_find(browse: Callable[[str], str]) -> None:
    page = browse("/")
    for text in ("Подписать документ", "Найти подписанный документ", "PEM", "без браузера"):
        assert text in page


@pytest.mark.fact("2.1-three-languages", "2.1-settings-ru-kk", "2.1-settings-en")
@pytest.mark.parametrize(
    ("prefix", "language"), [("", "ru"), ("/kk", "kk"), ("/en", "en")]
)  # fmt: skip
def test_each_page_speaks_three_languages(
    browse: Callable[[str], str], prefix: str, language: str
) -> None:
    for path in ("", "/auth", "/organization-settings"):
        page = browse(f"{prefix}{path}" or "/")
        assert f'<html lang="{language}">' in page


@pytest.mark.fact("2.3-section-order", "2.3-label-access-en", "2.3-label-lists-en")
def test_parts_of_the_settings_page_in_english(browse: Callable[[str], str]) -> None:
    page = browse("/en/organization-settings")
    for key, words in {
        "settings.subscription": "Subscription",
        "settings.access": "Access control",
        "settings.certificates": "Information system certificates",
        "settings.systems": "Information system settings",
        "settings.webhooks": "Webhook notifications",
        "settings.archive": "Signed data archiving",
        "settings.authorities": "Authorities",
        "settings.employees": "Employees",
        "settings.information-systems": "Information systems",
    }.items():
        assert re.search(rf'"{re.escape(key)}":"{words}:?"', page), key


@pytest.mark.fact(
    "2.3-label-numbers-ru", "2.3-label-numbers-kk", "2.3-label-numbers-en", "2.3-labels-kk"
)
@pytest.mark.parametrize(
    ("prefix", "person", "organisation", "save"),
    [("", "ИИН", "БИН", "Сохранить"), ("/kk", "ЖСН", "БСН", "Сақтау"),
     ("/en", "IIN", "BIN", "Save")],
)  # fmt: skip
def test_words_by_language(
    browse: Callable[[str], str], prefix: str, person: str, organisation: str, save: str
) -> None:
    page = browse(f"{prefix}/organization-settings")
    assert f'"settings.iin":"{person}"' in page
    assert f'"settings.bin":"{organisation} {{bin}}"' in page
    assert f">{save}</button>" in page
