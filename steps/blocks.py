"""Sections 4 to 7: expanding the four blocks and ticking."""

from __future__ import annotations

import pytest
from pytest_bdd import parsers, then, when

from sigex_runbook.access import AccessBlock, differences
from sigex_runbook.errors import RunFailed
from sigex_runbook.guide import load_guide
from sigex_runbook.stage import Stage

from .arrangement import Arrangement


@when(parsers.parse("сотрудник раскрывает блок контроля доступа {block} ({callout:d})"))
@when(parsers.parse("the employee expands the block of access to {block} ({callout:d})"))
def expand(stage: Stage, block: str, callout: int) -> None:
    title = load_guide().section_of(callout).title
    named = f"Блок контроля доступа {block}" == title.ru or f"Access to {block}" == title.en
    assert named, "выноска из другого раздела"
    stage.site.expand_at(callout)


@when(
    parsers.parse("предоставляет доступ информационной системе галочкой ({callout:d})"),
    target_fixture="pressed",
)
@when(
    parsers.parse("gives the information system access with the tick ({callout:d})"),
    target_fixture="pressed",
)
def tick(stage: Stage, callout: int) -> bool:
    return stage.tick(callout)  # as ordered: a run may revoke by the guide's own sentence


@when(parsers.parse("снимает галочку информационной системы ({callout:d})"))
@when(parsers.parse("takes the information system's tick away ({callout:d})"))
def untick(stage: Stage, callout: int) -> None:
    assert stage.tick(callout), "галочки и не было"


@when(parsers.parse("оставляет галочку информационной системы, как есть ({callout:d})"))
@when(parsers.parse("leaves the information system's tick as it is ({callout:d})"))
def leave_tick(stage: Stage, callout: int) -> None:
    assert not stage.tick(callout), "галочку пришлось нажать"


@then(parsers.parse("нажимать галочку не пришлось"))
@then(parsers.parse("the tick did not have to be pressed"))
def not_pressed(pressed: bool) -> None:
    assert not pressed, "галочка была нажата"


@then(parsers.parse("галочка информационной системы в разделе {section:d} снята"))
@then(parsers.parse("the information system's tick of section {section:d} is gone"))
def unticked(stage: Stage, section: int) -> None:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    assert not stage.site.is_ticked(block, stage.description), "галочка стоит"


@then(parsers.parse("галочка информационной системы в разделе {section:d} стоит"))
@then(parsers.parse("the information system's tick of section {section:d} is set"))
def ticked(stage: Stage, section: int) -> None:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    assert stage.site.is_ticked(block, stage.description), "галочка снята"


@when(
    parsers.parse("пробует предоставить доступ информационной системе галочкой ({callout:d})"),
    target_fixture="refusal",
)
@when(
    parsers.parse("tries to give the information system access with the tick ({callout:d})"),
    target_fixture="refusal",
)
def try_to_tick(stage: Stage, callout: int) -> RunFailed:
    with pytest.raises(RunFailed) as refused:
        stage.tick(callout)
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
def others_unmoved(stage: Stage, arrangement: Arrangement) -> None:
    before = arrangement.before().access
    for index, system in enumerate(before.systems):
        if index == stage.plan.index:
            continue
        for block in AccessBlock:
            stage.site.expand(block)
            shown = stage.site.is_ticked(block, system.description)
            assert shown == before.granted(block, index), f"{block}: {system.description}"


@then(parsers.parse("галочка информационной системы в разделе {section:d} стоит, как заказано"))
@then(parsers.parse("the information system's tick of section {section:d} is as ordered"))
def ticked_as_ordered(stage: Stage, section: int) -> None:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    shown = stage.site.is_ticked(block, stage.description)
    assert shown == stage.plan.wanted(block), "галочка стоит не так, как заказано"


@then("до сохранения настройки организации не изменились")
@then("before saving, the organisation's settings have not changed")
def not_saved_yet(stage: Stage) -> None:
    moved = differences(stage.plan.before, stage.settings())
    assert not moved, f"настройки изменились до сохранения: {moved[0].path}"
