"""Runs of these tests share a browser and a pytest session, as the runs of one process may."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sigex_emulator import Emulator
from sigex_runbook.run.warmth import Warmth, kept
from tests.service import Service


@pytest.fixture(scope="session", autouse=True)
def warmth(emulator: Emulator) -> Iterator[Warmth]:
    with kept(Service(emulator).target) as kept_warm:
        yield kept_warm
