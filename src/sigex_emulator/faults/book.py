"""Which misbehaviours are switched on, organisation by organisation; none unless somebody asked."""

from __future__ import annotations

import threading
from typing import Any

from sigex_emulator.errors import ClientSideFault

from .catalogue import CATALOGUE, fault_named


class FaultBook:
    """Faults in force. False while there are none: nobody looks any further then.

    `delay_seconds` is how long the slow ones take; `memory` is what a fault remembers between two
    requests, and goes when it is cleared.
    """

    def __init__(self) -> None:
        self.delay_seconds = 1.5
        self._active: dict[str, set[str]] = {}
        self._memory: dict[tuple[str, str], dict[str, Any]] = {}
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._active)

    def set(self, organisation_bin: str, name: str) -> None:
        """Switch a fault on for an organisation.

        Raises UnknownFault, and ClientSideFault for one that only a client can bring about.
        """
        if fault_named(name).injected_by == "client":
            raise ClientSideFault(name)
        with self._lock:
            self._memory.pop((organisation_bin, name), None)
            self._active[organisation_bin] = self._active.get(organisation_bin, set()) | {name}

    def clear(self, organisation_bin: str | None = None, name: str | None = None) -> None:
        """Switch off one fault, all of an organisation, or (without arguments) all."""
        if name is not None:
            fault_named(name)
        with self._lock:
            for one in [organisation_bin] if organisation_bin else list(self._active):
                left = self._active.pop(one, set()) - ({name} if name else CATALOGUE.keys())
                if left:
                    self._active[one] = left
            for key in [key for key in self._memory if key[1] not in self._active.get(key[0], ())]:
                del self._memory[key]

    def active(self, organisation_bin: str | None) -> list[str]:
        """Return an organisation's faults in the order of the catalogue."""
        on = self._active.get(organisation_bin or "", set())
        return [name for name in CATALOGUE if name in on]

    def before_sign_in(self) -> list[str]:
        """Return what meets somebody who has not signed in: such faults of any organisation."""
        on = {name for names in list(self._active.values()) for name in names}
        return [name for name, fault in CATALOGUE.items() if fault.before_sign_in and name in on]

    def all(self) -> dict[str, list[str]]:
        """Return every organisation that has faults."""
        return {one: self.active(one) for one in list(self._active)}

    def memory(self, organisation_bin: str, name: str) -> dict[str, Any]:
        """Return what a fault noted for itself since it was switched on."""
        return self._memory.setdefault((organisation_bin, name), {})
