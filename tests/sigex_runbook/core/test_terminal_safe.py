"""Foreign words are shown in one line and steer no terminal."""

from __future__ import annotations

import json

import pytest

from sigex_runbook.core.terminal_safe import visible, visible_lines


@pytest.mark.parametrize(
    "plain", ["", "report.html: «нет», 1 %", "Қазақ тілі — ✓", "e\u0301 \U0001f600"]
)
def test_ordinary_words_stay(plain: str) -> None:
    assert visible(plain) == plain


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b[2K\rVERIFIED", "\\u001b[2K\\u000dVERIFIED"),
        ("a\nb: VERIFIED", "a\\u000ab: VERIFIED"),
        ("\x9b31m\x7f", "\\u009b31m\\u007f"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u2028b\udcff", "a\\u2028b\\udcff"),
    ],
)
def test_what_steers_a_screen_is_written_out(hostile: str, shown: str) -> None:
    assert visible(hostile) == shown
    text = json.dumps({"place": hostile}, ensure_ascii=False)
    assert json.loads(visible(text)) == {"place": hostile}, "JSON keeps its value"


def test_our_own_lines_stay_lines() -> None:
    assert visible_lines("раз\nдва\x07") == "раз\nдва\\u0007"
