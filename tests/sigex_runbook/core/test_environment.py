"""Where a run was is told by its address."""

from __future__ import annotations

import pytest

from sigex_runbook.core.environment import Environment, Kind


@pytest.mark.parametrize(
    ("address", "kind", "where"),
    [
        ("https://sigex.kz", Kind.SERVICE, "на https://sigex.kz"),
        ("https://test.sigex.kz:8443", Kind.SERVICE, "на https://test.sigex.kz:8443"),
        ("https://notsigex.kz", Kind.OTHER, "на https://notsigex.kz"),
        ("https://sigex.kz.example", Kind.OTHER, "на https://sigex.kz.example"),
        ("https://127.0.0.1:39871", Kind.EMULATOR, "на эмуляторе"),
        ("https://localhost:8443", Kind.EMULATOR, "на эмуляторе"),
        ("https://[::1]:8443", Kind.EMULATOR, "на эмуляторе"),
    ],
)
def test_a_service_an_emulator_and_another_place(address: str, kind: Kind, where: str) -> None:
    told = Environment(address)
    assert (told.kind, told.where) == (kind, where)
