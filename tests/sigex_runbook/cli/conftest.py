"""Commands that are given in this process share a browser and a pytest session."""

from __future__ import annotations

import pytest

from sigex_runbook.run.warmth import Warmth


@pytest.fixture(scope="session", autouse=True)
def _warm(warmth: Warmth) -> None:
    """Whatever runs here."""
