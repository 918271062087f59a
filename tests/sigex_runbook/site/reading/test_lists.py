"""Which box is whose: the list is where every enabled system labels exactly one box."""

from __future__ import annotations

import pytest

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.site.reading.blocks import headers_of
from sigex_runbook.site.reading.lists import (
    Known,
    NoList,
    SystemList,
    others_differ,
    part_of,
    read_list,
)
from sigex_runbook.site.reading.locators import Locators, meanings
from sigex_runbook.site.reading.view import Seen

from .elements import Sheet

LOCATORS = Locators(meanings())
KNOWN = Known((("Учёт договоров", True), ("Кадровый портал", True), ("Архив", False)))
ONE = Known((("Учёт договоров", True),))


def read(sheet: Sheet, known: Known = KNOWN, wanted: int = 0) -> SystemList | NoList:
    view = sheet.view
    return read_list(view.boxes(), view, known, LOCATORS, wanted=wanted)


def boxes(told: SystemList | NoList) -> dict[int, Seen]:
    assert isinstance(told, SystemList), told
    return dict(told.boxes)


def test_boxes_are_given_to_systems_by_their_labels() -> None:
    sheet = Sheet()
    sheet.tick("Первый руководитель", checked=True)
    portal = sheet.tick("Кадровый портал", checked=True)
    ours = sheet.tick("\uf096 Учёт\u00a0договоров")
    old = sheet.tick("Архив (отключена)")
    told = read(sheet)
    assert boxes(told) == {0: ours, 1: portal, 2: old}
    assert isinstance(told, SystemList)
    assert told.ticked == {1}


def test_a_system_that_is_switched_off_need_not_be_shown() -> None:
    sheet = Sheet()
    ours, portal = sheet.tick("УЧЁТ ДОГОВОРОВ"), sheet.tick("КАДРОВЫЙ ПОРТАЛ")
    assert boxes(read(sheet)) == {0: ours, 1: portal}


def test_a_list_that_lacks_a_system_is_none() -> None:
    sheet = Sheet()
    sheet.tick("Учёт договоров")
    told = read(sheet)
    assert isinstance(told, NoList)
    assert told.lacking == (1,)


def test_near_names_are_not_the_name() -> None:
    known = Known((("Учёт договоров", True), ("Учет договоров", True), ("учёт договоров", True)))
    sheet = Sheet()
    rows = [
        sheet.tick("учёт договоров"),
        sheet.tick("Учет договоров"),
        sheet.tick("Учёт договоров"),
    ]
    assert boxes(read(sheet, known)) == {0: rows[2], 1: rows[1], 2: rows[0]}


def test_capitals_that_make_two_systems_alike_tell_nothing() -> None:
    known = Known((("Учёт", True), ("учёт", True)))
    sheet = Sheet()
    sheet.tick("УЧЁТ")
    sheet.tick("УЧЁТ")
    assert isinstance(read(sheet, known), NoList)


def test_an_employee_named_like_the_system_is_not_it() -> None:
    sheet = Sheet()
    sheet.part("Сотрудники:", kinds=("heading",))
    sheet.tick("Учёт договоров", checked=True)
    sheet.part("Информационные системы", kinds=("heading",))
    ours = sheet.tick("Учёт договоров")
    assert boxes(read(sheet, ONE)) == {0: ours}


def test_two_of_one_name_without_titles_are_nobodys() -> None:
    sheet = Sheet()
    first, second = sheet.part(), sheet.part()
    sheet.tick("Учёт договоров", under=first)
    sheet.part("Прочее", under=second)
    sheet.tick("Другое", under=second)
    sheet.tick("Учёт договоров", under=second)
    assert isinstance(read(sheet, ONE), NoList)


def test_boxes_under_another_lists_title_are_not_the_systems() -> None:
    sheet = Sheet()
    sheet.part("Полномочия", kinds=("heading",))
    box = sheet.tick("Учёт договоров")
    sheet.tick("Кадровый портал")
    told = read(sheet)
    assert told == NoList((box,), "Полномочия")


def test_a_column_counts_for_what_stands_in_it() -> None:
    """Three columns side by side: each title is first in its own."""
    sheet = Sheet()
    row = sheet.part()
    columns = [sheet.part(under=row)]
    sheet.part("Информационные системы", under=columns[0])
    ours = sheet.tick("Учёт договоров", under=columns[0])
    portal = sheet.tick("Кадровый портал", under=columns[0])
    columns.append(sheet.part(under=row))
    sheet.part("Сотрудники", under=columns[1])
    sheet.tick("Учёт договоров", under=columns[1])
    assert boxes(read(sheet)) == {0: ours, 1: portal}


# -- which boxes are a block's


def two_blocks(sheet: Sheet, *, alternate: bool) -> tuple[list[Seen], list[Seen]]:
    frame = sheet.part()
    headers, inside = [], []
    for title in ("Доступ к документам", "Доступ к списку документов"):
        part = sheet.part(under=frame) if not alternate else frame
        headers.append(sheet.put(title, under=part))
        inside.append(sheet.tick("Учёт договоров", under=part))
    return headers, inside


@pytest.mark.parametrize("alternate", [False, True])
def test_a_blocks_boxes_are_those_of_its_part_or_those_that_follow(alternate: bool) -> None:
    sheet = Sheet()
    seen, inside = two_blocks(sheet, alternate=alternate)
    headers = headers_of(sheet.view, LOCATORS)
    assert headers.found[AccessBlock.DOCUMENTS_ACCESS] is seen[0]
    assert part_of(seen[0], headers, sheet.view) == frozenset({inside[0].number})


def test_what_follows_the_last_header_is_not_taken_for_its_own() -> None:
    """With tabs the one panel that is shown follows all of them."""
    sheet = Sheet()
    frame = sheet.part()
    seen = [
        sheet.put(t, under=frame) for t in ("Доступ к документам", "Доступ к списку документов")
    ]
    sheet.tick("Учёт договоров", under=frame)
    headers = headers_of(sheet.view, LOCATORS)
    assert not part_of(seen[0], headers, sheet.view)
    assert part_of(seen[1], headers, sheet.view) is None


def test_what_a_header_says_that_it_controls_counts() -> None:
    sheet = Sheet()
    panel = sheet.part()
    box = sheet.tick("Учёт договоров", under=panel)
    header = sheet.put("Доступ к документам", controls=panel.number)
    sheet.put("Доступ к списку документов")
    headers = headers_of(sheet.view, LOCATORS)
    assert part_of(header, headers, sheet.view) == frozenset({box.number})


# -- the other lists

HEAD = "1.2.398.3.3.4.1.2.1"


@pytest.mark.parametrize(
    ("label", "checked", "differs"),
    [
        ("Первый руководитель", True, ()),
        ("Первый руководитель (всегда)", True, ()),
        ("Первый руководитель", False, ("authorities",)),
        ("Сотрудник организации", True, ("authorities",)),
        (f"Полномочие {HEAD}", False, ("authorities",)),
        ("ИИН 123456789012", True, ()),
        ("ИИН 123456789012", False, ("employees",)),
        ("ИИН 999999999999", True, ("employees",)),
        ("Отправлять копию", True, ()),
    ],
)
def test_other_lists_are_held_against_the_settings(
    label: str, checked: bool, differs: tuple[str, ...]
) -> None:
    known = Known(
        ONE.systems,
        authorities=frozenset({HEAD}),
        people=frozenset({"123456789012"}),
        authority_names=meanings().authorities,
    )
    sheet = Sheet()
    sheet.tick(label, checked=checked)
    sheet.tick("Учёт договоров")
    told = read(sheet, known)
    assert isinstance(told, SystemList)
    assert others_differ(sheet.view.boxes(), told, known) == differs
