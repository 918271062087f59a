"""Where a run was is told by its address."""

from __future__ import annotations

import pytest

from sigex_runbook.core.environment import Environment, Kind


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://sigex.kz", Kind.SERVICE),
        ("https://test.sigex.kz:8443", Kind.SERVICE),
        ("https://notsigex.kz", Kind.OTHER),
        ("https://sigex.kz.example", Kind.OTHER),
        ("https://127.0.0.1:39871", Kind.EMULATOR),
        ("https://localhost:8443", Kind.EMULATOR),
        ("https://[::1]:8443", Kind.EMULATOR),
    ],
)
def test_a_service_an_emulator_and_another_place(address: str, kind: Kind) -> None:
    assert Environment(address).kind is kind
