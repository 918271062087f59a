"""Signing by QR code over the API: the steps, the held calls, and the four messages."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from sigex_emulator import Emulator, World
from sigex_emulator.bell import Bell
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.world.egov_qr import MIMES, SIGN_METHODS
from tests.sigex_emulator.conftest import Watched
from tests.sigex_emulator.drivers import Visitor, VisitorMaker, message, system_client
from tests.sigex_emulator.phone import Phone, read_code

TIMEOUT = "QR signing operation timeout"
NOT_ACTIVE = "QR signing operation is not active"
WRONG_STATE = "Invalid QR signing state"
TOO_MANY = "Too much users use QR signing"
STRUCTURE = "Invalid JSON request structure"

Later = Callable[..., "Future[Any]"]


@pytest.fixture
def later() -> Iterator[Later]:
    """Make a call that may be held, in a thread of its own."""
    with ThreadPoolExecutor() as pool:
        yield pool.submit


@pytest.fixture
def caller(visitor: VisitorMaker) -> Visitor:
    return visitor(signed_in=False)


@pytest.fixture
def phone(caller: Visitor) -> Phone:
    return Phone(caller.client, caller.signer)


def asked(data: bytes = b"nonce", **more: Any) -> dict[str, Any]:
    file = {"mime": "", "data": base64.b64encode(data).decode()}
    document = {"id": 1, "nameRu": "Вход", "nameKz": "Кіру", "nameEn": "Sign in", "meta": []}
    return {
        "signMethod": "CMS_SIGN_ONLY",
        "documentsToSign": [{**document, "document": {"file": file}}],
        **more,
    }


def begin(caller: Visitor) -> dict[str, Any]:
    return caller.post("/api/egovQr", {"description": "Вход"})


def switch(world: World, **switches: Any) -> None:
    world.switches = replace(world.switches, **switches)


@pytest.mark.fact("4.3-create", "4.3-variants", "4.3-phone")
def test_a_code_is_a_picture_of_its_link(
    emulator: Emulator, caller: Visitor, clock: ShiftedClock
) -> None:
    operation = begin(caller)
    picture = base64.b64decode(operation["qrCode"])
    with Image.open(io.BytesIO(picture)) as image:
        assert image.format == "PNG"
    assert read_code(picture) == operation["eGovMobileLaunchLink"]
    assert operation["eGovBusinessLaunchLink"].startswith("businessSign:https://")
    for name in ("dataURL", "signURL"):
        assert operation[name].startswith(f"{emulator.address}/api/egovQr/")
        path = operation[name].removeprefix(emulator.address)
        assert operation[f"{name}mTLS"] == f"{emulator.mtls_address}{path}"
        assert operation[f"{name}Auto"] == operation[name]
    lifetime = emulator.world.switches.qr_lifetime / timedelta(milliseconds=1)
    assert 0 <= emulator.world.now_ms + lifetime - operation["expireAt"] < 60_000


@pytest.mark.fact("4.3-data", "4.3-signatures", "4.3-once")
def test_both_calls_are_held_until_the_phone_does_its_part(
    caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    operation = begin(caller)
    data = later(caller.post, operation["dataURL"], asked())
    held.began.acquire()
    assert not data.done()
    fetched = phone.open(operation["eGovMobileLaunchLink"])
    assert (fetched["description"], fetched["expireAt"]) == ("Вход", operation["expireAt"])
    assert {key: fetched[key] for key in asked()} == asked()
    assert data.result() == {
        name: operation[name] for name in ("expireAt", "signURL", "signURLmTLS", "signURLAuto")
    }

    # Only one phone gets the data, and nobody else can sign for it.
    assert message(phone.open(operation["eGovMobileLaunchLink"])) == WRONG_STATE
    assert message(phone.sign({**fetched, "key": "another"})) == WRONG_STATE
    assert message(caller.post(operation["dataURL"], asked(b"other"))) == WRONG_STATE

    held.began = threading.Semaphore(0)
    signatures = later(caller.get, operation["signURL"])
    held.began.acquire()
    assert not signatures.done()
    assert phone.sign(fetched) == {}
    signed = signatures.result()
    [document] = signed["documentsToSign"]
    assert signed["signMethod"] == "CMS_SIGN_ONLY"
    assert document["id"] == 1
    assert base64.b64decode(document["document"]["file"]["data"])[:1] == b"\x30"  # DER


@pytest.mark.fact("4.3-data")
def test_a_phone_may_be_quicker_than_the_page(
    caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    operation = begin(caller)
    fetched = later(phone.open, operation["eGovMobileLaunchLink"])
    held.began.acquire()
    assert not fetched.done()
    assert message(caller.post(operation["dataURL"], asked())) == ""
    assert fetched.result()["documentsToSign"] == asked()["documentsToSign"]


@pytest.mark.fact("4.3-repeat")
def test_a_lost_answer_can_be_asked_for_again(
    emulator: Emulator, caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    operation = begin(caller)
    with _hung_up(emulator, operation["dataURL"], asked()):
        held.began.acquire()
    held.ended.acquire()  # nothing is held for a caller who is gone
    data = later(caller.post, operation["dataURL"], asked())
    held.began.acquire()
    fetched = phone.open(operation["eGovMobileLaunchLink"])
    assert data.result() == caller.post(operation["dataURL"], asked())
    signed = asked(key=fetched["key"])
    assert phone.send(signed) == phone.send(signed) == {}
    assert message(phone.send(asked(b"another", key=fetched["key"]))) == WRONG_STATE
    assert caller.get(operation["signURL"]) == caller.get(operation["signURL"]) == asked()


def _trusting(emulator: Emulator) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=emulator.world.authority.certificate_pem)


@contextmanager
def _hung_up(emulator: Emulator, address: str, body: dict[str, Any]) -> Iterator[None]:
    """Send a request, and leave after the block without having heard the answer."""
    parts, content = urlsplit(address), json.dumps(body).encode()
    head = f"POST {parts.path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(content)}\r\n\r\n"
    with (
        socket.create_connection(("127.0.0.1", parts.port or 0)) as plain,
        _trusting(emulator).wrap_socket(plain, server_hostname="localhost") as client,
    ):
        client.sendall(head.encode() + content)
        yield


@pytest.mark.fact("4.3-errors", "4.3-limits")
@pytest.mark.parametrize("step", ["data", "phone", "signatures"])
def test_a_held_call_ends_when_the_code_runs_out(
    emulator: Emulator, caller: Visitor, phone: Phone, clock: ShiftedClock,
    later: Later, held: Watched, step: str,
) -> None:  # fmt: skip
    operation = begin(caller)
    if step == "phone":
        call = later(phone.open, operation["eGovMobileLaunchLink"])
    else:
        call = later(caller.post, operation["dataURL"], asked())
    held.began.acquire()
    if step == "signatures":
        fetched = phone.open(operation["eGovMobileLaunchLink"])
        call.result()
        held.began = threading.Semaphore(0)
        call = later(caller.get, operation["signURL"])
        held.began.acquire()
    clock.advance(emulator.world.switches.qr_lifetime)
    assert message(call.result()) == TIMEOUT
    assert message(caller.get(operation["signURL"])) == NOT_ACTIVE
    assert message(caller.post(operation["dataURL"], asked())) == NOT_ACTIVE
    assert message(phone.open(operation["eGovMobileLaunchLink"])) == NOT_ACTIVE
    if step == "signatures":
        assert message(phone.sign(fetched)) == NOT_ACTIVE


@pytest.mark.fact("4.3-errors", "4.3-limits")
def test_the_code_runs_out_by_itself(emulator: Emulator, caller: Visitor) -> None:
    switch(emulator.world, qr_lifetime=timedelta(seconds=0.5))
    assert message(caller.post(begin(caller)["dataURL"], asked())) == TIMEOUT


@pytest.mark.fact("4.3-errors")
def test_what_is_unknown_is_not_active_and_what_is_out_of_turn_refused(caller: Visitor) -> None:
    for qr_id in ("0" * 32, "x", "%20"):
        assert message(caller.get(f"/api/egovQr/{qr_id}")) == NOT_ACTIVE
        assert message(caller.post(f"/api/egovQr/{qr_id}", asked())) == NOT_ACTIVE
        assert message(caller.get(f"/api/egovQr/{qr_id}/phone")) == NOT_ACTIVE
        assert message(caller.post(f"/api/egovQr/{qr_id}/phone", asked())) == NOT_ACTIVE
    operation = begin(caller)
    assert message(caller.get(operation["signURL"])) == WRONG_STATE  # there is nothing to sign yet
    early = caller.post(f"{operation['dataURL']}/phone?key=", asked())
    assert message(early) == WRONG_STATE


@pytest.mark.fact("4.3-errors", "4.3-limits")
def test_too_many_at_a_time(emulator: Emulator, caller: Visitor, clock: ShiftedClock) -> None:
    switch(emulator.world, qr_operations=2)
    begin(caller)
    begin(caller)
    assert message(begin(caller)) == TOO_MANY
    clock.advance(emulator.world.switches.qr_lifetime)
    assert message(begin(caller)) == ""


@pytest.mark.fact("4.3-limits")
def test_a_code_that_was_signed_makes_room(
    emulator: Emulator, caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    switch(emulator.world, qr_operations=1)
    operation = begin(caller)
    later(caller.post, operation["dataURL"], asked())
    held.began.acquire()
    fetched = phone.open(operation["eGovMobileLaunchLink"])
    assert message(begin(caller)) == TOO_MANY
    phone.sign(fetched)
    assert message(begin(caller)) == ""


def test_a_reset_ends_held_calls(
    emulator: Emulator, caller: Visitor, later: Later, held: Watched
) -> None:
    call = later(caller.post, begin(caller)["dataURL"], asked())
    held.began.acquire()
    emulator.world.reset()
    assert message(call.result()) == NOT_ACTIVE


@pytest.mark.fact("4.3-methods", "4.3-mime")
def test_methods_kinds_of_files_and_nothing_else(
    caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    for method in SIGN_METHODS:
        for mime in MIMES:
            operation = begin(caller)
            wanted = asked(signMethod=method)
            wanted["documentsToSign"][0]["document"]["file"]["mime"] = mime
            held.began = threading.Semaphore(0)
            call = later(caller.post, operation["dataURL"], wanted)
            held.began.acquire()
            fetched = phone.open(operation["eGovMobileLaunchLink"])
            assert {key: fetched[key] for key in wanted} == wanted
            assert message(call.result()) == ""


def _changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    wanted = asked()
    change(wanted["documentsToSign"][0])
    return wanted


@pytest.mark.parametrize(
    "wanted",
    [
        asked(signMethod="PDF"),
        asked(signMethod=["XML"]),
        asked(documentsToSign=[]),
        asked(documentsToSign="x"),
        asked(documentsToSign=["x"]),
        _changed(lambda one: one.pop("id")),
        _changed(lambda one: one.update(id=True)),
        _changed(lambda one: one.update(id=-1)),
        _changed(lambda one: one.pop("nameKz")),
        _changed(lambda one: one.update(meta={})),
        _changed(lambda one: one.update(meta=[{"name": "x"}])),
        _changed(lambda one: one.update(document=None)),
        _changed(lambda one: one["document"]["file"].update(mime="text/plain")),
        _changed(lambda one: one["document"]["file"].update(mime={})),
        _changed(lambda one: one["document"]["file"].update(data="not base64")),
        _changed(lambda one: one["document"]["file"].update(data="я")),
    ],
)
def test_a_request_of_another_shape(caller: Visitor, wanted: dict[str, Any]) -> None:
    assert message(caller.post(begin(caller)["dataURL"], wanted)) == STRUCTURE


@pytest.mark.parametrize("posted", [{}, {"description": 1}, {"description": None}])
def test_a_code_needs_a_description(caller: Visitor, posted: dict[str, Any]) -> None:
    assert message(caller.post("/api/egovQr", posted)) == STRUCTURE


def test_signatures_are_of_the_documents_that_were_asked(
    caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    operation = begin(caller)
    later(caller.post, operation["dataURL"], asked())
    held.began.acquire()
    fetched = phone.open(operation["eGovMobileLaunchLink"])
    other = {**fetched, "documentsToSign": [{**fetched["documentsToSign"][0], "id": 2}]}
    assert message(phone.sign(other)) == STRUCTURE
    assert phone.sign(fetched) == {}


@pytest.mark.fact("4.3-variants")
def test_an_information_system_asks_on_its_own_port(
    emulator: Emulator, caller: Visitor, phone: Phone, later: Later, held: Watched, tmp_path: Path
) -> None:
    with system_client(emulator, tmp_path, None) as client:
        system = Visitor(client, caller.signer)
        operation = begin(system)
        assert operation["dataURLAuto"] == operation["dataURLmTLS"]
        call = later(system.post, operation["dataURLmTLS"], asked())
        held.began.acquire()
        phone.sign(phone.open(operation["eGovMobileLaunchLink"]))
        assert message(call.result()) == ""
        assert system.get(operation["signURLmTLS"])["documentsToSign"]


def test_stopping_lets_held_calls_go(tmp_path: Path, later: Later, emulator: Emulator) -> None:
    """Neither does the caller wait for the code to run out, nor the emulator for the caller."""
    world = emulator.world
    with Emulator(tmp_path, world=world) as other:
        world.egov_qr.changed = held = Watched()
        with httpx.Client(base_url=other.address, verify=_trusting(emulator)) as client:
            operation = client.post("/api/egovQr", json={"description": ""}).json()
            call = later(client.post, operation["dataURL"], json=asked())
            held.began.acquire()
            other.stop()
            assert call.result().json()["message"] == NOT_ACTIVE
    held.ended.acquire()


def test_a_bell_rings_from_any_thread_to_any_loop() -> None:
    bell, heard = Bell(), []

    async def wait() -> None:
        event, loop = asyncio.Event(), asyncio.get_running_loop()

        def wake() -> None:
            loop.call_soon_threadsafe(event.set)

        with bell.listening(wake):
            threading.Thread(target=bell.ring).start()
            await event.wait()
            heard.append(True)

    asyncio.run(wait())
    bell.ring()  # nobody listens any more
    assert heard == [True]
