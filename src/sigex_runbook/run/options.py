"""How a run is done, apart from what is ordered. Light: the command line reads it at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.api.line import check_address, tls_context
from sigex_runbook.core.errors import UsageError

from .progress import Watch, unwatched

if TYPE_CHECKING:
    from sigex_runbook.core.order import Order
    from sigex_runbook.site.reading.locators_file import LocatorsFile

_LONGEST_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Target:
    """Where the service is: people's address, the information systems' address, a CA to trust."""

    address: str
    mtls_address: str | None = None
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The service, whether a person sees the window, and how long a run may last.

    `locators` say where on the page controls are, over what ships; `watch` hears how far it is.
    """

    target: Target
    visible: bool = False
    deadline_seconds: float = 300.0
    locators: LocatorsFile | None = None
    watch: Watch = unwatched

    def __post_init__(self) -> None:
        """Raises UsageError for a deadline that no run can have."""
        if not 0 < self.deadline_seconds <= _LONGEST_SECONDS:  # also refuses «nan»
            raise UsageError(
                f"Срок запуска {self.deadline_seconds:g} с не подходит: укажите в --deadline число "
                f"секунд больше нуля и не больше {_LONGEST_SECONDS} (сутки)."
            )


def with_locators_of(order: Order, options: Options) -> Options:
    """The options of one order's run: locators that the command was given go before those that the
    order names, which are read here. Raises UsageError."""
    if options.locators is not None or order.locators is None:
        return options
    from sigex_runbook.site.reading.locators_file import load_locators

    return replace(options, locators=load_locators(order.locators))


def make_target(address: str, mtls_address: str | None, ca: Path | None) -> Target:
    """Check the addresses and the CA. Raises UsageError."""
    if ca is not None:
        tls_context(ca)
    return Target(
        check_address(address, "--target"),
        check_address(mtls_address, "--mtls-target") if mtls_address else None,
        ca,
    )
