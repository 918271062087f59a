"""Cells executed in this process show what they would through a kernel, each notebook alone."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Sequence
from typing import Any

import IPython
import papermill
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from papermill.engines import papermill_engines
from papermill.exceptions import PapermillExecutionError

from sigex_runbook.core.errors import UsageError
from sigex_runbook.run.inline import shell
from sigex_runbook.run.inline.engine import InlineEngine

_NAME = "inline"


def execute(*sources: str, kept: list[Any] | None = None) -> Any:
    """The executed notebook; `kept` gets it also when it fails."""

    class Seen(InlineEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> None:
            if kept is not None:
                kept.append(nb_man.nb)
            super().execute_managed_notebook(nb_man, kernel_name, **options)

    papermill_engines.register(_NAME, Seen)
    notebook: Any = new_notebook(  # type: ignore[no-untyped-call]
        cells=[new_code_cell(source) for source in sources],  # type: ignore[no-untyped-call]
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "x"}},
    )
    return papermill.execute_notebook(notebook, None, engine_name=_NAME, progress_bar=False)


def shown(notebook: Any) -> Sequence[Sequence[tuple[str, Any]]]:
    return [
        [
            (one.output_type, one.get("data", {}).get("text/plain") or one.get("text"))
            for one in cell.outputs
        ]
        for cell in notebook.cells
    ]


def test_what_cells_show_is_in_their_outputs() -> None:
    done = execute(
        "print('сказано')\n6 * 7",
        "from IPython.display import display\n"
        "line = display({'text/plain': 'жду'}, raw=True, display_id='line')\n"
        "display({'text/plain': 'вот'}, raw=True, display_id='line', update=True)\n"
        "display({'text/plain': 'ещё'}, raw=True)\nNone",
    )
    assert shown(done) == [
        [("execute_result", "42"), ("stream", "сказано\n")],
        [("display_data", "вот"), ("display_data", "ещё")],
    ]
    assert [cell.execution_count for cell in done.cells] == [1, 2]
    assert [cell.metadata.papermill.status for cell in done.cells] == ["completed"] * 2
    assert "transient" not in str(done)


def test_the_error_of_a_cell_stops_the_notebook() -> None:
    kept: list[Any] = []
    with pytest.raises(PapermillExecutionError) as stopped:
        execute("1", "{}['нет']", "print('дальше')", kept=kept)
    assert (stopped.value.ename, stopped.value.evalue) == ("KeyError", "'нет'")
    states = [cell.metadata.get("papermill", {}).get("status") for cell in kept[0].cells]
    assert states[-2:] == ["failed", "pending"]
    assert kept[0].cells[-1].outputs == []


def test_nothing_of_one_notebook_is_left_for_the_next() -> None:
    execute("planted = 'первая'\nimport json\n_ = planted")
    with pytest.raises(PapermillExecutionError, match="NameError"):
        execute("planted")
    done = execute("[one for one in globals() if not one.startswith('_')]", "In[1:-1], Out")
    assert "planted" not in str(done)
    assert "json" not in str(done.cells[0].outputs)
    assert "первая" not in str(done)


def test_no_text_of_a_cell_outlives_its_notebook() -> None:
    execute("planted = 'первая'")
    assert "первая" not in str(list(linecache.cache.values()))


def test_who_listens_hears_what_their_own_notebook_displays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listen = "heard = []\nget_ipython().display_pub.register_hook(heard.append)\n"
    show = "display({'text/plain': 'показано'}, raw=True, display_id='line')\n"
    done = execute(listen + show, "get_ipython().display_pub.unregister_hook(heard.append)\nheard")
    assert "показано" in str(done.cells[1].outputs), "nobody heard"
    assert "'display_id': 'line'" in str(done.cells[1].outputs)
    planted: list[Any] = []
    monkeypatch.setattr(shell, "planted", planted, raising=False)
    execute(
        "from sigex_runbook.run.inline import shell\n"
        "get_ipython().display_pub.register_hook(shell.planted.append)"
    )
    execute(show)
    assert planted == [], "a listener of one notebook hears the next"


def test_a_line_that_waits_for_a_result_waits_for_no_other_notebooks() -> None:
    load = "from sigex_runbook.evidence.report.cells.output import SentenceView, working\n"
    execute(load + "with working('Жду.'): pass")
    [[(_, text)]] = shown(execute(load + "SentenceView('Готово.').show()"))
    assert text == "Готово."


def test_another_programs_shell_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell, "get_ipython", object)
    with pytest.raises(UsageError, match="уже работает ядро"):
        execute("1")


def test_an_interrupt_of_the_process_goes_through() -> None:
    kept: list[Any] = []
    with pytest.raises(KeyboardInterrupt):
        execute("1", "raise KeyboardInterrupt", kept=kept)
    assert kept[0].cells[0].outputs


def test_a_process_is_what_it_was_once_a_notebook_is_executed() -> None:
    before = sys.modules["__main__"]
    done = execute("get_ipython() is not None")
    assert shown(done) == [[("execute_result", "True")]]
    assert IPython.get_ipython() is None
    assert sys.modules["__main__"] is before
