"""Runs of these tests share a browser and a pytest session, as the runs of one process may."""

from __future__ import annotations

import pytest

from sigex_runbook.run.warmth import Warmth


@pytest.fixture(scope="session", autouse=True)
def _warm(warmth: Warmth) -> None:
    """Whatever runs here."""
