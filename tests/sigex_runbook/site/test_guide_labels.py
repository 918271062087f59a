"""What is said of a page in the guide's words."""

from __future__ import annotations

import pytest

from sigex_runbook.site.guide_labels import no_blocks


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        (["Who may view the documents", "Уведомления"], "«Who may view the documents»"),
        (["Құжаттарға қолжетімділік"], "«Құжаттарға қолжетімділік»"),
        ([str(n) + " block" for n in range(9)], "«3 block». Если"),
    ],
)
def test_headings_in_another_language_are_told_of(headings: list[str], told: str) -> None:
    sentence = no_blocks(headings)
    assert "на другом языке" in sentence
    assert "выберите русский" in sentence
    assert told in sentence
    assert "Уведомления" not in sentence


@pytest.mark.parametrize("headings", [[], ["Уведомления"], ["SIGEX: оповещения"], ["→", "1", ""]])
def test_no_language_is_guessed_from_russian_headings_or_none(headings: list[str]) -> None:
    sentence = no_blocks(headings)
    assert "язык" not in sentence
    assert "Сравните страницу с инструкцией" in sentence
