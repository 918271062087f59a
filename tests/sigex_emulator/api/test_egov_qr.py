"""Signing by QR code over the API: the steps, the held calls, and the four messages."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from sigex_emulator import Emulator, World
from sigex_emulator.bell import Bell
from sigex_emulator.clock import ShiftedClock, milliseconds
from tests.sigex_emulator.conftest import Watched
from tests.sigex_emulator.drivers import Visitor, VisitorMaker, answer, message, system_client
from tests.sigex_emulator.phone import Phone, read_code

TIMEOUT = "QR signing operation timeout"
NOT_ACTIVE = "QR signing operation is not active"
WRONG_STATE = "Invalid QR signing state"
OTHER = "Other endpoint connected"
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


@pytest.mark.fact(
    "4.3-create", "4.3-variants", "4.3-phone", "8-qr-id", "8-qr-content", "8-launch-links",
    "8-qr-one-address",
)  # fmt: skip
def test_a_code_is_a_picture_of_its_link(
    emulator: Emulator, caller: Visitor, clock: ShiftedClock
) -> None:
    operation = begin(caller)
    picture = base64.b64decode(operation["qrCode"])
    with Image.open(io.BytesIO(picture)) as image:
        assert image.format == "PNG"
    scheme, _, link = read_code(picture).partition(":")
    assert scheme == "mobileSign"
    qr_id = operation["dataURL"].rpartition("/")[2]
    assert re.fullmatch(r"[A-Za-z0-9]{16}", qr_id)
    assert link == f"{emulator.address}/api/egovQr/egov/{qr_id}"
    for name, launcher in (("eGovMobile", "mobileSign"), ("eGovBusiness", "businessSign")):
        launched = operation[f"{name}LaunchLink"]
        assert launched == f"https://m.egov.kz/{launcher}/?link={link}?mgovSign"
    for name in ("dataURL", "signURL"):
        assert operation[name].startswith(f"{emulator.address}/api/egovQr/")
        path = operation[name].removeprefix(emulator.address)
        assert operation[f"{name}mTLS"] == f"{emulator.mtls_address}{path}"
        assert operation[f"{name}Auto"] == operation[name]
    assert operation["dataURL"] == operation["signURL"]
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
    assert phone.told["description"] == "Вход"
    expiry = datetime.fromisoformat(phone.told["expiry_date"])
    assert milliseconds(expiry) == operation["expireAt"]
    assert fetched == asked()
    assert data.result() == {
        name: operation[name] for name in ("expireAt", "signURL", "signURLmTLS", "signURLAuto")
    }

    # Only one phone gets the data, and nobody else can sign for it.
    assert message(phone.open(operation["eGovMobileLaunchLink"])) == WRONG_STATE
    mine, phone.address = phone.address, phone.address + "x"
    assert message(phone.sign(fetched)) == WRONG_STATE
    phone.address = mine
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
    assert fetched.result() == asked()


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
    phone.open(operation["eGovMobileLaunchLink"])
    assert data.result() == caller.post(operation["dataURL"], asked())
    assert phone.client.get(phone.address).json() == asked()
    assert phone.send(asked()) == phone.send(asked()) == {}
    assert message(phone.send(asked(b"another"))) == WRONG_STATE
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
def test_what_is_unknown_is_not_active(caller: Visitor) -> None:
    for qr_id in ("0" * 16, "x", "%20"):
        assert message(caller.get(f"/api/egovQr/{qr_id}")) == NOT_ACTIVE
        assert message(caller.post(f"/api/egovQr/{qr_id}", asked())) == NOT_ACTIVE
        assert message(caller.get(f"/api/egovQr/egov/{qr_id}")) == NOT_ACTIVE
        data = f"/api/egovQr/egov/{qr_id}/data"
        assert message(caller.get(data)) == NOT_ACTIVE
        assert message(answer(caller.client.put(data, json=asked()))) == NOT_ACTIVE


@pytest.mark.fact("4.3-errors")
def test_a_phone_cannot_sign_what_it_did_not_fetch(
    caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    operation = begin(caller)
    fetched = later(phone.open, operation["eGovMobileLaunchLink"])
    held.began.acquire()  # it followed the code, and there is nothing to sign yet
    assert message(phone.send(asked())) == WRONG_STATE
    caller.post(operation["dataURL"], asked())
    assert fetched.result() == asked()
    assert phone.send(asked()) == {}


@pytest.mark.fact("4.3-errors", "8-qr-read-too-early")
def test_reading_before_the_data_were_sent_closes_the_code(caller: Visitor) -> None:
    operation = begin(caller)
    assert message(caller.get(operation["signURL"])) == WRONG_STATE
    assert message(caller.post(operation["dataURL"], asked())) == NOT_ACTIVE
    assert message(caller.get(operation["signURL"])) == NOT_ACTIVE


@pytest.mark.fact("8-qr-last-call")
def test_of_two_long_calls_the_last_is_served(
    caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    """The last data count as well, until a phone has them."""
    operation = begin(caller)
    first = later(caller.post, operation["dataURL"], asked(b"first"))
    held.began.acquire()
    second = later(caller.post, operation["dataURL"], asked(b"second"))
    assert message(first.result()) == OTHER
    held.began.acquire()
    assert phone.open(operation["eGovMobileLaunchLink"]) == asked(b"second")
    assert message(second.result()) == ""

    held.began = threading.Semaphore(0)
    first = later(caller.get, operation["signURL"])
    held.began.acquire()
    second = later(caller.get, operation["signURL"])
    assert message(first.result()) == OTHER
    held.began.acquire()
    phone.send(asked())
    assert second.result() == asked()


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


_PNG = {"file": {"mime": "image/png", "data": "no base64"}}


@pytest.mark.fact("4.3-methods", "4.3-mime", "8-qr-untouched", "8-qr-xml-document")
@pytest.mark.parametrize(
    "body",
    [
        *(asked(signMethod=method) for method in (
            "CMS_WITH_DATA", "CMS_SIGN_ONLY", "XML", "SIGN_BYTES_ARRAY", "MIX_SIGN", "PDF"
        )),
        asked(documentsToSign=[]),
        asked(version=2, more={"deep": [None]}),
        {"signMethod": "XML", "documentsToSign": [{"id": "1", "documentXml": "<x>я & б</x>"}]},
        {"signMethod": "SIGN_BYTES_ARRAY", "documentsToSign": [{"id": 1, "document": _PNG}]},
        {"documentsToSign": [{"nameRu": "", "meta": None}]},
        [],
        "text",
    ],
)  # fmt: skip
def test_what_one_side_sends_the_other_gets(
    caller: Visitor, phone: Phone, later: Later, held: Watched, body: Any
) -> None:
    """To the byte, both ways: the service looks into nothing."""
    sent = json.dumps(body, ensure_ascii=False, indent=3).encode()
    operation = begin(caller)
    later(caller.client.post, operation["dataURL"], content=sent)
    held.began.acquire()
    _, _, address = read_code(base64.b64decode(operation["qrCode"])).partition(":")
    phone.address = caller.get(address)["document"]["uri"]
    assert caller.client.get(phone.address).content == sent
    assert answer(caller.client.put(phone.address, content=sent)) == {}
    assert caller.client.get(operation["signURL"]).content == sent


@pytest.mark.fact("8-qr-canceled")
def test_a_refusal_on_the_phone_arrives(
    caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    operation = begin(caller)
    later(caller.post, operation["dataURL"], asked())
    held.began.acquire()
    phone.send({**phone.open(operation["eGovMobileLaunchLink"]), "status": "CANCELED"})
    assert caller.get(operation["signURL"]) == asked(status="CANCELED")


@pytest.mark.parametrize(
    ("body", "expected"), [(b"", "Failed to parse JSON"), (b"\xff", "Failed to parse JSON")]
)
def test_what_is_handed_on_is_json(caller: Visitor, body: bytes, expected: str) -> None:
    response = caller.client.post(begin(caller)["dataURL"], content=body)
    assert message(answer(response)) == expected


@pytest.mark.parametrize(
    "posted",
    [
        {},
        {"description": 1},
        {"description": None},
        {"description": "", "whenDone": "https://shop.example/"},
        {"description": "", "whenDone": {"backUrl": 1}},
    ],
)
def test_a_code_needs_a_description(caller: Visitor, posted: dict[str, Any]) -> None:
    assert message(caller.post("/api/egovQr", posted)) == STRUCTURE


@pytest.mark.fact("8-qr-when-done")
def test_a_phone_is_told_where_to_go_afterwards(
    caller: Visitor, phone: Phone, later: Later, held: Watched
) -> None:
    done = {"backUrl": "https://shop.example/thanks"}
    operation = caller.post("/api/egovQr", {"description": "Вход", "whenDone": done})
    later(phone.open, operation["eGovMobileLaunchLink"])
    held.began.acquire()
    assert phone.told["whenDone"] == done
    caller.post(operation["dataURL"], asked())


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
