"""The English features say what the Russian ones say: Russian is the source."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gherkin.parser import Parser
from gherkin.token_scanner import TokenScanner
from pytest_bdd.steps import step_function_context_registry

from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.project import find_project
from steps.conftest import STEPS
from tests.test_traceability import filled, rows

RUSSIAN = find_project().features
ENGLISH = RUSSIAN / "en"
FILES = sorted(path.name for path in RUSSIAN.glob("*.feature"))
for module in STEPS:
    importlib.import_module(module)  # its sentences are known from then on
KINDS = {"Context": "given", "Action": "when", "Outcome": "then"}


def feature(path: Path) -> dict[str, Any]:
    document: Any = Parser().parse(TokenScanner(path.read_text(encoding="utf-8")))
    parsed: dict[str, Any] = document["feature"]
    return parsed


def scenarios(path: Path) -> list[dict[str, Any]]:
    return [child["scenario"] for child in feature(path)["children"]]


def tags(part: dict[str, Any]) -> list[str]:
    return [tag["name"] for tag in part["tags"]]


def values(context: Any, text: str) -> dict[str, Any]:
    """What a sentence gives to its step."""
    return {
        name: context.converters.get(name, lambda value: value)(value)
        for name, value in (context.parser.parse_arguments(text) or {}).items()
    }


def bound(
    scenario: dict[str, Any], row: dict[str, str]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What each sentence does: its kind, the step's function, the values it is given."""
    kind = ""
    for step in scenario["steps"]:
        kind = KINDS.get(step["keywordType"], kind)
        found = [
            (kind, context.step_func.__qualname__, values(context, text))
            for context in step_function_context_registry.values()
            if context.step_func.__module__ in STEPS and context.type in {kind, None}
            for text in [filled(step["text"], row)]
            if context.parser.is_matching(text)
        ]
        assert len(found) == 1, f"{step['text']}: {found}"
        yield found[0]


def same_block(given: dict[str, Any]) -> dict[str, Any]:
    """The block's words differ by language and must name the callout's own section in each."""
    if "block" not in given:
        return given
    title = load_guide().section_of(given["callout"]).title
    spoken = {f"Блок контроля доступа {given['block']}", f"Access to {given['block']}"}
    assert spoken & {title.ru, title.en}
    return {name: value for name, value in given.items() if name != "block"}


def test_the_same_features_exist_in_both_languages() -> None:
    assert sorted(path.name for path in ENGLISH.iterdir()) == FILES
    assert len(FILES) == 8


@pytest.mark.parametrize("name", FILES)
def test_titles_and_tags_are_the_same(name: str) -> None:
    russian, english = feature(RUSSIAN / name), feature(ENGLISH / name)
    assert (russian["language"], english["language"]) == ("ru", "en")
    section = load_guide().section(int(name[0]))
    assert english["name"] == f"{section.number}. {section.title.en}"
    assert tags(english) == tags(russian)
    assert [tags(s) for s in scenarios(ENGLISH / name)] == [
        tags(s) for s in scenarios(RUSSIAN / name)
    ]
    assert english["description"].strip()
    assert len(english["description"].splitlines()) == len(russian["description"].splitlines())


@pytest.mark.parametrize("name", FILES)
def test_each_sentence_does_the_same_with_the_same_values(name: str) -> None:
    for russian, english in zip(scenarios(RUSSIAN / name), scenarios(ENGLISH / name), strict=True):
        assert [s["keywordType"] for s in english["steps"]] == [
            s["keywordType"] for s in russian["steps"]
        ]
        for row, row_en in zip(rows(russian), rows(english), strict=True):
            pairs = zip(bound(russian, row), bound(english, row_en), strict=True)
            for (kind, function, given), (kind_en, function_en, given_en) in pairs:
                assert (kind_en, function_en) == (kind, function)
                assert same_block(given_en) == same_block(given)


@pytest.mark.parametrize("name", FILES)
def test_english_is_english(name: str) -> None:
    """Only labels of the service, in quotes, stay as the screen shows them."""
    plain = re.sub(r"“[^”]*”", "", (ENGLISH / name).read_text(encoding="utf-8"))
    assert not re.search(r"[А-Яа-яЁё]", plain)


def test_names_of_scenarios_are_all_different() -> None:
    for folder in (RUSSIAN, ENGLISH):
        names = [s["name"] for name in FILES for s in scenarios(folder / name)]
        assert len(names) == len(set(names))
