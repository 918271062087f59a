"""What counts as a message of the page."""

from __future__ import annotations

import pytest

from sigex_runbook.site.reading.messages import message_of
from sigex_runbook.site.reading.view import Seen, View


def alert(text: str) -> View:
    return View(
        (Seen(1, (), "div", names={"text": text}, kinds=frozenset({"message", "trouble"})),)
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Сервис недоступен", "Сервис недоступен"),
        ("{{ error.title }} : {{ error.text }}", None),
        ("Загрузка…", None),
        ("!", None),
    ],
)
def test_a_message_is_words_that_a_page_has_filled_in(text: str, told: str | None) -> None:
    assert message_of(alert(text), trouble=True) == told
