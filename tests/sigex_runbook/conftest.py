"""A service for runs: an emulator in this process, so that its world can be looked at and bent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sigex_emulator import Emulator
from sigex_emulator.world.switches import Switches
from tests.service import Service


@pytest.fixture(scope="session")  # its keys take a second
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(directory=tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture
def service(emulator: Emulator) -> Service:
    emulator.world.switches = Switches()
    emulator.world.reset()
    return Service(emulator)
