"""Letters that look alike."""

from __future__ import annotations

import unicodedata

import pytest

from sigex_runbook.core.given.letters import folded, looks_like, unlike

NAME = "Учёт договоров"


@pytest.mark.parametrize(
    "written",
    [
        unicodedata.normalize("NFD", NAME),
        "Учёт\u00a0договоров",
        " Учёт \t договоров\n",
        "Учёт дого\u200bво\u00adров\ufeff",
        "\u200eУчёт договоров\u2060",
    ],
)
def test_what_nobody_can_see_is_no_difference(written: str) -> None:
    assert folded(written) == NAME
    assert unlike(written, NAME) is None


@pytest.mark.parametrize(
    ("written", "place", "found", "meant"),
    [
        ("Учёт дoговоров", 7, "латинская «o» (U+006F)", "русская «о» (U+043E)"),
        ("Yчёт договоров", 1, "латинская «Y» (U+0059)", "русская «У» (U+0423)"),
        ("Учëт договоров", 3, "латинская «ë» (U+00EB)", "русская «ё» (U+0451)"),
        ("Учёт догοворов", 9, "греческая «ο» (U+03BF)", "русская «о» (U+043E)"),
    ],
)
def test_a_letter_that_looks_like_another_is_named(
    written: str, place: int, found: str, meant: str
) -> None:
    assert unlike(written, NAME) == (f"знак {place}: {found}", meant)
    assert looks_like(written, NAME)


@pytest.mark.parametrize(
    ("one", "other"), [("ИС – 1", "ИС - 1"), ("ИС «А»", 'ИС "А"'), ("ИС О1", "ИС 0l"), ("Ａ", "А")]
)
def test_dashes_quotes_figures_and_wide_letters_look_alike_too(one: str, other: str) -> None:
    assert unlike(one, other) is not None


@pytest.mark.parametrize("other", ["Учет договоров", "учёт договоров", "Учёт", ""])
def test_what_everybody_sees_is_not_explained(other: str) -> None:
    assert unlike(NAME, other) is None
    assert not looks_like(NAME, other)
