"""Sections 2 and 3: the way to access control."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from sigex_runbook.run.employee import Employee


@given("открыт раздел настроек организации")
@given("the organisation settings are open")
def settings_open(employee: Employee) -> None:
    employee.ensure_settings()


@given("открыт подраздел настроек контроля доступа")
@given("the access control subsection is open")
def access_control_open(employee: Employee) -> None:
    employee.ensure_access_control()


@when(parsers.parse("он открывает меню иконкой ({callout:d})"))
@when(parsers.parse("the employee opens the menu with the icon ({callout:d})"))
def open_menu(employee: Employee, callout: int) -> None:
    employee.site.click(callout)


@when(parsers.parse("выбирает пункт «Настройки организации» ({callout:d})"))
@when(parsers.parse("chooses the item “Настройки организации” ({callout:d})"))
def choose_settings(employee: Employee, callout: int) -> None:
    employee.site.click(callout)


@when(parsers.parse("сотрудник переходит по ссылке контроля доступа ({callout:d})"))
@when(parsers.parse("the employee follows the access control link ({callout:d})"))
def go_to_access_control(employee: Employee, callout: int) -> None:
    employee.site.click(callout)
    employee.site.await_access_control()


@when("он открывает раздел настроек по прямому адресу")
@when("the employee opens the settings by their address")
def by_address(employee: Employee) -> None:
    employee.site.open_settings_by_address()


@then("открыт раздел настроек организации")
@then("the organisation settings are open")
def settings_shown(employee: Employee) -> None:
    employee.check_settings()


@then("открыт подраздел настроек контроля доступа")
@then("the access control subsection is open")
def access_control_shown(employee: Employee) -> None:
    employee.site.await_access_control()


@then("пункта «Настройки организации» в меню нет")
@then("the menu has no item “Настройки организации”")
def item_missing(employee: Employee) -> None:
    employee.site.await_menu()
    assert not employee.site.offers_organisation_settings(), "меню предлагает настройки организации"


@then("сервис отказывает ему и не показывает контроль доступа")
@then("the service refuses and does not show access control")
def refused(employee: Employee) -> None:
    assert "доступ запрещ" in employee.site.await_message().lower(), "нет отказа в доступе"
    assert not employee.site.offers_access_control(), "ссылка на контроль доступа показана"


@then("сервис просит войти и не показывает контроль доступа")
@then("the service asks to sign in and does not show access control")
def asked_to_sign_in(employee: Employee) -> None:
    assert "аутентификаци" in employee.site.await_message().lower(), "страница не просит войти"
    assert not employee.site.offers_access_control(), "контроль доступа показан невошедшему"
