"""The executed notebook as its kernel knows it: a pack is sealed before Jupyter writes its own."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from sigex_runbook.evidence.report.cells.output import View

_RUNNING = {"papermill": {"status": "running"}}
"""What papermill notes on the cell that it executes: the pack's notebook shows there what stopped
the run."""


class Transcript:
    """What a kernel shows while it executes the notebook's cells, as it goes out to Jupyter."""

    def __init__(self, shell: Any, source: Path, given: Mapping[str, object]) -> None:
        """`source` is the notebook as it stands in the project, `given` the parameters."""
        self._shell = shell
        self._source = source
        self._given = given
        self._shown: dict[str, tuple[int, dict[str, Any]]] = {}

    @classmethod
    def begin(cls, source: Path, given: Mapping[str, object]) -> Self | None:
        """Listen from now on; None where no kernel is."""
        from IPython import get_ipython

        shell = get_ipython()
        if not hasattr(getattr(shell, "display_pub", None), "register_hook"):
            return None
        transcript = cls(shell, source, given)
        shell.display_pub.register_hook(transcript.hear)
        return transcript

    def hear(self, message: dict[str, Any]) -> dict[str, Any]:
        """Remember one message that shows something, under the cell that is being executed."""
        content = message["content"]
        if "data" in content:
            executed = self._shell.user_ns["In"]
            count, cell = len(executed) - 1, _meaning(executed[-1])
            before, shown = self._shown.get(cell, (count, {}))
            if before != count:  # executed again
                shown = {}
            name = content.get("transient", {}).get("display_id", f"{len(shown)}")
            shown[name] = {"data": content["data"], "metadata": content.get("metadata", {})}
            self._shown[cell] = (count, shown)
        return message

    def end(self, verdict: View) -> Any:
        """The notebook as it has been executed up to now; the last cell shows the verdict.

        None when its cells are not those of the project, so that nobody can say what was shown.
        """
        import nbformat
        from nbformat.v4 import new_code_cell, new_output

        self._shell.display_pub.unregister_hook(self.hear)
        notebook = nbformat.read(self._source, as_version=4)  # type: ignore[no-untyped-call]
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        cells = {_meaning(cell.source): cell for cell in code}
        running = cells.get(_meaning(self._shell.user_ns["In"][-1]))
        if self._shown.keys() - cells.keys():
            return None
        for meaning, (count, shown) in self._shown.items():
            cells[meaning].execution_count = count
            cells[meaning].outputs = [new_output("display_data", **one) for one in shown.values()]  # type: ignore[no-untyped-call]
        if running is not None:
            running.execution_count = len(self._shell.user_ns["In"]) - 1
            running.metadata.update(_RUNNING)
        if running is code[-1]:
            running.outputs = [
                new_output("display_data", data=one.data, metadata=one.metadata)  # type: ignore[no-untyped-call]
                for one in verdict.outputs()
            ]
        said = "\n".join(f"{name} = {value!r}" for name, value in self._given.items())
        injected = new_code_cell(
            f"# Parameters\n{said}", metadata={"tags": ["injected-parameters"]}
        )  # type: ignore[no-untyped-call]
        notebook.cells.insert(notebook.cells.index(code[0]) + 1, injected)
        return notebook


def _meaning(source: str) -> str:
    """A cell without its comments and spaces."""
    try:
        return ast.unparse(ast.parse(source))
    except SyntaxError:
        return source
