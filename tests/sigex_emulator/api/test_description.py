"""The emulator's OpenAPI description says neither less nor more than the router does."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from sigex_emulator import Emulator
from sigex_emulator.api.description import describe
from sigex_emulator.api.not_imitated import NOT_IMITATED
from sigex_emulator.api.visit import Port
from sigex_emulator.application import make_application
from tests.sigex_emulator.drivers import VisitorMaker

PORTS: tuple[Port, ...] = ("people", "systems")


def _described(description: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, operations in description["paths"].items()
        for method in operations
    }


def _canonical(path: str) -> str:
    """A path without what its parts may look like."""
    return re.sub(r"{(\w+):[^/]+}", r"{\1}", path)


@pytest.mark.parametrize("port", PORTS)
def test_what_is_routed_is_described_and_the_other_way_round(
    emulator: Emulator, port: Port
) -> None:
    routed = {
        (route.method, route.resource.canonical)
        for route in make_application(
            emulator.world, port, dict.fromkeys(PORTS, "")
        ).router.routes()
        if route.resource and not route.resource.canonical.startswith("/emulator/")
    }
    not_imitated = {(method, _canonical(path)) for method, path in NOT_IMITATED}
    assert routed == _described(describe(port)) | not_imitated


@pytest.mark.parametrize("port", PORTS)
def test_each_port_serves_its_own(emulator: Emulator, visitor: VisitorMaker, port: Port) -> None:
    address = emulator.address if port == "people" else emulator.mtls_address
    response = visitor(signed_in=False).client.get(f"{address}/emulator/openapi.json")
    assert response.headers["content-type"].startswith("application/json")
    assert response.json() == describe(port)
    assert response.json()["openapi"] == "3.1.0"


def test_the_description_is_not_under_the_imitated_api(visitor: VisitorMaker) -> None:
    described = visitor(signed_in=False).client.get("/api/openapi.json")
    assert described.json()["message"] == "Invalid document identifier"
    assert described.status_code == httpx.codes.OK
