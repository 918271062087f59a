"""Section 8: saving."""

from __future__ import annotations

import pytest
from pytest_bdd import given, parsers, then, when

from sigex_runbook.core.access import AccessBlock, differences
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.run.employee import Employee

from .arrangement import Arrangement


@given("во всех четырёх блоках галочки информационной системы такие, как заказано")
@given("in all four blocks the information system's ticks are as ordered")
def ticks_ready(employee: Employee) -> None:
    employee.ensure_ticks()


@given("менять нечего")
@given("there is nothing to change")
def nothing_to_do(employee: Employee) -> None:
    assert employee.plan.nothing_to_do, "по заказу настройки надо изменить"


@when(parsers.parse("сотрудник доходит до кнопки сохранения и не нажимает её ({callout:d})"))
@when(parsers.parse("the employee comes to the save button and does not press it ({callout:d})"))
def leave_button(employee: Employee, callout: int) -> None:
    assert employee.plan.nothing_to_do, "по заказу настройки надо сохранить"
    employee.save(callout)


@when(parsers.parse("сотрудник сохраняет настройки кнопкой ({callout:d})"))
@when(parsers.parse("the employee saves the settings with the button ({callout:d})"))
def save(employee: Employee, callout: int) -> None:
    employee.save(callout)


@when(
    parsers.parse("сотрудник пробует сохранить настройки кнопкой ({callout:d})"),
    target_fixture="refusal",
)
@when(
    parsers.parse("the employee tries to save the settings with the button ({callout:d})"),
    target_fixture="refusal",
)
def try_to_save(employee: Employee, callout: int) -> RunFailed:
    with pytest.raises(RunFailed) as refused:
        employee.save(callout)
    return refused.value


@then("сервис отказывается сохранить и говорит почему")
@then("the service refuses to save and says why")
def save_refused(employee: Employee, refusal: RunFailed) -> None:
    assert "Сервис не сохранил настройки и сообщил" in str(refusal)
    assert employee.site.await_message(), "страница ничего не сообщила"


@then("работа остановлена, потому что настройки изменил кто-то другой")
@then("the work is stopped because somebody else has changed the settings")
def overtaken(refusal: RunFailed) -> None:
    assert "изменил кто-то другой" in str(refusal)


@then("работа остановлена, потому что страница переспрашивает")
@then("the work is stopped because the page asks once more")
def asked_again(refusal: RunFailed) -> None:
    assert "страница спрашивает" in str(refusal)


@when("сотрудник уходит со страницы, не сохранив")
@when("the employee leaves the page without saving")
def leave(employee: Employee) -> None:
    employee.site.open_start()


@then("и после новой загрузки страницы галочки такие, как заказано")
@then("after the page is loaded anew the ticks are still as ordered")
def ticks_after_reload(employee: Employee) -> None:
    employee.site.reload()
    shown, wanted = employee.ticks(), employee.wanted_ticks()
    wrong = [block for block in wanted if shown[block] != wanted[block]]
    sections = ", ".join(str(load_guide().section_for(block).number) for block in wrong)
    assert not wrong, f"после новой загрузки галочки не такие, как заказано, в разделах: {sections}"


@then("в настройках организации изменилось только заказанное")
@then("only what was ordered has changed in the organisation's settings")
def nothing_else_moved(employee: Employee) -> None:
    moved = differences(employee.plan.expected, employee.settings())
    assert not moved, f"настройки отличаются от ожидаемых: {moved[0].path}"


@then("никакого доступа не сохранено")
@then("no access is stored")
def nothing_stored(employee: Employee, arrangement: Arrangement) -> None:
    assert _stored(employee, arrangement) == set()


@then(parsers.parse("сохранён доступ только из раздела {section:d}"))
@then(parsers.parse("the access of section {section:d} alone is stored"))
def one_stored(employee: Employee, arrangement: Arrangement, section: int) -> None:
    assert _stored(employee, arrangement) == {section}


@then(parsers.parse("сохранён доступ только из разделов {section:d} и {other:d}"))
@then(parsers.parse("the access of sections {section:d} and {other:d} alone is stored"))
def two_stored(employee: Employee, arrangement: Arrangement, section: int, other: int) -> None:
    assert _stored(employee, arrangement) == {section, other}


def _stored(employee: Employee, arrangement: Arrangement) -> set[int]:
    """Sections whose access the information system has, whatever plan and order say."""
    held = arrangement.now().access
    (index,) = held.indices_of(employee.order.information_system.fingerprint)
    return {
        load_guide().section_for(block).number
        for block in AccessBlock
        if held.granted(block, index)
    }


@then("при новом посещении галочек информационной системы нет")
@then("on the next visit the information system has no ticks")
def no_ticks(employee: Employee) -> None:
    assert not any(employee.ticks().values()), "галочка стоит, хотя настройки не сохраняли"
