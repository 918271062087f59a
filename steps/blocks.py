"""Sections 4 to 7: expanding the four blocks and ticking."""

from __future__ import annotations

import pytest
from pytest_bdd import given, parsers, then, when

from sigex_runbook.core.access import AccessBlock, differences
from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.record import Act
from sigex_runbook.run.employee import Employee

from .arrangement import Arrangement


@when(parsers.parse("сотрудник раскрывает блок контроля доступа {block} ({callout:d})"))
@when(parsers.parse("the employee expands the block of access to {block} ({callout:d})"))
def expand(employee: Employee, block: str, callout: int) -> None:
    title = load_guide().section_of(callout).title
    named = f"Блок контроля доступа {block}" == title.ru or f"Access to {block}" == title.en
    assert named, "выноска из другого раздела"
    employee.site.expand_at(callout)


@given(parsers.parse("доступ из раздела {section:d} предоставлен, а по заказу его отзывают"))
@given(parsers.parse("the access of section {section:d} is there and the order revokes it"))
def to_be_revoked(employee: Employee, section: int) -> None:
    assert employee.plan.acts[section] is Act.REVOKE, "по заказу отзывать здесь нечего"


@given(parsers.parse("доступ из раздела {section:d} менять не надо"))
@given(parsers.parse("the access of section {section:d} needs no change"))
def to_be_kept(employee: Employee, section: int) -> None:
    assert employee.plan.acts[section] is Act.KEEP, "по заказу доступ этого раздела надо изменить"


@when(parsers.parse("предоставляет доступ информационной системе галочкой ({callout:d})"))
@when(parsers.parse("gives the information system access with the tick ({callout:d})"))
def tick(employee: Employee, callout: int) -> None:
    employee.tick(callout)


@when(parsers.parse("снимает галочку информационной системы ({callout:d})"))
@when(parsers.parse("takes the information system's tick away ({callout:d})"))
def untick(employee: Employee, callout: int) -> None:
    pressed = employee.tick(callout)
    assert pressed, "по настройкам доступ есть, а галочки на экране не было; ничего не сохранено"


@when(parsers.parse("оставляет галочку информационной системы, как есть ({callout:d})"))
@when(parsers.parse("leaves the information system's tick as it is ({callout:d})"))
def leave_tick(employee: Employee, callout: int) -> None:
    pressed = employee.tick(callout)
    assert not pressed, "галочка на экране стояла не так, как в настройках; ничего не сохранено"


@then(parsers.parse("галочка информационной системы в разделе {section:d} снята"))
@then(parsers.parse("the information system's tick of section {section:d} is gone"))
def unticked(employee: Employee, section: int) -> None:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    assert not employee.site.is_ticked(block, employee.description), "галочка стоит"


@then(parsers.parse("галочка информационной системы в разделе {section:d} стоит"))
@then(parsers.parse("the information system's tick of section {section:d} is set"))
def ticked(employee: Employee, section: int) -> None:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    assert employee.site.is_ticked(block, employee.description), "галочка снята"


@when(
    parsers.parse("пробует предоставить доступ информационной системе галочкой ({callout:d})"),
    target_fixture="refusal",
)
@when(
    parsers.parse("tries to give the information system access with the tick ({callout:d})"),
    target_fixture="refusal",
)
def try_to_tick(employee: Employee, callout: int) -> RunFailed:
    with pytest.raises(RunFailed) as refused:
        employee.tick(callout)
    return refused.value


@then("работа остановлена, потому что такой информационной системы нет")
@then("the work is stopped because there is no such information system")
def stopped_unknown(refusal: RunFailed) -> None:
    assert "не найдена в настройках организации" in str(refusal)


@then("работа остановлена, потому что информационных систем две")
@then("the work is stopped because there are two such information systems")
def stopped_doubled(refusal: RunFailed) -> None:
    assert "на экране их не отличить" in str(refusal)


@then("работа остановлена, потому что информационная система отключена")
@then("the work is stopped because the information system is switched off")
def stopped_switched_off(refusal: RunFailed) -> None:
    assert "отключён" in str(refusal)


@then("работа остановлена, потому что описание и ключ не сходятся")
@then("the work is stopped because description and key do not agree")
def stopped_mismatch(refusal: RunFailed) -> None:
    assert "описание и сертификат заказа не сходятся" in str(refusal)


@then("у других информационных систем галочки не изменились")
@then("the ticks of other information systems have not changed")
def others_unmoved(employee: Employee, arrangement: Arrangement) -> None:
    before = arrangement.before().access
    for index, system in enumerate(before.systems):
        if index == employee.plan.index:
            continue
        for block in AccessBlock:
            employee.site.expand(block)
            shown = employee.site.is_ticked(block, system.description)
            assert shown == before.granted(block, index), f"{block}: {system.description}"


@then(parsers.parse("галочка информационной системы в разделе {section:d} такая, как заказано"))
@then(parsers.parse("the information system's tick of section {section:d} is as ordered"))
def ticked_as_ordered(employee: Employee, section: int) -> None:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    shown = employee.site.is_ticked(block, employee.description)
    assert shown == employee.plan.wanted(block), "галочка не такая, как заказано"


@then("до сохранения настройки организации не изменились")
@then("before saving, the organisation's settings have not changed")
def not_saved_yet(employee: Employee) -> None:
    moved = differences(employee.plan.before, employee.settings())
    assert not moved, f"настройки изменились до сохранения: {moved[0].path}"


@then("настройки организации не изменились")
@then("the organisation's settings have not changed")
def not_changed(employee: Employee) -> None:
    moved = differences(employee.plan.before, employee.settings())
    assert not moved, f"настройки изменились, хотя менять было нечего: {moved[0].path}"
