"""A papermill engine that executes a notebook's cells in this very process, without a kernel.

Named in pyproject.toml, so that papermill knows it wherever this program is installed. papermill
loads it whenever it is imported: what is heavy comes with the first notebook.
"""

from __future__ import annotations

from typing import Any

from papermill.engines import Engine


class InlineEngine(Engine):  # type: ignore[misc]
    """Executes cell after cell until one fails; papermill looks for the error afterwards."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, *_: Any, **__: Any) -> None:
        """What is meant for a kernel is of no concern here.

        Raises UsageError in the process of a kernel, KeyboardInterrupt when somebody stops it.
        """
        from .shell import Shell

        with Shell.of_one_notebook() as shell:
            for number, cell in enumerate(nb_man.nb.cells):
                nb_man.cell_start(cell, number)
                try:
                    if cell.cell_type == "code" and not shell.perform(cell):
                        nb_man.cell_exception(cell, number)
                        return
                finally:
                    nb_man.cell_complete(cell, number)
