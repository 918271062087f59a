"""IPython for the cells of one notebook after another, in this process.

Each notebook gets a fresh namespace. What its cells show is gathered as a kernel's client would:
displays with their names and updates, a last expression's value, what is printed, the error that
stops it.
"""

from __future__ import annotations

import atexit
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from tempfile import mkdtemp
from typing import Any, ClassVar, cast

from IPython import get_ipython
from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from nbformat.notebooknode import from_dict
from traitlets.config import Config, SingletonConfigurable

from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.report.cells.output import forget_waiting


def _output(kind: str, **said: Any) -> NotebookNode:
    """An output of a cell, without nbformat's check of what is made here."""
    return cast("NotebookNode", cast("Any", from_dict)({"output_type": kind, **said}))


class _Compiler(CachingCompiler):
    """Keeps no cell's text: no traceback is shown, which alone would need it."""

    def cache(self, *_: object, **__: object) -> str:
        """What a cell's code says it is of."""
        return "<cell>"


class Shell(InteractiveShell):
    """IPython without a terminal, a history, or files of its own."""

    compiler_class = _Compiler

    outputs: list[Any]
    """Those of the cell that is executed."""

    named: dict[str, Any]
    """Displays of this notebook by the names under which they may be replaced."""

    listeners: list[Callable[[Any], object]]
    """Who hears what this notebook displays."""

    own: ClassVar[Shell | None] = None
    """The one that this process has once it has executed a notebook."""

    @classmethod
    @contextmanager
    def of_one_notebook(cls) -> Iterator[Shell]:
        """With nothing of another notebook in it; in here alone this process is one of IPython.

        Raises UsageError where another program's shell is.
        """
        if cast("Any", get_ipython)() is not None:
            raise UsageError(
                "Движок sigex-runbook выполняет блокнот прямо в этом процессе, а в нём уже "
                "работает ядро Jupyter или IPython. Вызовите papermill из обычного Python или "
                "командой, либо не указывайте движок: тогда у блокнота будет своё ядро. Ничего не "
                "начато."
            )
        shell = cls.own = cls.own or cls._made()
        for kind in cls.__mro__:
            if issubclass(kind, SingletonConfigurable) and kind is not SingletonConfigurable:
                cast("Any", kind)._instance = shell
        try:
            cast("Any", shell).reset(new_session=True)
            shell.named, shell.listeners = {}, []
            forget_waiting()
            yield shell
        finally:
            cls.clear_instance()

    @classmethod
    def _made(cls) -> Shell:
        settings = Config()
        settings.HistoryManager.enabled = False
        settings.InteractiveShell.colors = "nocolor"
        folder = mkdtemp(prefix="sigex-runbook-ipython-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        made: Shell = cls.instance(config=settings, ipython_dir=folder)
        return made

    def init_sys_modules(self) -> None:
        """This process goes on to be the program that it is."""

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
    def register_hook(self, hook: Callable[[Any], object]) -> None:
        """Call it with the message of each display, as a kernel's publisher does."""
        self.shell.listeners.append(hook)

    def unregister_hook(self, hook: Callable[[Any], object]) -> None:
        """Call it no longer."""
        self.shell.listeners.remove(hook)

    def publish(self, data: Any, metadata: Any = None, *_: Any, **how: Any) -> None:
        """Show something new, or in place of what bears the name."""
        transient = how.get("transient") or {}
        name = transient.get("display_id")
        for hook in self.shell.listeners:
            hook({"content": {"data": data, "metadata": metadata or {}, "transient": transient}})
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

    def flush(self) -> None:
        """Forget the values of last expressions. IPython would also collect all garbage, which
        takes longer than a step of the guide."""
        self._, self.__, self.___ = "", "", ""
        shell = cast("Any", self.shell)
        for names in (shell.user_ns, shell.user_ns_hidden):
            for number in range(1, self.prompt_count + 1):
                names.pop(f"_{number}", None)
        shell.user_ns["_oh"].clear()

    def finish_displayhook(self) -> None:
        """Nothing to end."""
        self._is_active = False
