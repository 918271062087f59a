"""What became of a control, told from a description of the page; no browser needed."""

from __future__ import annotations

import re

import pytest

from sigex_runbook.core.record import Box, Candidate, Drift, DriftKind
from sigex_runbook.site.drift import (
    ControlSeen,
    Wanted,
    Way,
    classify,
    likeness,
    nearest,
    place_of,
    sentence,
)

HEADER = Wanted(
    "заголовок блока «Доступ к списку»",
    "Доступ к списку",
    (Way(("button", "tab"), re.compile("^Доступ к списку$")),),
    (Way(("button",), re.compile("^Доступ к спискам$")),),
)
ICON = Wanted("иконка меню", "Меню", (Way(("button",), re.compile("Меню"), "banner"),))
NEXT = (
    "Ничего не сохранено. Сверьте страницу с инструкцией; если сервис изменился, исправьте "
    "locators.yaml или сообщите владельцу инструкции."
)


def button(name: str, **how: object) -> ControlSeen:
    return ControlSeen("button", name, **how)  # type: ignore[arg-type]


def kind(wanted: Wanted, *controls: ControlSeen) -> DriftKind:
    return classify(wanted, controls).kind


def test_nothing_alike_is_missing_and_the_same_kind_is_told() -> None:
    found = classify(HEADER, [button("Выйти"), ControlSeen("heading", "Заголовок")])
    assert (found.kind, found.concerned) == (DriftKind.MISSING, (0,))


def test_a_near_name_of_the_same_role_is_a_renaming() -> None:
    found = classify(HEADER, [button("Выйти"), button("Доступ к реестру")])
    assert (found.kind, found.concerned) == (DriftKind.RENAMED, (1,))


def test_a_near_name_of_another_role_is_told_but_is_no_renaming() -> None:
    found = classify(HEADER, [ControlSeen("heading", "Доступ к списку")])
    assert (found.kind, found.concerned) == (DriftKind.MISSING, (0,))


def test_a_double_needs_two_that_are_shown() -> None:
    two = [button("Доступ к списку"), button("Доступ к списку")]
    assert classify(HEADER, two).concerned == (0, 1)
    assert kind(HEADER, *two) is DriftKind.DOUBLED
    hidden = [button("Доступ к списку", shown=False) for _ in range(2)]
    assert kind(HEADER, *hidden) is DriftKind.HIDDEN


def test_a_control_outside_of_its_landmark_has_moved() -> None:
    elsewhere = button("Меню", landmarks=("main",))
    assert kind(ICON, elsewhere) is DriftKind.MOVED
    assert place_of(elsewhere) == "в основной части страницы"
    assert kind(ICON, button("Меню", landmarks=("banner",), shown=False)) is DriftKind.HIDDEN


def test_a_control_outside_of_its_part_of_the_page_has_moved() -> None:
    elsewhere = button("Доступ к списку", inside=False, group="Сотрудники")
    assert kind(HEADER, elsewhere) is DriftKind.MOVED
    assert place_of(elsewhere) == "в списке «Сотрудники»"


def test_what_belongs_to_a_neighbour_has_not_moved_unless_it_is_one_too_many() -> None:
    """Every block has a checkbox of the same name, and its own is no stray of another block."""
    own = button("Доступ к списку", inside=False, home="Второй блок", shown=False)
    assert kind(HEADER, own) is DriftKind.MISSING
    assert kind(HEADER, own, own) is DriftKind.MOVED
    assert place_of(own) == "в блоке «Второй блок»"


def test_candidates_are_ranked_by_role_then_place_then_name() -> None:
    controls = [
        ControlSeen("heading", "Доступ к списку"),
        ControlSeen("heading", "Совсем другое"),
        button("Доступ к реестру", inside=False),
        button("Доступ"),
        button("Доступ к архиву"),
        ControlSeen("tab", "Доступ к списку!"),
    ]
    assert nearest(HEADER, controls) == [5, 4, 3, 2, 0]


@pytest.mark.parametrize(
    "other",
    [
        button("Доступ к спискам"),
        ControlSeen("heading", "Доступ к спискам"),
        button("Доступ к архиву", shown=False),
        button(""),
        button("Доступ к архиву", home="Второй блок"),
    ],
    ids=["a neighbour", "a neighbour's name", "hidden", "nameless", "at home elsewhere"],
)
def test_what_is_known_to_be_something_else_is_no_candidate(other: ControlSeen) -> None:
    assert nearest(HEADER, [other]) == []


def test_likeness_ignores_case_and_white_space() -> None:
    assert likeness("Контроль доступа", " контроль\n ДОСТУПА ") == 1
    assert likeness("Контроль доступа", "Қаз") < 0.3


def drift(kind: DriftKind, control: str = "ссылка", **more: object) -> Drift:
    return Drift(kind, control, "Контроль", ("link",), **more)  # type: ignore[arg-type]


NEAR = (
    Candidate("link", "Контроль прав", 0.8, Box(1, 1, 1, 1)),
    Candidate("button", "Контроль прав", 0.8, None),
)
FAR = (Candidate("link", "Выйти", 0.2, None),)


@pytest.mark.parametrize(
    ("drift", "told"),
    [
        (drift(DriftKind.MISSING), "ссылка не найдена; похожего на странице нет"),
        (
            drift(DriftKind.RENAMED, candidates=NEAR),
            "ссылка не найдена; похожие: «Контроль прав», «Контроль прав» (кнопка)",
        ),
        (
            drift(DriftKind.MISSING, "пункт меню", candidates=FAR),
            "пункт меню не найден; похожего на странице нет, того же рода есть: «Выйти»",
        ),
        (drift(DriftKind.MOVED), "ссылка стоит не на своём месте"),
        (
            drift(DriftKind.MOVED, place="в шапке страницы"),
            "ссылка стоит не на своём месте: в шапке страницы",
        ),
        (
            drift(DriftKind.DOUBLED, candidates=NEAR),
            "ссылка: на странице таких 2, а должна быть одна",
        ),
        (
            drift(DriftKind.DOUBLED, "пункт меню", candidates=NEAR),
            "пункт меню: на странице таких 2, а должен быть один",
        ),
        (drift(DriftKind.HIDDEN), "ссылка есть на странице, но не показана"),
        (drift(DriftKind.DISABLED), "ссылка не нажимается: на странице отключена"),
        (
            drift(DriftKind.COVERED, cover="Подождите"),
            "ссылка закрыта другим элементом («Подождите»), нажать нельзя",
        ),
        (
            drift(DriftKind.OUT_OF_VIEW),
            "ссылка не помещается в окно целиком, на снимке не показать",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Drift) else "",
)
def test_every_kind_has_its_sentence(drift: Drift, told: str) -> None:
    assert sentence(drift, saved=False) == f"{told}. {NEXT}"


def test_after_saving_nobody_is_told_that_nothing_was_saved() -> None:
    told = sentence(drift(DriftKind.MISSING), saved=True)
    assert told.startswith("ссылка не найдена; похожего на странице нет. Сверьте страницу")
