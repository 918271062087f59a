"""A small TLS server, independent of the emulator, and an employee who calls it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sigex_runbook.api.client import Api
from sigex_runbook.api.exchange import Exchange
from sigex_runbook.api.line import tls_context
from sigex_runbook.api.session import OwnSession
from tests.builders import (
    CONTROL,
    SYSTEM,
    Pair,
    Reply,
    Service,
    known_pair,
    make_pair,
    running_service,
)
from tests.sigex_runbook.api.replies import COOKIE


@pytest.fixture(scope="module")
def authority() -> Pair:
    return make_pair("Test authority")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, authority: Pair) -> Path:
    """`ca.pem`, and a certificate with its key for each information system."""
    folder = tmp_path_factory.mktemp("tls")
    authority.save(folder, "ca")
    known_pair(SYSTEM).save(folder, "system")
    known_pair(CONTROL).save(folder, "control")
    return folder


@pytest.fixture(scope="module")
def running(authority: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    server = make_pair("127.0.0.1", issuer=authority)
    folder = tmp_path_factory.mktemp("server")
    with running_service(server, folder, clients=known_pair(SYSTEM)) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    """The server with nothing remembered."""
    running.calls.clear()
    running.answer = lambda _: Reply()
    return running


@pytest.fixture
def exchanges() -> list[Exchange]:
    return []


@pytest.fixture
def api(service: Service, files: Path, exchanges: list[Exchange]) -> Iterator[Api]:
    """An employee's view."""
    with Api(
        service.address,
        actor="employee",
        context=tls_context(files / "ca.pem"),
        session=OwnSession(COOKIE),
        record=exchanges.append,
    ) as api:
        yield api
