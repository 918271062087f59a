"""Every numbered action of the guide has one step and one locator, and nothing is an orphan."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

import pytest
from gherkin.parser import Parser
from gherkin.token_scanner import TokenScanner
from pytest_bdd.steps import step_function_context_registry

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.guide import Section, load_guide
from sigex_runbook.core.project import find_project
from sigex_runbook.run.scenarios.features import Scenario, planned_run, read_scenarios
from sigex_runbook.site import guide_labels as words
from sigex_runbook.site.reading.blocks import block_of
from sigex_runbook.site.reading.locators import Control, Locators, meanings, pattern
from sigex_runbook.site.reading.names import bare

FEATURES = find_project().features
STEPS = find_project().steps
NOT_DEFINITIONS = {"__init__", "conftest", "test_guide", "test_guide_en"}

KINDS = {"Given": "given", "When": "when", "Then": "then"}
CONTROLS = {
    "click": {"sign_in_icon", "menu_icon", "organisation_settings_item", "access_control_link"},
    "expand": {"block_header"},
    "tick": {"checkbox"},
    "save": {"save_button"},
}


def scenarios(*, guide: bool | None = None) -> list[Scenario]:
    return [s for s in read_scenarios(FEATURES) if guide is None or s.is_guide is guide]


def numbers(tags: frozenset[str], kind: str) -> list[int]:
    """Numbers of the tags `@kind-N`."""
    return sorted(int(t.rpartition("-")[2]) for t in tags if t.startswith(f"@{kind}-"))


def named(scenario: Scenario) -> str:
    return f"{scenario.place.file}:{scenario.place.line}"


# -- the guide and the features


@pytest.mark.parametrize("callout", range(1, 14))
def test_a_callout_has_exactly_one_step_in_one_guide_scenario_of_its_section(callout: int) -> None:
    steps = [step for step in planned_run(FEATURES).values() if step.callout == callout]
    assert len(steps) == 1
    assert steps[0].section == load_guide().section_of(callout).number


def test_the_callouts_are_met_in_the_guides_order() -> None:
    met = [step.callout for step in planned_run(FEATURES).values() if step.callout is not None]
    assert met == list(range(1, 14))


@pytest.mark.parametrize("section", load_guide().sections, ids=lambda section: section.number)
def test_every_number_in_the_guides_prose_is_a_callout_of_that_section(section: Section) -> None:
    """A numbered action that the guide's data forgot would be performed by nobody."""
    numbered = [int(number) for number in re.findall(r"\((\d+)\)", section.wording.ru)]
    assert numbered == [callout.number for callout in section.callouts]


def test_each_section_is_one_feature_with_one_guide_scenario() -> None:
    found = scenarios(guide=True)
    assert [s.section for s in found] == list(range(1, 9))
    assert len({s.place.file for s in found}) == len(list(FEATURES.glob("*.feature"))) == 8


@pytest.mark.parametrize("section", range(1, 9))
def test_each_section_has_an_alternative_flow(section: int) -> None:
    assert [s for s in scenarios(guide=False) if s.section == section]


@pytest.mark.parametrize("scenario", scenarios(), ids=named)
def test_a_scenario_is_the_guide_or_an_alternative(scenario: Scenario) -> None:
    """Anything else would be run by nobody, or by both."""
    assert len(scenario.tags & {"@guide", "@alternative"}) == 1
    assert numbers(scenario.tags, "section") == [scenario.section]


@pytest.mark.parametrize("scenario", scenarios(guide=True), ids=named)
def test_a_guide_scenarios_tags_are_its_steps_callouts(scenario: Scenario) -> None:
    callouts = [step.callout for _, step in scenario.steps if step.callout is not None]
    assert numbers(scenario.tags, "callout") == callouts
    section = load_guide().section(scenario.section)
    assert callouts == [callout.number for callout in section.callouts]


@pytest.mark.parametrize("scenario", scenarios(guide=False), ids=named)
def test_an_alternative_claims_no_callout(scenario: Scenario) -> None:
    """Only the guide's own scenario stands for a callout; elsewhere the number must be real."""
    assert numbers(scenario.tags, "callout") == []
    own = {callout.number for callout in load_guide().section(scenario.section).callouts}
    assert {step.callout for _, step in scenario.steps} - {None} <= own


def test_no_two_scenarios_of_a_section_share_their_name_or_their_words() -> None:
    told = [(s.section, s.name) for s in scenarios()]
    words = [tuple(step.text for _, step in s.steps) for s in scenarios()]
    assert [name for name, count in Counter(told).items() if count > 1] == []
    assert [text for text, count in Counter(words).items() if count > 1] == []


@pytest.mark.parametrize("scenario", scenarios(), ids=named)
def test_a_scenario_acts_and_then_asserts(scenario: Scenario) -> None:
    """A scenario that ends without `Тогда` promises nothing and cannot be red."""
    keywords = [step.keyword for _, step in scenario.steps]
    assert keywords.count("Когда") == 1
    assert keywords.count("Тогда") == 1
    assert keywords.index("Когда") < keywords.index("Тогда")


def parse(path: Path) -> dict[str, Any]:
    document: Any = Parser().parse(TokenScanner(path.read_text(encoding="utf-8")))
    return cast(dict[str, Any], document)


def documents(folder: Path = FEATURES) -> list[tuple[Path, dict[str, Any]]]:
    return [(path, parse(path)) for path in sorted(folder.glob("*.feature"))]


@pytest.mark.parametrize(
    ("path", "document"), documents(), ids=lambda value: getattr(value, "name", "")
)
def test_a_feature_is_titled_as_its_section(path: Path, document: dict[str, Any]) -> None:
    feature = document["feature"]
    assert feature["language"] == "ru"
    (number,) = numbers(frozenset(tag["name"] for tag in feature["tags"]), "section")
    section = load_guide().section(number)
    assert feature["name"] == f"{number}. {section.title.ru}"
    assert path.name.startswith(f"{number}_")
    assert feature["description"].strip()


@pytest.mark.parametrize(
    ("path", "document"), documents(), ids=lambda value: getattr(value, "name", "")
)
def test_a_features_parts_are_those_that_the_run_understands(
    path: Path, document: dict[str, Any]
) -> None:
    """A background would hide steps of the plan, an outline of the guide would repeat them."""
    for child in document["feature"]["children"]:
        assert set(child) == {"scenario"}
        tags = {tag["name"] for tag in child["scenario"]["tags"]}
        assert len(child["scenario"]["examples"]) <= ("@alternative" in tags)
        for step in child["scenario"]["steps"]:
            assert "dataTable" not in step
            assert "docString" not in step


@pytest.mark.parametrize("path", sorted(FEATURES.glob("*.feature")), ids=lambda path: path.name)
def test_a_feature_knows_nothing_of_the_page(path: Path) -> None:
    """It is a promise to a reader who has never seen the screen."""
    text = path.read_text(encoding="utf-8").partition("\n")[2]
    for line in text.splitlines():
        plain = re.sub(r"@[a-z0-9-]+|<[а-яё]+>", "", line)  # tags, an outline's places
        assert not re.search(r"[A-Za-z<>/#\[\]{}=]", plain), line
        assert not re.search(r"клик|щёлк|вводит|заполня|селектор|кнопку мыши", plain.lower()), line


# -- the features and the steps


def rows(scenario: dict[str, Any]) -> list[dict[str, str]]:
    """What each performance of a scenario fills in: nothing, once, unless it is an outline."""
    return [
        {
            head["value"]: cell["value"]
            for head, cell in zip(table["tableHeader"]["cells"], row["cells"], strict=True)
        }
        for table in scenario["examples"]
        for row in table["tableBody"]
    ] or [{}]


def filled(text: str, row: dict[str, str]) -> str:
    """A sentence of an outline with one example's words."""
    for name, value in row.items():
        text = text.replace(f"<{name}>", value)
    return text


@dataclass(frozen=True)
class Definition:
    """One step definition: its kind, its pattern, where it stands."""

    kind: str | None
    parser: Any
    module: str
    function: str
    parameters: frozenset[str]


def definitions() -> list[Definition]:
    modules = {
        f"steps.{path.stem}" for path in STEPS.glob("*.py") if path.stem not in NOT_DEFINITIONS
    }
    for name in modules:
        importlib.import_module(name)
    return [
        Definition(
            context.type,
            context.parser,
            context.step_func.__module__,
            context.step_func.__name__,
            frozenset(inspect.signature(context.step_func).parameters),
        )
        for context in step_function_context_registry.values()
        if context.step_func.__module__ in modules
    ]


def sentences() -> list[tuple[str, str]]:
    """Every sentence of every feature with its kind, an outline's with the words of its examples.

    «И» is of the kind before it.
    """
    found: dict[tuple[str, str], None] = {}
    for _, document in documents() + documents(FEATURES / "en"):
        for child in document["feature"]["children"]:
            kind = ""
            for step in child["scenario"]["steps"]:
                kind = {"Context": "given", "Action": "when", "Outcome": "then"}.get(
                    step["keywordType"], kind
                )
                for row in rows(child["scenario"]):
                    found[kind, filled(step["text"], row)] = None
    return list(found)


def matching(kind: str, sentence: str) -> list[Definition]:
    return [d for d in definitions() if d.kind in (kind, None) and d.parser.is_matching(sentence)]


def test_the_registry_is_what_the_files_say() -> None:
    """Guards the tests below: a definition that is not seen here cannot be found to be double."""
    decorated = sum(
        len(re.findall(r"^@(?:given|when|then)\(", path.read_text(encoding="utf-8"), re.MULTILINE))
        for path in STEPS.glob("*.py")
    )
    assert len(definitions()) == decorated > 20


@pytest.mark.parametrize(("kind", "sentence"), sentences())
def test_a_sentence_means_exactly_one_thing(kind: str, sentence: str) -> None:
    """pytest-bdd takes the last of several definitions that match, without a word."""
    found = matching(kind, sentence)
    assert len(found) == 1, [f"{d.module}.{d.function}" for d in found]


def test_no_two_definitions_share_their_words() -> None:
    twice = [
        words
        for words, count in Counter((d.kind, d.parser.name) for d in definitions()).items()
        if count > 1
    ]
    assert twice == []


def test_no_definition_is_an_orphan() -> None:
    used = {id(d.parser) for kind, text in sentences() for d in matching(kind, text)}
    orphans = [f"{d.module}.{d.function}" for d in definitions() if id(d.parser) not in used]
    assert orphans == []


def test_every_definition_is_loaded_by_every_session() -> None:
    """A file of steps that the sessions do not name would leave its sentences undefined."""
    conftest = importlib.import_module("steps.conftest")
    assert {d.module for d in definitions()} == set(conftest.STEPS)


def needs(fixture: Any) -> set[str]:
    """What a fixture of the spec suite asks for."""
    return set(inspect.signature(fixture._get_wrapped_function()).parameters)


@pytest.mark.parametrize("scenario", scenarios(guide=False), ids=named)
def test_what_stays_as_it_was_was_looked_at_beforehand(scenario: Scenario) -> None:
    """`arrangement` reads the settings when it is first asked for. Asked for by the last sentence
    alone, it would compare the settings with themselves, and the sentence could not be false."""
    texts = [step.text for _, step in scenario.steps]
    if "настройки организации остались прежними" not in texts:
        return
    spec_employee = importlib.import_module("tests.spec_employee")
    first = [d for d in definitions() if d.parser.is_matching(texts[0]) and d.kind == "given"]
    assert "arrangement" in needs(spec_employee.employee) | {p for d in first for p in d.parameters}


def test_markers_are_registered_for_every_tag() -> None:
    """With strict markers an unknown tag stops the spec suite; the run has no such guard."""
    import tomllib

    project = tomllib.loads((find_project().root / "pyproject.toml").read_text(encoding="utf-8"))
    markers = {m.partition(":")[0] for m in project["tool"]["pytest"]["ini_options"]["markers"]}
    assert {tag.removeprefix("@") for s in scenarios() for tag in s.tags} <= markers


# -- the guide and the locators


def test_every_callout_has_a_locator_and_every_locator_a_callout() -> None:
    assert set(meanings().callouts) == set(range(1, 14))


@pytest.mark.parametrize("callout", range(1, 14))
def test_a_callouts_control_suits_its_action(callout: int) -> None:
    control = meanings().callouts[callout]
    assert control in CONTROLS[load_guide().callout(callout).action]


def test_no_locator_is_an_orphan() -> None:
    """A control that the file describes and the code cannot name would be kept for nothing."""
    assert set(meanings().controls) == set(get_args(Control))
    assert set(meanings().callouts.values()) <= set(meanings().controls)


def test_a_control_of_the_guide_bears_a_name_that_it_would_be_found_by() -> None:
    """What is looked for and what is said to be looked for must not drift apart."""
    for callout, control in meanings().callouts.items():
        if control in {"checkbox", "block_header"}:
            continue  # named by the order, and by the guide
        meaning = meanings().controls[control]
        assert bare(words.marked(callout).called(Locators(meanings()))) in meaning.exact


@pytest.mark.parametrize("control", get_args(Control))
def test_the_words_of_a_control_are_folded_as_names_are(control: Control) -> None:
    """A name is compared without capitals and with е for ё: other words would never be met."""
    meaning = meanings().controls[control]
    assert [name for name in meaning.exact if bare(name) != name] == []
    for text in (meaning.words, meaning.icons, meaning.never):
        assert "ё" not in text
        assert pattern(text)


def test_callouts_that_are_clicked_have_controls_of_their_own() -> None:
    clicked = [meanings().callouts[n] for n in (1, 2, 3, 4, 13)]
    assert len(set(clicked)) == len(clicked)


@pytest.mark.parametrize("block", AccessBlock)
def test_a_blocks_words_fit_its_own_title_and_no_other(block: AccessBlock) -> None:
    """The four titles are near one another; loose words would open the wrong block."""
    locators = Locators(meanings())
    fitting = [
        s.block
        for s in load_guide().sections
        if s.block and block_of(bare(s.title.ru), locators) == block
    ]
    assert fitting == [block]


@pytest.mark.parametrize("thing", ["пакетам", "перечислению пакетов", "настройкам пакетов"])
def test_a_blocks_words_do_not_fit_the_blocks_of_packages(thing: str) -> None:
    """Today's page probably has seven blocks (sigex-facts 2.3)."""
    named = block_of(f"контроль доступа к {thing} документов организации", Locators(meanings()))
    assert named is not None
    assert named not in set(AccessBlock)
