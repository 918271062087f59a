"""The guide as data holds exactly what was published: eight sections, thirteen callouts."""

from __future__ import annotations

import hashlib
import re
from dataclasses import FrozenInstanceError
from datetime import date
from importlib.resources import files

import pytest
import yaml

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.guide import Section, load_guide

PUBLISHED: dict[int, tuple[str, tuple[int, ...]]] = {
    1: ("Аутентификация", (1,)),
    2: ("Раздел настроек организации", (2, 3)),
    3: ("Подраздел настроек контроля доступа", (4,)),
    4: ("Блок контроля доступа к документам организации", (5, 6)),
    5: ("Блок контроля доступа к перечислению документов организации", (7, 8)),
    6: ("Блок контроля доступа к настройкам документов организации", (9, 10)),
    7: ("Блок контроля доступа к настройкам организации", (11, 12)),
    8: ("Сохранение настроек", (13,)),
}
"""Titles and callout numbers as published. Section 1's title ends in the service's address there,
which depends on the target and is left out here."""

SENTENCES = {
    1: "Кликните на иконку (1)",
    2: "кликните на иконку (2) и потом на пункт Настройки организации (3)",
    3: "Для перехода в подраздел настроек контроля доступа, кликните на ссылку (4)",
    **{
        section: f"Раскройте {block} кликнув на него ({header}) Предоставьте доступ информационной "
        f"системе, активировав соответствующую галочку ({header + 1})"
        for section, block, header in (
            (4, "блок контроля доступа к документам организации", 5),
            (5, "блок контроля доступа к перечислению документов организации", 7),
            (6, "блок контроля доступа к настройкам документов организации", 9),
            (7, "блок контроля доступа к настройкам организации", 11),
        )
    },
    8: "Обязательно сохраните настройки, для этого промотайте страницу немного вниз и кликните на "
    "кнопку (13)",
}
"""The sentences with the callouts, as published."""

BLOCKS = {
    4: AccessBlock.DOCUMENTS_ACCESS,
    5: AccessBlock.DOCUMENTS_LIST,
    6: AccessBlock.DOCUMENTS_SETTINGS,
    7: AccessBlock.ORGANISATION_SETTINGS,
}

ACTIONS = dict.fromkeys((1, 2, 3, 4), "click")
ACTIONS |= dict.fromkeys((5, 7, 9, 11), "expand") | dict.fromkeys((6, 8, 10, 12), "tick")
ACTIONS |= {13: "save"}


def words(text: str) -> str:
    """A text without the marks that were lost or misread on its way here."""
    return " ".join(re.sub(r"[«»*.,]", " ", text).split())


def sections() -> tuple[Section, ...]:
    return load_guide().sections


def test_eight_sections_and_thirteen_callouts_in_the_published_order() -> None:
    found = {
        s.number: (s.title.ru, tuple(callout.number for callout in s.callouts)) for s in sections()
    }
    assert found == PUBLISHED
    assert [s.number for s in sections()] == list(range(1, 9))


@pytest.mark.parametrize("number", PUBLISHED)
def test_the_published_sentence_stands_in_its_section(number: int) -> None:
    assert words(SENTENCES[number]) in words(load_guide().section(number).wording.ru)


@pytest.mark.parametrize("number", range(1, 14))
def test_a_callout_carries_the_guides_own_words_and_its_number(number: int) -> None:
    callout = load_guide().callout(number)
    assert callout.wording.ru.endswith(f"({number})")
    assert re.findall(r"\((\d+)\)", callout.wording.ru) == [str(number)]
    assert words(callout.wording.ru) in words(load_guide().section_of(number).wording.ru)


def test_the_four_blocks_have_their_sections() -> None:
    assert {s.number: s.block for s in sections() if s.block} == BLOCKS
    for number, block in BLOCKS.items():
        assert load_guide().section_for(block).number == number


def test_what_is_done_at_each_callout() -> None:
    assert {c.number: c.action for s in sections() for c in s.callouts} == ACTIONS


@pytest.mark.parametrize("number", [0, 9, -1, 14])
def test_other_sections_do_not_exist(number: int) -> None:
    with pytest.raises(KeyError, match=f"no section {number}"):
        load_guide().section(number)


@pytest.mark.parametrize("number", [0, 14])
def test_other_callouts_do_not_exist(number: int) -> None:
    with pytest.raises(KeyError, match=f"no callout {number}"):
        load_guide().callout(number)
    with pytest.raises(KeyError, match=f"no callout {number}"):
        load_guide().section_of(number)


def test_every_text_is_there_in_three_languages() -> None:
    guide = load_guide()
    texts = [guide.title, guide.introduction, *(s.title for s in sections())]
    texts += [c.control for s in sections() for c in s.callouts]
    for text in texts:
        assert all(part.strip() for part in (text.ru, text.kk, text.en))
        assert not re.search("[А-Яа-яЁёӘәІі]", text.en)


def test_the_guide_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        load_guide().sections = ()  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        load_guide().sections[0].number = 9  # type: ignore[misc]


def test_the_text_that_is_held_is_named_by_its_day_and_its_digest() -> None:
    file = files("sigex_runbook.core").joinpath("texts", "guide.yaml")
    text = file.read_text("utf-8")  # line ends as in the repository, whatever the system's
    assert load_guide().sha256 == hashlib.sha256(text.encode()).hexdigest()
    assert load_guide().held == yaml.safe_load(text)["held"] <= date.today()


def test_where_the_guide_is_published_nobody_has_said() -> None:
    published = load_guide().published
    assert (published.address, published.dated) == (None, None)
