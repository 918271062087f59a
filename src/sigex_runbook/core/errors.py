"""Every error of ours, with the exit code that an operator's shell sees.

RunbookError
├── UsageError                exit 2: nothing was touched, nothing was started
│   ├── OrderError            the order file cannot be used as it stands
│   └── EnvironmentMissing    a browser, a font or a file of the machine is missing
└── RunFailed                 exit 1: the run began and did not reach what was ordered
    ├── SignInFailed          section 1 did not end in a session of the right organisation
    ├── ServiceUnavailable    the service did not answer, or not in its own protocol
    ├── ServiceRefused        the service answered with a `message`
    ├── ControlNotFound       a callout's control is missing, doubled or out of reach
    ├── GuideBroken           the screen answered, but not as the guide says
    ├── DeadlinePassed        the run took longer than it may
    ├── NotRecorded           evidence could not be written to the disk
    └── NotSealed             the run ended, its pack could not be sealed
"""

from __future__ import annotations

from .record import Drift


class RunbookError(Exception):
    """Base of our errors: one sentence for the operator that ends in the next action."""

    exit_code = 1

    def _render_traceback_(self) -> list[str]:
        """Show the sentence alone where a notebook would print a traceback (IPython's hook)."""
        return [str(self)]


class UsageError(RunbookError):
    """What was given cannot be used; refused before anything was touched."""

    exit_code = 2


class OrderError(UsageError):
    """An order that cannot be carried out as it stands."""


class EnvironmentMissing(UsageError):
    """Something that this machine must have is not there."""


class RunFailed(RunbookError):
    """The run began and could not reach the ordered state.

    `section` and `callout` are the guide's numbers where they are known, else None.
    """

    def __init__(
        self, message: str, *, section: int | None = None, callout: int | None = None
    ) -> None:
        super().__init__(message)
        self.section = section
        self.callout = callout


class SignInFailed(RunFailed):
    """No session of the ordered organisation."""


class ServiceUnavailable(RunFailed):
    """The service did not answer, or not in its own protocol."""


class ServiceRefused(RunFailed):
    """The service answered with a `message`, kept as `reason` (sigex-facts 3.6)."""

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class ControlNotFound(RunFailed):
    """A callout resolves to no control, to several, or to one that cannot be shown or pressed.

    `drift` says how it differs from the guide, where the page told.
    """

    def __init__(
        self,
        message: str,
        *,
        section: int | None = None,
        callout: int | None = None,
        drift: Drift | None = None,
    ) -> None:
        super().__init__(message, section=section, callout=callout)
        self.drift = drift


class GuideBroken(RunFailed):
    """The page answered, but not as the guide says."""


class DeadlinePassed(RunFailed):
    """The run took longer than it may."""


class NotRecorded(RunFailed):
    """What the run found could not be written to the disk: it must not go on unrecorded."""


class NotSealed(RunFailed):
    """The run ended, but there is no sealed pack of it; `saved` as in its result."""

    def __init__(self, message: str, *, saved: str) -> None:
        super().__init__(message)
        self.saved = saved
