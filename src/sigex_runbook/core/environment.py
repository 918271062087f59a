"""Where a run was: on the service itself, on an emulator on this machine, or somewhere else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

_SERVICE = "sigex.kz"
_OWN_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})


class Kind(StrEnum):
    """What stands at the address."""

    SERVICE = "service"
    EMULATOR = "emulator"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Environment:
    """The address that a run was given."""

    address: str

    @property
    def kind(self) -> Kind:
        """What stands there: nothing but emulators answers on one's own machine."""
        host = urlsplit(self.address).hostname or ""
        if host == _SERVICE or host.endswith(f".{_SERVICE}"):
            return Kind.SERVICE
        return Kind.EMULATOR if host in _OWN_MACHINE else Kind.OTHER

    @property
    def where(self) -> str:
        """Beside a verdict: «на эмуляторе», or the address."""
        return "на эмуляторе" if self.kind is Kind.EMULATOR else f"на {self.address}"
