"""Rules that need no server: check digits, texts, and the seeds they must hold for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import sigex_emulator as front_door
from sigex_emulator.pages.rendering import LANGUAGES, Language, render, static_file, texts
from sigex_emulator.pki.identity_numbers import check_digit, complete, is_valid
from sigex_emulator.world.seeds import STANDARD_WORLD
from sigex_emulator.world.settings import ALL_BLOCKS

_ROOM = Path(front_door.__file__).parent


@pytest.mark.parametrize("number", ["200240002381", "000740000728"])
@pytest.mark.fact("4.5-first-weights", "4.5-samples")
def test_public_numbers_are_valid(number: str) -> None:
    assert is_valid(number)


@pytest.mark.parametrize(
    "number",
    ["112233445566", "111111111111", "123456789012", "20024000238", "2002400023811",
     "20024000238a", "٢00240002381", ""],
)  # fmt: skip
@pytest.mark.fact("4.5-samples")
def test_others_are_not(number: str) -> None:
    assert not is_valid(number)


@pytest.mark.fact("4.5-second-weights", "4.5-no-digit")
def test_the_second_weights_and_the_case_without_a_digit_occur() -> None:
    stems = [f"{number:011d}" for number in range(20_000)]
    assert any(check_digit(stem) is None for stem in stems)
    hopeless = next(stem for stem in stems if check_digit(stem) is None)
    first, second = range(1, 12), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
    for stem in stems:
        by_first, by_second = (
            sum(int(digit) * weight for digit, weight in zip(stem, weights, strict=True)) % 11
            for weights in (first, second)
        )
        expected = by_first if by_first < 10 else by_second if by_second < 10 else None
        assert check_digit(stem) == expected
    with pytest.raises(ValueError, match=hopeless):
        complete(hopeless)


def test_nobody_shares_a_number() -> None:
    people = [one for each in STANDARD_WORLD.organisations for one in each.people]
    people += STANDARD_WORLD.private_persons
    assert len({one.iin for one in people}) == len(people)
    assert all(is_valid(one.iin) for one in people)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_text(language: Language) -> None:
    known = texts(language)
    assert set(known) == set(texts("ru"))
    assert all(known[f"block.{name}"] for name in ALL_BLOCKS)


def test_texts_of_a_page_are_escaped() -> None:
    assert "[[" not in render("start", "ru", "plain", home="/")
    with pytest.raises(KeyError):
        render("not-found", "ru", "plain")


@pytest.mark.parametrize("name", ["../rendering.py", "no-such.css", "", "..", "site.css/"])
def test_only_static_files_are_served(name: str) -> None:
    assert static_file(name) is None


def test_the_room_imports_nothing_of_ours_from_outside() -> None:
    """The emulator and the client may not teach each other (design, section 2)."""
    for file in _ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            ours = [one for one in names if one.split(".")[0] in {"sigex_runbook", "steps"}]
            assert all(one.startswith("sigex_emulator") for one in ours), file


def test_pages_name_no_foreign_address() -> None:
    for file in (_ROOM / "pages").rglob("*.*"):
        if file.suffix in {".html", ".css", ".js", ".svg"}:
            found = file.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "http://" not in found, file
            assert "https://" not in found, file
