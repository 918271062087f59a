"""Sections 2 and 3: the way to access control."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from sigex_runbook.run.employee import Stage


@given("открыт раздел настроек организации")
@given("the organisation settings are open")
def settings_open(stage: Stage) -> None:
    stage.ensure_settings()


@given("открыт подраздел настроек контроля доступа")
@given("the access control subsection is open")
def access_control_open(stage: Stage) -> None:
    stage.ensure_access_control()


@when(parsers.parse("он открывает меню иконкой ({callout:d})"))
@when(parsers.parse("the employee opens the menu with the icon ({callout:d})"))
def open_menu(stage: Stage, callout: int) -> None:
    stage.site.click(callout)


@when(parsers.parse("выбирает пункт «Настройки организации» ({callout:d})"))
@when(parsers.parse("chooses the item “Настройки организации” ({callout:d})"))
def choose_settings(stage: Stage, callout: int) -> None:
    stage.site.click(callout)


@when(parsers.parse("сотрудник переходит по ссылке контроля доступа ({callout:d})"))
@when(parsers.parse("the employee follows the access control link ({callout:d})"))
def go_to_access_control(stage: Stage, callout: int) -> None:
    stage.site.click(callout)
    stage.site.await_access_control()


@when("он открывает раздел настроек по прямому адресу")
@when("the employee opens the settings by their address")
def by_address(stage: Stage) -> None:
    stage.site.open_settings_by_address()


@then("открыт раздел настроек организации")
@then("the organisation settings are open")
def settings_shown(stage: Stage) -> None:
    stage.check_settings()


@then("открыт подраздел настроек контроля доступа")
@then("the access control subsection is open")
def access_control_shown(stage: Stage) -> None:
    stage.site.await_access_control()


@then("пункта «Настройки организации» в меню нет")
@then("the menu has no item “Настройки организации”")
def item_missing(stage: Stage) -> None:
    stage.site.await_menu()
    assert not stage.site.offers_organisation_settings(), "меню предлагает настройки организации"


@then("сервис отказывает ему и не показывает контроль доступа")
@then("the service refuses and does not show access control")
def refused(stage: Stage) -> None:
    assert "доступ запрещ" in stage.site.await_message().lower(), "нет отказа в доступе"
    assert not stage.site.offers_access_control(), "ссылка на контроль доступа показана"


@then("сервис просит войти и не показывает контроль доступа")
@then("the service asks to sign in and does not show access control")
def asked_to_sign_in(stage: Stage) -> None:
    assert "аутентификаци" in stage.site.await_message().lower(), "страница не просит войти"
    assert not stage.site.offers_access_control(), "контроль доступа показан невошедшему"
