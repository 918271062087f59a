"""The English features say what the Russian ones say: Russian is the source."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gherkin.parser import Parser
from gherkin.token_scanner import TokenScanner
from pytest_bdd.steps import step_function_context_registry

from sigex_runbook.guide import load_guide
from sigex_runbook.scenarios import project_root
from steps import arrangement, blocks, saving, settings, sign_in

RUSSIAN = project_root() / "features"
ENGLISH = RUSSIAN / "en"
FILES = sorted(path.name for path in RUSSIAN.glob("*.feature"))
MODULES = {module.__name__ for module in (arrangement, blocks, saving, settings, sign_in)}
KINDS = {"Context": "given", "Action": "when", "Outcome": "then"}


def feature(path: Path) -> dict[str, Any]:
    document: Any = Parser().parse(TokenScanner(path.read_text(encoding="utf-8")))
    parsed: dict[str, Any] = document["feature"]
    return parsed


def scenarios(path: Path) -> list[dict[str, Any]]:
    return [child["scenario"] for child in feature(path)["children"]]


def tags(part: dict[str, Any]) -> list[str]:
    return [tag["name"] for tag in part["tags"]]


def bound(scenario: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What each sentence does: its kind, the step's function, the values it is given."""
    kind = ""
    for step in scenario["steps"]:
        kind = KINDS.get(step["keywordType"], kind)
        found = [
            (kind, context.step_func.__qualname__, dict(context.parser.parse_arguments(text) or {}))
            for context in step_function_context_registry.values()
            if context.step_func.__module__ in MODULES and context.type in {kind, None}
            for text in [step["text"]]
            if context.parser.is_matching(text)
        ]
        assert len(found) == 1, f"{step['text']}: {found}"
        yield found[0]


def same_block(values: dict[str, Any]) -> dict[str, Any]:
    """The block's words differ by language and must name the callout's own section in each."""
    if "words" in values:
        title = load_guide().section_of(values["callout"]).title
        spoken = {f"Блок контроля доступа {values['words']}", f"Access to {values['words']}"}
        assert spoken & {title.ru, title.en}
    return {name: value for name, value in values.items() if name != "words"}


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
        assert english["examples"] == russian["examples"] == []
        ru, en = list(bound(russian)), list(bound(english))
        assert [s["keywordType"] for s in english["steps"]] == [
            s["keywordType"] for s in russian["steps"]
        ]
        for (kind, function, values), (kind_en, function_en, values_en) in zip(ru, en, strict=True):
            assert (kind_en, function_en) == (kind, function)
            assert same_block(values_en) == same_block(values)


@pytest.mark.parametrize("name", FILES)
def test_english_is_english(name: str) -> None:
    """Only labels of the service, in quotes, stay as the screen shows them."""
    plain = re.sub(r"“[^”]*”", "", (ENGLISH / name).read_text(encoding="utf-8"))
    assert not re.search(r"[А-Яа-яЁё]", plain)


def test_names_of_scenarios_are_all_different() -> None:
    for folder in (RUSSIAN, ENGLISH):
        names = [s["name"] for name in FILES for s in scenarios(folder / name)]
        assert len(names) == len(set(names))
