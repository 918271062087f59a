"""Names: what a person reads as the same counts as the same."""

from __future__ import annotations

import unicodedata

import pytest

from sigex_runbook.site.reading.names import bare, plain, shown, telling


@pytest.mark.parametrize(
    "drawn",
    [
        "Учёт договоров",
        "  Учёт \u00a0 договоров\n",
        "Учёт до\u00adго\u00adво\u00adров",
        "\uf007 Учёт\u200b договоров",
        "\U000f0131 Учёт договоров",
        unicodedata.normalize("NFD", "Учёт договоров"),
    ],
)
def test_what_nobody_sees_is_no_difference(drawn: str) -> None:
    assert shown(drawn) == "Учёт договоров"


def test_letters_large_or_small_and_yo_are_none_where_they_need_not_be() -> None:
    assert plain("УЧЁТ Договоров") == plain("учет договоров")
    assert shown("УЧЁТ") != shown("учет")


@pytest.mark.parametrize(
    "drawn", ["▾ Доступ к документам", "Доступ к документам (2/3)", "Доступ к документам: 4",
              "→ доступ к документам…", "ДОСТУП К ДОКУМЕНТАМ 1 из 3"],
)  # fmt: skip
def test_a_controls_name_has_no_arrows_and_counters(drawn: str) -> None:
    assert bare(drawn) == "доступ к документам"


def test_a_description_keeps_its_marks() -> None:
    assert plain("Портал (тест)") != plain("Портал")
    assert plain("1С-2") != plain("1С 2")


def test_a_glyph_is_no_name() -> None:
    assert telling(["\uf2bd", " ", "Войти"]) == "Войти"
    assert telling(["→"]) == ""
