"""The SIGEX access guide made executable.

Front door: `open_run` for the notebook, `run` for one order from a program, the errors by name.
"""

from .core.errors import RunbookError, RunFailed, UsageError

__all__ = ["RunFailed", "RunbookError", "UsageError"]
