"""Section 1: signing in."""

from __future__ import annotations

import pytest
from pytest_bdd import given, parsers, then, when

from sigex_runbook.core.errors import SignInFailed
from sigex_runbook.run.employee import Employee


@given("открыта стартовая страница сервиса")
@given("the service's start page is open")
def start_page(employee: Employee) -> None:
    employee.ensure_start()


@given("сотрудник вошёл по своему сертификату")
@given("the employee is signed in with their certificate")
def signed_in(employee: Employee) -> None:
    employee.ensure_signed_in()


@when(parsers.parse("сотрудник начинает вход с иконки ({callout:d})"))
@when(parsers.parse("the employee begins to sign in with the icon ({callout:d})"))
def begin(employee: Employee, callout: int) -> None:
    employee.site.click(callout)


@when("подписывает вход своим сертификатом")
@when("signs with their certificate")
def sign(employee: Employee) -> None:
    employee.sign()


@when("отменяет подпись", target_fixture="refusal")
@when("cancels the signature", target_fixture="refusal")
@when("пробует подписать вход", target_fixture="refusal")
@when("tries to sign", target_fixture="refusal")
def cancel(employee: Employee) -> SignInFailed:
    with pytest.raises(SignInFailed) as refused:
        employee.sign()
    return refused.value


@then("он вошёл от имени организации из заказа")
@then("the employee is signed in for the ordered organisation")
def right_organisation(employee: Employee) -> None:
    employee.check_organisation()


@then("вход не выполнен и сервис говорит об этом")
@then("nobody is signed in and the service says so")
def not_signed_in(employee: Employee, refusal: SignInFailed) -> None:
    assert not employee.site.signed_in(), "сотрудник вошёл, хотя подписи не было"
    assert employee.site.message() in str(refusal), "сообщение страницы не дошло до оператора"
    assert employee.site.message(), "страница ничего не сообщила"


@then(parsers.parse("вход не выполнен и сервис сообщает «{words}»"))
@then(parsers.parse("nobody is signed in and the service says “{words}”"))
def told_why(employee: Employee, refusal: SignInFailed, words: str) -> None:
    assert not employee.site.signed_in(), "сотрудник вошёл, хотя его сертификат не годится"
    assert words in str(refusal), "причина не дошла до оператора"


@then("работа остановлена, потому что организация не та")
@then("the work is stopped because it is not the ordered organisation")
def wrong_organisation(employee: Employee) -> None:
    with pytest.raises(SignInFailed, match=str(employee.order.organisation.bin)):
        employee.check_organisation()
