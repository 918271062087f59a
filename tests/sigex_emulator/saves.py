"""An employee's save under a fault: what was there, what was asked for, what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from sigex_emulator.world.settings import ALL_BLOCKS, GUIDE_BLOCKS

from .drivers import Visitor, answer, message

Settings = dict[str, Any]

SETTINGS = "/api/organizationSettings"
FIRST, SECOND = 0, 1
"""The places of «Учёт договоров» and «Портал» among Alfa's information systems."""


class Saved:
    """A save with the state before it; nothing is read after it until somebody asks."""

    def __init__(self, person: Visitor) -> None:
        self.person = person
        self.before = person.settings()
        self.asked = {
            key: {**value, "tlsCertificatesIndices": [FIRST]} if key in GUIDE_BLOCKS else value
            for key, value in self.before.items()
        }

    def send(self) -> httpx.Response:
        return self.person.client.post(SETTINGS, json=self.asked, timeout=2)

    def after(self) -> Settings:
        return self.person.settings()

    def moved(self) -> dict[str, Any]:
        """Return what is stored otherwise than asked for; the save itself must have said yes."""
        assert message(answer(self.send())) == ""
        after = self.after()
        return {key: after[key] for key in self.asked if after[key] != self.asked[key]}


SaveMaker = Callable[[], Saved]


def ticks(settings: Settings) -> dict[str, list[int]]:
    return {name: settings[name]["tlsCertificatesIndices"] for name in ALL_BLOCKS}


def nothing_ticked() -> dict[str, list[int]]:
    return {name: [] for name in ALL_BLOCKS}
