"""Block headers are given to the guide's blocks as a whole, by what they are about."""

from __future__ import annotations

import pytest

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.site.reading.blocks import block_of, headers_of
from sigex_runbook.site.reading.locators import Locators, meanings
from sigex_runbook.site.reading.names import bare

from .elements import Sheet

LOCATORS = Locators(meanings())
FOUR = tuple(AccessBlock)
SEVEN = (*FOUR[:3], "packagesAccess", "packagesList", "packagesSettings", FOUR[3])

WORDINGS = {
    "guide": ["Контроль доступа к документам организации",
              "Контроль доступа к перечислению документов организации",
              "Контроль доступа к настройкам документов организации",
              "Контроль доступа к настройкам организации"],
    "short": ["Доступ к документам", "Доступ к списку документов", "Доступ к настройкам документов",
              "Доступ к настройкам компании"],
    "who": ["Кто может смотреть документы организации", "Кто может получать перечень документов",
            "Кто может менять настройки документов", "Кто может менять настройки организации"],
    "bare": ["Документы", "Список документов", "Настройки документов", "Настройки организации"],
    "capitals": ["ДОСТУП К ДОКУ\u00adМЕНТАМ", "ДОСТУП К ПЕРЕЧНЮ ДОКУМЕНТОВ (3)",
                 "▸ ДОСТУП К ПАРАМЕТРАМ ДОКУМЕНТОВ", "ДОСТУП К НАСТРОЙКАМ ПРЕДПРИЯТИЯ"],
}  # fmt: skip


@pytest.mark.parametrize("titles", WORDINGS.values(), ids=WORDINGS.keys())
def test_headers_are_known_by_their_words(titles: list[str]) -> None:
    sheet = Sheet()
    headers = [sheet.put(title) for title in titles]
    assert headers_of(sheet.view, LOCATORS).found == dict(zip(FOUR, headers, strict=True))


def test_seven_headers_are_told_apart() -> None:
    packages = [
        "Доступ к пакетам документов",
        "Доступ к списку пакетов",
        "Доступ к настройкам пакетов",
    ]
    titles = [*WORDINGS["short"][:3], *packages, WORDINGS["short"][3]]
    assert tuple(block_of(bare(title), LOCATORS) for title in titles) == SEVEN


@pytest.mark.parametrize(
    "title",
    ["Подписка", "Архивирование подписанных документов", "Настройки информационных систем",
     "Сертификаты информационных систем", "Уведомления веб-хуками", "Просмотр карточек",
     "Who may view the documents", "Настройки", "Подписать документ"],
)  # fmt: skip
def test_other_titles_are_no_blocks(title: str) -> None:
    assert block_of(bare(title), LOCATORS) is None


def test_a_header_that_says_something_else_is_missing_and_the_others_are_there() -> None:
    sheet = Sheet()
    titles = ["Просмотр карточек", *WORDINGS["guide"][1:]]
    headers = [sheet.put(title) for title in titles]
    assert headers_of(sheet.view, LOCATORS).found == dict(zip(FOUR[1:], headers[1:], strict=True))


def test_two_of_one_block_are_rivals_and_neither_is_taken() -> None:
    sheet = Sheet()
    two = (sheet.put("Доступ к документам"), sheet.put("Доступ к документам"))
    for title in WORDINGS["short"][1:]:
        sheet.put(title)
    headers = headers_of(sheet.view, LOCATORS)
    assert AccessBlock.DOCUMENTS_ACCESS not in headers.found
    assert headers.rivals[AccessBlock.DOCUMENTS_ACCESS] == two


def test_a_table_of_contents_is_not_the_headers() -> None:
    sheet = Sheet()
    for title in WORDINGS["short"]:
        sheet.put(title, tag="a", href="#part", kinds=("beside",))
    headers = [
        sheet.put(title, clues=("native", "opens"), expanded=False) for title in WORDINGS["short"]
    ]
    assert headers_of(sheet.view, LOCATORS).found == dict(zip(FOUR, headers, strict=True))


def test_a_header_stays_one_of_its_kind_whatever_its_state() -> None:
    sheet = Sheet()
    states = ("collapsed", "active", "not-collapsed", "is-open")
    headers = [
        sheet.put(title, classes=("btn", state))
        for title, state in zip(WORDINGS["guide"], states, strict=True)
    ]
    assert headers_of(sheet.view, LOCATORS).found == dict(zip(FOUR, headers, strict=True))


def test_of_a_nest_the_part_that_opens_is_the_header() -> None:
    sheet = Sheet()
    buttons = []
    for title in WORDINGS["guide"]:
        card = sheet.part(title, kinds=("heading",))
        buttons.append(sheet.put(title, under=card, clues=("native", "opens")))
    assert list(headers_of(sheet.view, LOCATORS).found.values()) == buttons
