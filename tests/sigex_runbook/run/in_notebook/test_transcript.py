"""What the kernel keeps of the notebook: only what the project's own cells have shown."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sigex_runbook.evidence.report.cells.output import SentenceView
from sigex_runbook.run.in_notebook.transcript import Transcript

CELLS = ['order: str = ""', "run = open_run()", "run.section(1)", "run.verdict()"]


class Shell:
    """A kernel as far as a transcript sees it."""

    def __init__(self) -> None:
        self.user_ns: dict[str, list[str]] = {"In": [""]}
        self.display_pub = SimpleNamespace(unregister_hook=lambda _: None)

    def begin(self, cell: str) -> None:
        self.user_ns["In"].append(cell)


@pytest.fixture
def shell() -> Shell:
    return Shell()


@pytest.fixture
def transcript(shell: Shell, tmp_path: Path) -> Transcript:
    cells: list[dict[str, Any]] = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "source": source, "outputs": []}
        | {"execution_count": None}
        for n, source in enumerate(CELLS)
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "runbook.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return Transcript(shell, tmp_path / "runbook.ipynb", {"campaign": "весна"})


def say(transcript: Transcript, text: str, name: str | None = None) -> None:
    transient = {} if name is None else {"display_id": name}
    content = {"data": {"text/plain": text}, "metadata": {}, "transient": transient}
    transcript.hear({"content": content})


def told(notebook: Any) -> dict[str, list[str]]:
    return {
        cell.source: [output.data["text/plain"] for output in cell.outputs]
        for cell in notebook.cells
    }


def test_a_line_that_was_replaced_is_gone_and_the_verdict_stands_last(
    shell: Shell, transcript: Transcript
) -> None:
    shell.begin("run.section( 1 )  # with a remark")
    say(transcript, "Выполняю", "line")
    say(transcript, "Шаги", "line")
    say(transcript, "Снимок")
    shell.begin("run.verdict()")
    notebook = transcript.end(SentenceView("Выполнено (PASSED)"))
    assert told(notebook) == {
        CELLS[0]: [],
        "# Parameters\ncampaign = 'весна'": [],
        CELLS[1]: [],
        CELLS[2]: ["Шаги", "Снимок"],
        CELLS[3]: ["Выполнено (PASSED)"],
    }
    assert [cell.execution_count for cell in notebook.cells] == [None, None, None, 1, 2]


def test_a_cell_executed_again_shows_its_last_outputs(shell: Shell, transcript: Transcript) -> None:
    for text in ("раньше", "теперь"):
        shell.begin("run.section(1)")
        say(transcript, text)
    notebook = transcript.end(SentenceView(""))
    assert told(notebook)["run.section(1)"] == ["теперь"]
    assert notebook.cells[3].metadata["papermill"]["status"] == "running"
    assert told(notebook)["run.verdict()"] == []


def test_of_cells_that_are_not_the_projects_nothing_is_claimed(
    shell: Shell, transcript: Transcript
) -> None:
    shell.begin("run.section(1).show()")
    say(transcript, "Шаги")
    shell.begin("run.verdict()")
    assert transcript.end(SentenceView("")) is None
