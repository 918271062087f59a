"""The copy that a person executes: filled in, beside the results, the project's own untouched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.project import find_project
from sigex_runbook.run.in_notebook.copying import copy_notebook


def parameters(notebook: Path) -> dict[str, Any]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    cell = next(c for c in cells if "parameters" in c["metadata"].get("tags", []))
    values: dict[str, Any] = {}
    exec("".join(cell["source"]), values)  # noqa: S102 - what a kernel does with it
    return values


def test_what_was_asked_stands_in_the_copy(tmp_path: Path) -> None:
    source = find_project().notebook
    before = source.read_bytes()
    asked = {
        "order": tmp_path / "заказы" / 'a "b".yaml',
        "campaign": "весна",
        "visible": True,
        "deadline_seconds": 900.0,
    }
    copy = copy_notebook(source, tmp_path / "outputs", asked)
    found = parameters(copy)
    assert copy.parent == tmp_path / "outputs" / "notebooks"
    assert (copy.parent / found["order"]).resolve() == asked["order"]
    assert not Path(found["order"]).is_absolute()
    assert (copy.parent / found["outputs"]).resolve() == tmp_path / "outputs"
    assert (found["campaign"], found["visible"], found["deadline_seconds"]) == ("весна", True, 900)
    untouched = parameters(source)
    assert {name: found[name] for name in ("target", "ca", "language")} == {
        name: untouched[name] for name in ("target", "ca", "language")
    }
    assert source.read_bytes() == before


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "outputs").write_text("a file", encoding="utf-8")
    with pytest.raises(UsageError, match="не записать"):
        copy_notebook(find_project().notebook, tmp_path / "outputs", {})
