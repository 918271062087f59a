"""Controls on a real page: descriptions that no selector may trip over."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, sync_playwright

from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.controls import NotOne, exact, resolve

AWKWARD = (
    "1С/Документооборот",
    "/",
    "ТОО «Ромашка», \"Учёт\" и 'Склад'",
    "`код` >> следующий",
    "жирный</b> <i>",
    "C:\\ИС\\п",
    "[архив] (старая) {1} a|b ^$ .*+?",
    "📄 Документы 👩‍💻",
    "R&D #1 ~ - a=b; /i /x",
    "Дефис‑и – тире — «кавычки»",
    "Қазақша ИС №1",
)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as playwright, launch(playwright) as browser:
        yield browser.new_page()


@pytest.mark.parametrize("description", AWKWARD)
def test_a_description_is_found_as_it_stands_and_nothing_like_it(
    page: Page, description: str
) -> None:
    boxes = "".join(
        f"<label><input type=checkbox id=b{n}>{html.escape(text)}</label>"
        for n, text in enumerate([f"{description} 2", f"а {description}", description, "аб"])
    )
    page.set_content(f"<main>{boxes}</main>")
    words = {"description": exact(description)}
    found = resolve(page, "checkbox", timeout_ms=2000, words=words)
    assert found.get_attribute("id") == "b2"
    found.evaluate("element => element.remove()")
    with pytest.raises(NotOne):
        resolve(page, "checkbox", timeout_ms=1, words=words)
