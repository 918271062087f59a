"""The notebook as it stands in git: the guide's prose, few calls, no outputs, known parameters."""

from __future__ import annotations

import ast
import inspect
import io
import json
import re
import tokenize
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import pytest

from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.project import find_project
from sigex_runbook.notebook import open_run
from sigex_runbook.run.runbook import Runbook

NOTEBOOKS = sorted((find_project().root / "notebooks").glob("*.ipynb"))
SECRET = re.compile(r"парол|password|secret|token|jwt|pin", re.IGNORECASE)


def cells(path: Path | None = None) -> list[dict[str, Any]]:
    path = path or find_project().notebook
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return found


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def code() -> list[str]:
    return [source(cell) for cell in cells() if cell["cell_type"] == "code"]


def prose(heading: str) -> str:
    """The text under a heading, without the marks of emphasis."""
    (text,) = [
        source(cell)
        for cell in cells()
        if cell["cell_type"] == "markdown" and source(cell).startswith(f"## {heading}\n")
    ]
    return " ".join(text.partition("\n")[2].replace("**", "").split())


def parameters_cell() -> str:
    (cell,) = [c for c in cells() if "parameters" in c["metadata"].get("tags", [])]
    return source(cell)


def assignments() -> list[ast.AnnAssign]:
    body = ast.parse(parameters_cell()).body
    assert all(isinstance(statement, ast.AnnAssign) for statement in body), "annotate every one"
    return [statement for statement in body if isinstance(statement, ast.AnnAssign)]


def parameters() -> dict[str, inspect.Parameter]:
    """What the run's front door takes."""
    return dict(inspect.signature(open_run).parameters)


# -- prose


@pytest.mark.parametrize("number", range(1, 9))
def test_a_section_is_told_in_the_guides_own_words(number: int) -> None:
    section = load_guide().section(number)
    assert prose(f"{number}. {section.title.ru}") == section.wording.ru


@pytest.mark.parametrize("number", range(1, 9))
def test_a_sections_call_follows_its_prose(number: int) -> None:
    found = cells()
    heading = f"## {number}. "
    place = next(i for i, cell in enumerate(found) if source(cell).startswith(heading))
    assert source(found[place + 1]).strip() == f"run.section({number})"


def test_the_calls_come_in_the_only_possible_order() -> None:
    """Plan before the first change, verification after the last, the verdict at the end: a program
    walks as the notebook does."""
    walked = create_autospec(Runbook, instance=True)
    assert len(list(Runbook.walk(walked))) == 10
    calls = re.findall(r"run(\.\w+\(\d*\))", "\n".join(code()))
    assert calls[0] == ".order_view()"
    assert calls[1:-2] == [str(call).removeprefix("call") for call in walked.method_calls]
    assert calls[-2:] == [".guide()", ".verdict()"]


def test_the_notebook_says_what_it_does_not_prove() -> None:
    assert prose("Чего это не доказывает")


# -- code


@pytest.mark.parametrize("text", code())
def test_a_code_cell_is_a_call_or_two(text: str) -> None:
    tree = ast.parse(text)
    forbidden = (
        ast.For, ast.While, ast.If, ast.Try, ast.With, ast.FunctionDef, ast.AsyncFunctionDef,
        ast.ClassDef, ast.Lambda, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp,
        ast.Assert, ast.Delete, ast.Raise,
    )  # fmt: skip
    assert not [node for node in ast.walk(tree) if isinstance(node, forbidden)]
    assert len([node for node in ast.walk(tree) if isinstance(node, ast.Call)]) <= 2
    assert not re.search(r"^\s*[%!]", text, re.MULTILINE)


def test_the_notebook_knows_the_package_by_one_name() -> None:
    imports = [
        node
        for text in code()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert [ast.unparse(node) for node in imports] == [
        "from sigex_runbook.notebook import open_run"
    ]


# -- parameters


def test_the_parameters_are_those_of_the_front_door() -> None:
    names = [ast.unparse(assignment.target) for assignment in assignments()]
    assert names == list(parameters())


def test_types_and_defaults_are_those_of_the_front_door() -> None:
    """A default that differed here would hold in Jupyter and not for a program, or the reverse."""
    for assignment in assignments():
        parameter = parameters()[ast.unparse(assignment.target)]
        assert ast.unparse(assignment.annotation) == parameter.annotation
        assert assignment.value is not None
        value = ast.literal_eval(assignment.value)
        assert value == parameter.default
        assert type(value).__name__ == parameter.annotation


def test_every_parameter_is_explained_beside_it() -> None:
    """Help for the parameters is made of these comments."""
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(parameters_cell()).readline)
        if token.type == tokenize.COMMENT
    }
    for assignment in assignments():
        assert re.search("[а-яё]{3}", comments.get(assignment.lineno, "").lower())


def test_every_parameter_is_handed_on_under_its_own_name() -> None:
    (call,) = [
        node
        for text in code()
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "open_run"
    ]
    assert call.args == []
    handed = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
    assert handed == {name: name for name in parameters()}


def test_no_parameter_could_hold_a_secret() -> None:
    """papermill writes parameters into the executed notebook in clear."""
    assert not [name for name in parameters() if SECRET.search(name)]


# -- the file in git


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_no_outputs_and_no_traces_of_an_execution(path: Path) -> None:
    """Nor a tag such as «raises-exception», with which a failed cell would not stop the run."""
    for cell in cells(path):
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        assert cell["metadata"] in ({}, {"tags": ["parameters"]})
    assert set(json.loads(path.read_text(encoding="utf-8"))["metadata"]) <= {
        "kernelspec",
        "language_info",
    }


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_cells_have_ids_that_differ_and_stay(path: Path) -> None:
    """Without ids every save makes new ones, and no diff can be read."""
    ids = [cell["id"] for cell in cells(path)]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_no_cell_holds_this_machines_paths_or_an_organisations_number(path: Path) -> None:
    for cell in cells(path):
        assert not re.search(r"(?<!\d)\d{12}(?!\d)|/home/|/[r]oot/|[A-Z]:\\", source(cell))
