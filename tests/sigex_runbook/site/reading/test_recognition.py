"""Controls are known by name, by icon, by place; what is not clear is nobody's."""

from __future__ import annotations

from typing import Any

import pytest

from sigex_runbook.core.record import Box
from sigex_runbook.site.reading.locators import (
    Control,
    Locators,
    Overrides,
    meanings,
)
from sigex_runbook.site.reading.recognition import Hints, Recognition, recognise

from .elements import Sheet

LOCATORS = Locators(meanings())
AT_TOP: dict[str, Any] = {"kinds": ("header",), "top": 10.0}


def found(control: Control, sheet: Sheet, hints: Hints | None = None) -> Recognition:
    return recognise(control, sheet.view, LOCATORS, hints)


@pytest.mark.parametrize(
    "how",
    [
        {"names": {"label": "Войти"}},
        {"names": {"title": "Вход в систему"}},
        {"names": {"text": "\uf2f6", "alt": "Авторизация"}},
        {"names": {"drawing": "Sign in"}},
        {"icons": "fa fa-sign-in"},
        {"icons": "mdi mdi-account-circle-outline"},
        {"icons": "user-2"},
        {"tag": "span", "clues": ("listens",), "icons": "bi bi-box-arrow-in-right login"},
    ],
)
def test_the_icon_of_signing_in_is_known_by_what_it_says_or_shows(how: dict[str, object]) -> None:
    sheet = Sheet()
    sheet.put("Тарифы", tag="a", **AT_TOP)
    sheet.put(icons="fa fa-globe", names={"title": "Язык"}, **AT_TOP)
    icon = sheet.put(**{**AT_TOP, **how})
    one = found("sign_in_icon", sheet).one
    assert one is not None
    assert one.seen is icon


def test_an_icon_that_says_nothing_is_known_by_its_place() -> None:
    sheet = Sheet()
    sheet.put("Проверить", box=Box(100, 10, 80, 20), **AT_TOP)
    last = sheet.put(icons="x", box=Box(1200, 10, 24, 24), **AT_TOP)
    one = found("sign_in_icon", sheet).one
    assert one is not None
    assert (one.seen, one.clue) == (last, "место: правый край шапки")


def test_the_place_is_no_clue_when_something_else_stands_there() -> None:
    sheet = Sheet()
    sheet.put(icons="x", box=Box(1100, 10, 24, 24), **AT_TOP)
    sheet.put("Помощь", box=Box(1200, 10, 60, 24), **AT_TOP)
    assert found("sign_in_icon", sheet).one is None


@pytest.mark.parametrize("name", ["Выйти", "Поиск", "Қаз / Рус: язык", "Версия для слабовидящих"])
def test_its_neighbours_are_not_it(name: str) -> None:
    sheet = Sheet()
    sheet.put(name, icons="user", box=Box(1200, 10, 24, 24), **AT_TOP)
    assert found("menu_icon", sheet).one is None


@pytest.mark.parametrize(
    "name", ["Ахметова Айгерим", "АХМЕТОВА А.", "ТОО «Ромашка»", "\uf007 Айгерим"]
)
def test_the_menu_may_bear_the_name_of_who_is_signed_in(name: str) -> None:
    sheet = Sheet()
    sheet.put("Разработчикам", tag="a", **AT_TOP)
    menu = sheet.put(name, tag="span", clues=("pointer",), **AT_TOP)
    hints = Hints(person=("Ахметова Айгерим", "ТОО «Ромашка»"))
    one = found("menu_icon", sheet, hints).one
    assert one is not None
    assert one.seen is menu


def test_what_came_with_the_last_press_goes_before_its_namesake() -> None:
    """The menu's item, where the page has a link of the same name at its foot."""
    sheet = Sheet()
    old = sheet.put("Настройки организации", tag="a", kinds=("beside",))
    new = sheet.put("Настройки организации", tag="a")
    one = found("organisation_settings_item", sheet, Hints(before=frozenset({old.number}))).one
    assert one is not None
    assert one.seen is new


def test_equals_are_told_and_none_is_taken() -> None:
    sheet = Sheet()
    two = [sheet.put("Сохранить"), sheet.put("Сохранить")]
    told = found("save_button", sheet)
    assert told.one is None
    assert [one.seen for one in told.rivals] == two


def test_of_several_save_buttons_the_one_beside_the_blocks_is_taken() -> None:
    sheet = Sheet()
    hooks, access = sheet.part(), sheet.part()
    sheet.put("Сохранить", under=hooks)
    header = sheet.put("Доступ к документам", under=access)
    right = sheet.put("Сохранить", under=access)
    one = found("save_button", sheet, Hints(near=(header.number,))).one
    assert one is not None
    assert one.seen is right


@pytest.mark.parametrize("other", ["Подписать", "Вход с ЭЦП"])
@pytest.mark.parametrize("name", ["Войти по ЭЦП через NCALayer", "Выбрать сертификат"])
def test_the_signing_button_is_not_the_item_that_bears_lesser_words(name: str, other: str) -> None:
    """Not even when the item stands nearer to what looks like the headers of the blocks."""
    sheet = Sheet()
    menu, card = sheet.part(), sheet.part()
    sheet.put(other, tag="span", under=menu)
    near = sheet.put("Пакеты", tag="span", under=menu)
    right = sheet.put(name, under=card)
    one = found("sign_button", sheet, Hints(near=(near.number,))).one
    assert one is not None
    assert one.seen is right


def test_elements_around_one_another_are_one_control() -> None:
    sheet = Sheet()
    item = sheet.part("Настройки организации", clues=("role",), role="menuitem")
    link = sheet.put("Настройки организации", tag="a", under=item)
    one = found("organisation_settings_item", sheet).one
    assert one is not None
    assert one.seen is link


def test_a_hidden_one_is_told_as_hidden() -> None:
    sheet = Sheet()
    sheet.put("Контроль доступа", shown=False)
    told = found("access_control_link", sheet)
    assert told.one is None
    assert len(told.hidden) == 1


def test_news_that_speak_of_access_are_not_the_link() -> None:
    sheet = Sheet()
    sheet.put("Контроль доступа к зданию: новые правила", tag="a")
    link = sheet.put("Управление доступом", tag="a")
    one = found("access_control_link", sheet).one
    assert one is not None
    assert one.seen is link


def test_what_an_operator_points_at_counts_alone() -> None:
    sheet = Sheet()
    sheet.put("Войти", **AT_TOP)
    odd = sheet.put("Зелёная дверь", **AT_TOP)
    overrides = Overrides.model_validate({"controls": {"sign_in_icon": {"name": "зелёная ДВЕРЬ"}}})
    one = recognise("sign_in_icon", sheet.view, Locators(meanings(), overrides)).one
    assert one is not None
    assert (one.seen, one.clue) == (odd, "указание")


def test_a_pointer_that_fits_two_points_at_none() -> None:
    sheet = Sheet()
    two = [sheet.put("Дверь 1"), sheet.put("Дверь 2")]
    overrides = Overrides.model_validate({"controls": {"sign_in_icon": {"name": "/^дверь/"}}})
    told = recognise("sign_in_icon", sheet.view, Locators(meanings(), overrides))
    assert told.one is None
    assert [one.seen for one in told.rivals] == two


def test_a_selector_counts_by_what_it_found() -> None:
    sheet = Sheet()
    sheet.put("Войти", **AT_TOP)
    odd = sheet.put("", **AT_TOP)
    overrides = Overrides.model_validate({"controls": {"sign_in_icon": {"css": ".door"}}})
    hints = Hints(selected={".door": frozenset({odd.number})})
    one = recognise("sign_in_icon", sheet.view, Locators(meanings(), overrides), hints).one
    assert one is not None
    assert one.seen is odd


def test_a_word_that_others_bear_as_well_gives_way() -> None:
    sheet = Sheet()
    plain = sheet.put("Войти")
    one = found("sign_button", sheet).one
    assert one is not None
    assert one.seen is plain
    named = sheet.put("NCALayer")
    one = found("sign_button", sheet).one
    assert one is not None
    assert one.seen is named
