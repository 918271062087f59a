"""The SIGEX access guide made executable.

Front door: `open_run` for the notebook, `run_order` for one order from a program, the errors by
name. (`sigex_runbook.run` is the room of runs.) Nothing heavy is loaded before it is asked for.
"""

from typing import TYPE_CHECKING

from .core.errors import RunbookError, RunFailed, UsageError

if TYPE_CHECKING:
    from .notebook import open_run
    from .run.run import run as run_order

__all__ = ["RunFailed", "RunbookError", "UsageError", "open_run", "run_order"]


def __getattr__(name: str) -> object:
    match name:
        case "open_run":
            from .notebook import open_run

            return open_run
        case "run_order":
            from .run.run import run

            return run
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
