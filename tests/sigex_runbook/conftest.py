"""A service for runs: an emulator in this process, so that its world can be looked at and bent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sigex_emulator import Emulator
from sigex_emulator.world.switches import Switches
from sigex_runbook.run.warmth import Warmth, kept
from tests.service import Service


@pytest.fixture(scope="session")  # its keys take a second
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    with Emulator(directory=tmp_path_factory.mktemp("emulator")) as running:
        yield running


@pytest.fixture(autouse=True)
def waiting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that results shall replace: a test that calls cells itself shows no results, and
    its lines must not wait for those of a notebook that is executed here later."""
    lines: list[str] = []
    monkeypatch.setattr("sigex_runbook.evidence.report.cells.output._waiting", lines)
    return lines


@pytest.fixture(scope="session")
def warmth(emulator: Emulator) -> Iterator[Warmth]:
    """What runs at this emulator share: a browser and a pytest session, begun by the first one."""
    with kept(Service(emulator).target) as kept_warm:
        yield kept_warm


@pytest.fixture
def service(emulator: Emulator) -> Service:
    emulator.world.switches = Switches()
    emulator.world.reset()
    return Service(emulator)
