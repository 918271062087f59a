"""Sections 4 to 7: expanding the four blocks and ticking."""

from __future__ import annotations

from pytest_bdd import parsers, then, when

from sigex_runbook.access import differences
from sigex_runbook.guide import load_guide
from sigex_runbook.stage import Stage


@when(parsers.parse("сотрудник раскрывает блок контроля доступа {words} ({callout:d})"))
def expand(stage: Stage, words: str, callout: int) -> None:
    assert load_guide().section_of(callout).title.ru.endswith(words), "выноска из другого раздела"
    stage.site.expand_at(callout)


@when(parsers.parse("предоставляет доступ информационной системе галочкой ({callout:d})"))
def tick(stage: Stage, callout: int) -> None:
    stage.tick(callout)


@then(parsers.parse("галочка информационной системы в разделе {section:d} стоит, как заказано"))
def ticked_as_ordered(stage: Stage, section: int) -> None:
    block = load_guide().section(section).block
    assert block is not None, "в этом разделе нет блока"
    shown = stage.site.is_ticked(block, stage.description)
    assert shown == stage.plan.wanted(block), "галочка стоит не так, как заказано"


@then("до сохранения настройки организации не изменились")
def not_saved_yet(stage: Stage) -> None:
    moved = differences(stage.plan.before, stage.settings())
    assert not moved, f"настройки изменились до сохранения: {moved[0].path}"
