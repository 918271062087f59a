"""Schemathesis asks both ports what nobody thought of; every answer keeps the description's word.

Derandomised: the same questions at every run. `src/sigex_emulator/README.md` says how to
ask for longer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sigex_emulator import Emulator
from sigex_emulator.api.description import describe
from sigex_emulator.api.visit import Port
from sigex_emulator.messages import Message
from sigex_emulator.pki.identity import read_identity
from sigex_emulator.world.egov_qr import Operation, Stage
from sigex_emulator.world.sessions import Session
from sigex_emulator.world.settings import ALL_BLOCKS
from sigex_emulator.world.switches import EmptyLists
from sigex_emulator.world.world import World
from tests.sigex_emulator.drivers import ALFA, CONTRACTS

_HELD = timedelta(seconds=0.2)
EXAMPLES = int(os.environ.get("SIGEX_EXAMPLES", "8"))
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]

Visit = tuple[requests.Session, dict[str, str]]
Enter = Callable[[], Visit]


def _operations(port: Port) -> list[str]:
    return [
        f"{method.upper()} {path}"
        for path, operations in describe(port)["paths"].items()
        for method in operations
    ]


_QR_IDS = dict(zip(get_args(Stage), ("1" * 16, "2" * 16, "3" * 16, "4" * 16), strict=True))
"""A signing by QR code in each of its stages."""


def _begin_qr_operations(world: World) -> None:
    """Put one there in each stage, for so short a time that a call is not held for long."""
    now = world.clock.now()
    world.egov_qr.clear()
    for stage, qr_id in _QR_IDS.items():
        operation = Operation(qr_id, "", now + _HELD)
        if stage != "registered":
            operation = operation.offer(b"{}").open("key")
        if stage in {"fetched", "signed"}:
            operation = operation.fetch("key")
        if stage == "signed":
            operation = operation.sign("key", b"{}")
        world.egov_qr.register(operation, now, len(_QR_IDS))


def _about(description: dict[str, Any], document_ids: list[str]) -> dict[str, Any]:
    """Let questions be about real documents and QR codes: nobody guesses an id."""
    ids = {"document_id": document_ids, "qr_id": list(_QR_IDS.values())}
    for operations in description["paths"].values():
        for operation in operations.values():
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    parameter["schema"] = {"enum": ids[parameter["name"]]}
    return description


@pytest.fixture
def enter_people(emulator: Emulator) -> Iterator[Enter]:
    """Sign the head in: his session is opened without a signature, which others test."""
    world = emulator.world
    identity = read_identity(world.organisations[ALFA].key_of("head").certificate)
    with requests.Session() as client:
        client.trust_env = False  # nor may a proxy or another root come in between
        client.verify = str(emulator.directory / "ca.pem")

        def enter() -> Visit:
            session = Session("asked", identity, world.clock.now())
            token = world.sessions.open(
                session.session_id, identity, world.clock.now(), timedelta(hours=1)
            )
            return client, {"jwt": token}

        yield enter


@pytest.fixture
def enter_systems(emulator: Emulator) -> Iterator[Enter]:
    stem: Path = emulator.directory / "information-systems" / ALFA / "1"
    with requests.Session() as client:
        client.trust_env = False  # nor may a proxy or another root come in between
        client.verify = str(emulator.directory / "ca.pem")
        client.cert = (f"{stem}.pem", f"{stem}.key")

        def enter() -> Visit:
            for block in ALL_BLOCKS:
                emulator.world.grant(ALFA, block, CONTRACTS)
            return client, {}

        yield enter


def _ask(emulator: Emulator, port: Port, label: str, mode: GenerationMode, enter: Enter) -> int:
    """Ask one call many things; return how many answers were no error."""
    address = emulator.address if port == "people" else emulator.mtls_address
    world = emulator.world
    world.reset()
    ids = world.organisations[ALFA].document_ids
    described = _about(describe(port, world.switches.empty_lists), ids[:2])
    schema = schemathesis.openapi.from_dict(described)
    method, path = label.split(" ")
    operation = schema[path][method]
    untouched, documents = world.organisations[ALFA].settings, dict(world.documents)
    authority = str(emulator.directory / "ca.pem")
    successes = 0

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Any) -> None:
        nonlocal successes
        # An id that was spoiled may happen to be the name of another call.
        assume(path == case.formatted_path or case.formatted_path not in described["paths"])
        world.put_settings(ALFA, untouched)
        world.documents.update(documents)
        _begin_qr_operations(world)
        client, cookies = enter()
        response = case.call(base_url=address, session=client, cookies=cookies, verify=authority)
        case.validate_response(response, checks=CHECKS)
        answer = response.json()
        assert answer.get("message") != Message.UNEXPECTED, answer
        successes += "message" not in answer

    one()
    return successes


# Calls that this caller can never make succeed: they are asked, and refuse well.
REFUSED = {
    ("people", "POST /api/{document_id}/data"),  # a registration must have begun
    *(("systems", label) for label in ("POST /api/auth", "GET /api/auth", "GET /api/authLog")),
    ("systems", "POST /api/{document_id}/data"),
    ("people", "POST /api"),  # nor does anybody guess a signature
    # no phone comes to fetch what is sent, and nobody guesses a phone's key
    *((port, "POST /api/egovQr/{qr_id}") for port in ("people", "systems")),
    ("people", "GET /api/egovQr/egov/{qr_id}/data"),
    ("people", "PUT /api/egovQr/egov/{qr_id}/data"),
}


@pytest.mark.parametrize(
    ("port", "label"), [(port, label) for port in get_args(Port) for label in _operations(port)]
)
def test_every_call_answers_as_it_is_described(
    request: pytest.FixtureRequest, emulator: Emulator, port: Port, label: str
) -> None:
    enter: Enter = request.getfixturevalue(f"enter_{port}")
    successes = _ask(emulator, port, label, MODES[0], enter)
    assert successes or (port, label) in REFUSED
    if _can_be_wrong(label):
        _ask(emulator, port, label, MODES[1], enter)


@pytest.mark.parametrize("reading", ["null", "absent"])
@pytest.mark.parametrize(
    "label",
    [
        "GET /api/organizationSettings",
        "POST /api/organizationSettings",
        "GET /api/organizationSettingsAudit",
        "GET /api",
        "GET /api/{document_id}",
    ],
)
def test_other_empty_lists_are_described_too(
    emulator: Emulator, enter_people: Enter, reading: EmptyLists, label: str
) -> None:
    emulator.world.switches = replace(emulator.world.switches, empty_lists=reading)
    assert _ask(emulator, "people", label, MODES[0], enter_people)


def _can_be_wrong(label: str) -> bool:
    """Tell whether a call takes anything that can be of the wrong shape."""
    method, path = label.split(" ")
    operation = describe("people")["paths"][path][method.lower()]
    json_body = "application/json" in operation.get("requestBody", {}).get("content", {})
    return bool(operation["parameters"] or json_body)
