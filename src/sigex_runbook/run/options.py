"""How a run is done, apart from what is ordered. Light: the command line reads it at once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sigex_runbook.api.line import check_address, tls_context
from sigex_runbook.core.errors import UsageError

_LONGEST_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Target:
    """Where the service is: people's address, the information systems' address, a CA to trust."""

    address: str
    mtls_address: str | None = None
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The service, whether a person sees the window, and how long a run may last."""

    target: Target
    visible: bool = False
    deadline_seconds: float = 300.0

    def __post_init__(self) -> None:
        """Raises UsageError for a deadline that no run can have."""
        if not 0 < self.deadline_seconds <= _LONGEST_SECONDS:  # also refuses «nan»
            raise UsageError(
                f"Срок запуска {self.deadline_seconds:g} с не подходит: укажите в --deadline число "
                f"секунд больше нуля и не больше {_LONGEST_SECONDS} (сутки)."
            )


def make_target(address: str, mtls_address: str | None, ca: Path | None) -> Target:
    """Check the addresses and the CA. Raises UsageError."""
    if ca is not None:
        tls_context(ca)
    return Target(
        check_address(address, "--target"),
        check_address(mtls_address, "--mtls-target") if mtls_address else None,
        ca,
    )
