"""An emulator with an order for it, and its world seen from outside of any client."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sigex_emulator import Emulator
from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.order import Order, parse_order
from sigex_runbook.run.options import Target
from sigex_runbook.run.sample import sample_order

ORGANISATION = "200240002381"
OTHER_ORGANISATION = "000740000728"
SYSTEM = "Учёт договоров"
NOTHING = {block.value: () for block in AccessBlock}
EVERYTHING = {block.value: (0,) for block in AccessBlock}


@dataclass(frozen=True)
class Service:
    emulator: Emulator

    @property
    def target(self) -> Target:
        return Target(
            self.emulator.address, self.emulator.mtls_address, self.emulator.directory / "ca.pem"
        )

    def arguments(self) -> list[str]:
        """How the command line reaches this service."""
        return [
            "--target",
            self.emulator.address,
            "--mtls-target",
            self.emulator.mtls_address,
            "--ca",
            str(self.emulator.directory / "ca.pem"),
        ]

    def order_text(self, **replace: str) -> str:
        """The sample order for this emulator, with pieces of its text replaced."""
        text = sample_order(self.emulator.directory)
        for old, new in replace.items():
            assert old in text, old
            text = text.replace(old, new)
        return text

    def order(self, replace: dict[str, str] | None = None) -> Order:
        return parse_order(self.order_text(**(replace or {})), path=Path("order.yaml"))

    def granted(self) -> dict[str, tuple[int, ...]]:
        """Which information systems each block names, read straight from the world."""
        settings = self.emulator.world.settings_of(ORGANISATION)
        assert settings is not None
        return {
            block.value: tuple(settings.blocks[block.value].tls_certificate_indices)
            for block in AccessBlock
        }

    def people_numbers(self) -> list[str]:
        """Every ИИН of the world."""
        return [person["iin"] for person in self._people()]

    def passwords(self) -> list[str]:
        """Every password of the world."""
        return [
            (self.emulator.directory / person["password_file"]).read_text("utf-8").strip()
            for person in self._people()
        ]

    def _people(self) -> list[dict[str, Any]]:
        world = json.loads((self.emulator.directory / "emulator.json").read_text("utf-8"))
        employees = [person for o in world["organisations"] for person in o["people"]]
        return [*employees, *world["private_persons"]]
