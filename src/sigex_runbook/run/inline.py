"""A papermill engine that executes a notebook's cells in this very process, without a kernel.

Each notebook gets a fresh namespace. What its cells show is gathered as a kernel's client would:
displays with their names and updates, a last expression's value, what is printed, the error that
stops it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from tempfile import mkdtemp
from typing import Any, cast

import nbformat.v4
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from papermill.engines import Engine
from traitlets.config import Config

_output = cast("Callable[..., Any]", nbformat.v4.new_output)


class InlineEngine(Engine):  # type: ignore[misc]
    """Executes cell after cell until one fails; papermill looks for the error afterwards."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, *_: Any, **__: Any) -> None:
        """What is meant for a kernel is of no concern here.

        Raises KeyboardInterrupt when somebody stops it.
        """
        shell = Shell.fresh()
        for number, cell in enumerate(nb_man.nb.cells):
            nb_man.cell_start(cell, number)
            try:
                if cell.cell_type == "code" and not shell.perform(cell):
                    nb_man.cell_exception(cell, number)
                    return
            finally:
                nb_man.cell_complete(cell, number)


class Shell(InteractiveShell):
    """IPython without a terminal, a history, or files of its own."""

    outputs: list[Any]
    """Those of the cell that is executed."""

    named: dict[str, Any]
    """Displays of this notebook by the names under which they may be replaced."""

    @classmethod
    def fresh(cls) -> Shell:
        """The one shell of this process, with nothing in its namespace."""
        settings = Config()
        settings.HistoryManager.enabled = False
        settings.InteractiveShell.colors = "nocolor"
        if not cls.initialized():
            cls.instance(config=settings, ipython_dir=mkdtemp(prefix="sigex-runbook-ipython-"))
        shell: Shell = cls.instance()
        cast("Any", shell).reset(new_session=True)
        shell.named = {}
        return shell

    def init_display_pub(self) -> None:
        """What cells display goes to their outputs."""
        self.display_pub = cast("Any", _Publisher)(parent=self, shell=self)

    def init_displayhook(self) -> None:
        """So does the value of a last expression."""
        cast("Any", super()).init_displayhook()
        self.displayhook = cast("Any", _Hook)(parent=self, shell=self)
        self.display_trap.hook = self.displayhook

    def perform(self, cell: Any) -> bool:
        """Execute one cell and give it its outputs; False when it failed. Raises
        KeyboardInterrupt."""
        self.outputs = cell.outputs
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            done = cast("Any", self).run_cell(cell.source, store_history=True)
        for name, said in (("stdout", out.getvalue()), ("stderr", err.getvalue())):
            if said:
                cell.outputs.append(_output("stream", name=name, text=said))
        cell.execution_count = done.execution_count
        error = done.error_before_exec or done.error_in_exec
        if error is not None:
            kind = type(error).__name__
            cell.outputs.append(
                _output("error", ename=kind, evalue=str(error), traceback=[f"{kind}: {error}"])
            )
        if isinstance(error, KeyboardInterrupt):
            raise error
        return error is None

    def showtraceback(self, *_: object, **__: object) -> None:
        """The error is in the cell's outputs."""


class _Publisher(DisplayPublisher):
    def publish(self, data: Any, metadata: Any = None, *_: Any, **how: Any) -> None:
        """Show something new, or in place of what bears the name."""
        name = (how.get("transient") or {}).get("display_id")
        shown = _output("display_data", data=data, metadata=metadata or {})
        if not how.get("update"):
            self.shell.outputs.append(shown)
            if name is not None:
                self.shell.named[name] = shown
        elif name in self.shell.named:
            self.shell.named[name].update(shown)


class _Hook(DisplayHook):
    def write_output_prompt(self) -> None:
        """None."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """The value, in every form that it has."""
        shown = {"data": format_dict, "metadata": md_dict or {}}
        cast("Any", self.shell).outputs.append(
            _output("execute_result", **shown, execution_count=self.prompt_count)
        )

    def finish_displayhook(self) -> None:
        """Nothing to end."""
        self._is_active = False
