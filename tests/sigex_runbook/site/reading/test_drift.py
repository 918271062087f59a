"""What became of a control, told from a description of the page; no browser needed."""

from __future__ import annotations

import pytest

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.record import Box, Candidate, Drift, DriftKind
from sigex_runbook.site.reading.drift import NEXT, sentence
from sigex_runbook.site.reading.locators import Locators, meanings
from sigex_runbook.site.reading.recognition import Hints, likeness
from sigex_runbook.site.reading.sought import Sought, what_became
from sigex_runbook.site.reading.view import Seen

from .elements import Sheet

LINK = Sought("access_control_link", "ссылка на контроль доступа")
LIST = Sought(
    "block_header",
    "заголовок блока «Доступ к списку»",
    AccessBlock.DOCUMENTS_LIST,
    "Контроль доступа к перечислению документов организации",
)


def became(sought: Sought, sheet: Sheet) -> tuple[DriftKind, list[Seen]]:
    drift, concerned = what_became(sought, sheet.view, Locators(meanings()), Hints())
    return drift.kind, concerned


def test_nothing_alike_is_missing_and_the_same_kind_is_told() -> None:
    sheet = Sheet()
    way_out = sheet.put("Выйти")
    sheet.part("Заголовок", kinds=("heading",))
    assert became(LINK, sheet) == (DriftKind.MISSING, [way_out])


def test_a_near_name_of_the_same_role_is_a_renaming() -> None:
    sheet = Sheet()
    sheet.put("Выйти")
    near = sheet.put("Контроль прав", tag="a")
    assert became(LINK, sheet) == (DriftKind.RENAMED, [near])


def test_two_that_are_shown_are_doubles() -> None:
    sheet = Sheet()
    two = [sheet.put("Контроль доступа"), sheet.put("Контроль доступа")]
    assert became(LINK, sheet) == (DriftKind.DOUBLED, two)


def test_one_that_is_there_and_not_shown_is_hidden() -> None:
    sheet = Sheet()
    sheet.put("Контроль доступа", shown=False)
    assert became(LINK, sheet) == (DriftKind.HIDDEN, [])


def test_of_a_missing_header_those_of_its_kind_are_told() -> None:
    sheet = Sheet()
    sheet.put("Доступ к документам")
    odd = sheet.put("Просмотр карточек")
    sheet.put("Доступ к настройкам документов")
    sheet.put("Выйти", tag="a")
    assert became(LIST, sheet) == (DriftKind.MISSING, [odd])


def test_what_is_said_to_be_missing_is_never_what_stands_there() -> None:
    """One code names a control for finding it and for telling of it."""
    sheet = Sheet()
    sheet.put("\uf023 Контроль\u00a0до\u00adступа", tag="span", clues=("listens",))
    found = LINK.find(sheet.view, Locators(meanings()), Hints()).one
    assert found is not None


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
        (
            drift(
                DriftKind.DOUBLED,
                candidates=(NEAR[0], Candidate("link", "Контроль", 0.9, None)),
            ),
            "ссылка: на странице таких 2 («Контроль прав», «Контроль»), а должна быть одна",
        ),
        (drift(DriftKind.HIDDEN), "ссылка есть на странице, но не показана"),
        (drift(DriftKind.DISABLED), "ссылка не нажимается: на странице отключена"),
        (
            drift(DriftKind.COVERED, cover="Подождите"),
            "ссылка закрыта другим элементом («Подождите»), нажать нельзя",
        ),
        (drift(DriftKind.COVERED), "ссылка закрыта другим элементом, нажать нельзя"),
        (
            drift(DriftKind.OUT_OF_VIEW),
            "ссылка не помещается в окно целиком, на снимке не показать",
        ),
    ],
    ids=lambda value: value.kind if isinstance(value, Drift) else "",
)
def test_every_kind_has_its_sentence(drift: Drift, told: str) -> None:
    assert sentence(drift, saved=False) == f"{told}. Ничего не сохранено. {NEXT}"


def test_after_saving_nobody_is_told_that_nothing_was_saved() -> None:
    told = sentence(drift(DriftKind.MISSING), saved=True)
    assert told.startswith("ссылка не найдена; похожего на странице нет. Сверьте страницу")
