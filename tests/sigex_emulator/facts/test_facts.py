"""The ledger of facts: its own rules, and that what it claims is held by tests."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path

import pytest

from sigex_emulator.errors import LedgerUnreadable
from sigex_emulator.facts import STATES, facts, read_facts
from sigex_emulator.world.switches import Switches
from sigex_runbook.cli.main import main

ROOT = Path(__file__).parents[3]
FOLDERS = (ROOT / "tests", ROOT / "steps")


@dataclass(frozen=True)
class Claim:
    """A test that says which fact it would catch."""

    fact_id: str
    test: str


def claims_in(source: str, file: str) -> Iterator[Claim]:
    """Read `@pytest.mark.fact(…)` off the tests of a file, without running it.

    A marker anywhere else, or without plain words in it, is a mistake: it would claim nothing.
    """
    tree = ast.parse(source)
    read: set[ast.expr] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for mark in filter(_is_fact, node.decorator_list):
                assert isinstance(mark, ast.Call)
                read.add(mark.func)
                assert mark.args, f"{file}::{node.name} names no fact"
                for word in mark.args:
                    assert isinstance(word, ast.Constant), f"{file}::{node.name} computes an id"
                    yield Claim(str(word.value), f"{file}::{node.name}")
    stray = [node for node in ast.walk(tree) if _is_marker(node) and node not in read]
    assert not stray, f"{file}: a fact is named outside a test's decorators"


def _is_marker(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == "fact"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "mark"
    )


def _is_fact(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _is_marker(node.func)


@pytest.fixture(scope="module")
def claims() -> list[Claim]:
    files = sorted(file for folder in FOLDERS for file in folder.rglob("test_*.py"))
    return [
        claim
        for file in files
        for claim in claims_in(file.read_text(encoding="utf-8"), str(file.relative_to(ROOT)))
    ]


def test_every_imitated_fact_has_a_test(claims: list[Claim]) -> None:
    named = {claim.fact_id for claim in claims}
    bare = [one.id for one in facts() if one.state != "not-emulated" and one.id not in named]
    assert bare == [], "give each a test marked with it, or the state not-emulated with a reason"


def test_no_test_claims_what_is_not_in_the_ledger_or_not_imitated(claims: list[Claim]) -> None:
    imitated = {one.id for one in facts() if one.state != "not-emulated"}
    wrong = [claim for claim in claims if claim.fact_id not in imitated]
    assert wrong == [], "the ledger (emulator/facts) has no such row, or says that it is not there"


def test_every_switch_belongs_to_an_unknown_and_every_named_switch_exists() -> None:
    named = {name for one in facts() for name in one.switches}
    assert named == {field.name for field in fields(Switches)}, (
        "name each switch in the row of the unknown that it chooses for (emulator/facts)"
    )


def test_every_numbered_unknown_has_its_row() -> None:
    rows = [one.id for one in facts() if one.section == "6"]
    assert rows == [f"6-{number}" for number in range(1, 22)]


def test_the_ledger_covers_the_sheet() -> None:
    """Rows follow the sheet's sections; a file that is lost, or a section, is noticed."""
    sections = list(dict.fromkeys(one.section for one in facts()))
    assert sections == [
        "1", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3", "3.4", "3.5", "3.6",
        "4.1", "4.2", "4.3", "4.4", "4.5", "4.6", "5", "6", "8",
    ]  # fmt: skip
    assert len(facts()) >= 250


_ROW = "- {id: 3.5-head-always, mark: known, state: emulated, fact: words}\n"


def test_a_row_is_read() -> None:
    [row] = read_facts(_ROW)
    assert (row.id, row.section, row.mark, row.state) == (
        "3.5-head-always", "3.5", "known", "emulated",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (_ROW * 2, "stands twice"),
        (_ROW.replace("3.5-head-always", "head-always"), "an id must be"),
        (_ROW.replace("fact: words", "fact: ''"), "says nothing"),
        (_ROW.replace("known", "sure"), "its mark"),
        (_ROW.replace("emulated", "done"), "its state"),
        (_ROW.replace("known", "inferred"), "only a known fact is emulated"),
        (_ROW.replace("known", "unknown"), "only a known fact is emulated"),
        (_ROW.replace("emulated", "not-emulated"), "without a reason"),
        (_ROW.replace("fact:", "reason: x, fact:"), "a reason without"),
        (_ROW.replace("fact:", "switches: [x], fact:"), "only an unknown has a switch"),
        (_ROW.replace("fact:", "colour: red, fact:"), r"an unknown key \(colour\)"),
        ("- {id: 6-1, mark: unknown, state: inferred, fact: words}", "names its switch"),
    ],
)
def test_a_row_that_breaks_a_rule_is_named(text: str, complaint: str) -> None:
    with pytest.raises(LedgerUnreadable, match=complaint) as refused:
        read_facts(text)
    assert refused.value.fact_id in text


_MARKED = 'import pytest\n@pytest.mark.fact("a", "b")\ndef test_x(): ...\n'


def test_markers_are_read_without_running_anything() -> None:
    assert [one.fact_id for one in claims_in(_MARKED, "x.py")] == ["a", "b"]


@pytest.mark.parametrize(
    "wrong",
    [
        _MARKED.replace("test_x", "helper"),
        _MARKED.replace('"a", "b"', ""),
        _MARKED.replace('"b"', "NAME"),
        'import pytest\npytestmark = pytest.mark.fact("a")\n',
    ],
    ids=["no test", "no id", "computed", "whole module"],
)
def test_a_loose_marker_is_refused(wrong: str) -> None:
    with pytest.raises(AssertionError):
        list(claims_in(wrong, "x.py"))


def test_the_verb_prints_rows_and_counts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["facts"]) == 0
    *rows, total = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows if not row.startswith(" ")] == [
        one.id for one in facts()
    ]
    assert total.startswith(f"Всего: {len(facts())};")


@pytest.mark.parametrize("state", STATES)
def test_the_verb_filters(capsys: pytest.CaptureFixture[str], state: str) -> None:
    assert main(["facts", "--state", state, "--section", "3", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    wanted = [one for one in facts() if one.state == state and one.section.startswith("3.")]
    assert shown == [one.as_json() for one in wanted]
    assert shown


def test_a_section_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["facts", "--section", "9"]) == 2
    assert "раздела «9» нет" in capsys.readouterr().err
