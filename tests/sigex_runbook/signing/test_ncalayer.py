"""NCALayer's protocol by sigex-facts 4.2, frame in and frame out, whatever a page sends."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from sigex_runbook.signing import NCALayer, SigningCancelled
from sigex_runbook.signing.ncalayer import ADDRESS, GREETING

BASICS = "kz.gov.pki.knca.basics"
COMMON = "kz.gov.pki.knca.commonUtils"
NONCE = bytes(range(32))
NONCE_64 = base64.b64encode(NONCE).decode("ascii")
PARAMETERS = {"decode": True, "encapsulate": False, "digested": False}


class Hand:
    """Remembers what it was given and signs it by turning it round."""

    def __init__(self) -> None:
        self.signed: list[tuple[bytes, bool]] = []
        self.refuses = False

    def sign(self, data: bytes, *, attach: bool) -> bytes:
        if self.refuses:
            raise SigningCancelled
        self.signed.append((data, attach))
        return data[::-1]


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def ncalayer(hand: Hand) -> NCALayer:
    return NCALayer(hand)


def ask(ncalayer: NCALayer, request: object) -> Any:
    answer = ncalayer.answer(json.dumps(request))
    answer.encode("utf-8")  # it has to go over the wire
    return json.loads(answer)


def sign_request(data: object = NONCE_64, **changes: Any) -> dict[str, Any]:
    """What the vendor's client sends."""
    args = {
        "allowedStorages": None,
        "format": "cms",
        "data": data,
        "signingParams": PARAMETERS,
        "signerParams": {"extKeyUsageOids": ["1.3.6.1.5.5.7.3.4"], "chain": []},
        "locale": "ru",
        **changes,
    }
    return {"module": BASICS, "method": "sign", "args": args}


def taken_out(armoured: str) -> bytes:
    """The bytes within the CMS armour."""
    found = re.fullmatch(
        r"-----BEGIN CMS-----\n((?:[A-Za-z0-9+/=]{1,64}\n)+)-----END CMS-----\n", armoured
    )
    assert found
    return base64.b64decode(found[1])


def is_failure(answer: Any) -> bool:
    return bool(answer["status"] is False and answer["code"] == "INVOCATION_ERROR")


@pytest.mark.fact("4.2-address")
def test_it_speaks_first_with_its_version() -> None:
    assert json.loads(GREETING) == {"result": {"version": "1.2"}}
    assert ADDRESS == "wss://127.0.0.1:13579"


@pytest.mark.fact("4.2-probe")
def test_the_vendors_probe_finds_a_plain_ncalayer(ncalayer: NCALayer) -> None:
    """Anything but a success says so; a success would switch the client to another protocol."""
    answer = ask(ncalayer, {"module": "kz.digiflow.mobile.extensions", "method": "getVersion"})
    assert answer == {}


@pytest.mark.fact("4.2-success", "4.2-armour", "4.2-sign-request")
def test_the_decoded_nonce_is_signed(ncalayer: NCALayer, hand: Hand) -> None:
    answer = ask(ncalayer, sign_request())
    assert set(answer) == {"status", "body"}
    assert answer["status"] is True
    assert taken_out(answer["body"]["result"]) == NONCE[::-1]
    assert hand.signed == [(NONCE, False)]


@pytest.mark.parametrize(
    ("parameters", "signed"),
    [
        ({"decode": True}, (NONCE, False)),
        ({"decode": True, "encapsulate": True}, (NONCE, True)),
        ({"decode": False, "encapsulate": True}, (NONCE_64.encode(), True)),
        ({}, (NONCE_64.encode(), False)),
        (None, (NONCE_64.encode(), False)),
        ({"decode": True, "tsaProfile": {}}, (NONCE, False)),
    ],
)
@pytest.mark.fact("4.2-decode", "4.2-encapsulate")
def test_parameters_say_what_is_signed_and_whether_it_travels_along(
    ncalayer: NCALayer, hand: Hand, parameters: Any, signed: tuple[bytes, bool]
) -> None:
    ask(ncalayer, sign_request(signingParams=parameters))
    assert hand.signed == [signed]


def test_text_is_signed_as_utf_8(ncalayer: NCALayer, hand: Hand) -> None:
    ask(ncalayer, sign_request("Қазақстан", signingParams={}))
    assert hand.signed == [("Қазақстан".encode(), False)]


@pytest.mark.parametrize("many", [[NONCE_64], [NONCE_64, "AAAA"]])
@pytest.mark.fact("4.2-success")
def test_an_array_is_answered_by_an_array_in_order(
    ncalayer: NCALayer, hand: Hand, many: list[str]
) -> None:
    answer = ask(ncalayer, sign_request(many))
    wanted = [base64.b64decode(item)[::-1] for item in many]
    assert [taken_out(item) for item in answer["body"]["result"]] == wanted


@pytest.mark.fact("4.2-cancel")
def test_closing_the_window_is_a_success_without_a_result(ncalayer: NCALayer, hand: Hand) -> None:
    hand.refuses = True
    assert ask(ncalayer, sign_request()) == {"status": True, "body": {}}


@pytest.mark.parametrize(
    "changes",
    [
        {"format": "xml"},
        {"format": None},
        {"data": None},
        {"data": 12},
        {"data": {"a": 1}},
        {"data": [1]},
        {"data": "not base64!"},
        {"data": "ыыыы"},
        {"data": "AAA"},
        {"data": "\ud800", "signingParams": {}},
        {"signingParams": {"digested": True}},
        {"signingParams": "decode"},
        {"signingParams": [1]},
        {"signingParams": 1},
    ],
    ids=str,
)
def test_what_cannot_be_signed_is_ncalayers_failure(
    ncalayer: NCALayer, hand: Hand, changes: dict[str, Any]
) -> None:
    """A wrong guess (signing a hash as data, say) would make a signature of something else."""
    assert is_failure(ask(ncalayer, sign_request(**changes)))
    assert hand.signed == []


@pytest.mark.parametrize("args", [None, [], "x", 1])
def test_arguments_of_another_shape_are_a_failure(ncalayer: NCALayer, args: Any) -> None:
    assert is_failure(ask(ncalayer, {"module": BASICS, "method": "sign", "args": args}))


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"module": BASICS},
        {"module": BASICS, "method": "getVersion"},
        {"module": "kz.other", "method": "sign", "args": {}},
        {"module": [1], "method": {"a": 1}},
        {"module": None, "method": None},
        {"module": "\ud800", "method": "sign"},
    ],
    ids=str,
)
@pytest.mark.fact("4.2-failure")
def test_an_unknown_call_is_a_failure(ncalayer: NCALayer, request_: dict[str, Any]) -> None:
    assert is_failure(ask(ncalayer, request_))


@pytest.mark.parametrize(
    "frame",
    [
        "",
        " ",
        "null",
        "[]",
        "12",
        '"sign"',
        "{",
        "не JSON",
        "\x00",
        "1" * 10_000,
        "[" * 100_000,
        b"\xff\xfe\x00",
        b"",
        "\ud800",
        "NaN",
    ],
    ids=lambda frame: repr(frame[:10]),
)
def test_junk_gets_an_answer_and_never_an_exception(
    ncalayer: NCALayer, hand: Hand, frame: str | bytes
) -> None:
    """An exception here would fall out of the browser's event loop, far from any step."""
    answer = ncalayer.answer(frame)
    answer.encode("utf-8")
    assert is_failure(json.loads(answer))
    assert hand.signed == []


# -- the old module


def old(method: str, *args: object) -> dict[str, Any]:
    return {"module": COMMON, "method": method, "args": list(args)}


@pytest.mark.fact("4.2-old-module")
def test_the_old_module_signs_base64(ncalayer: NCALayer, hand: Hand) -> None:
    answer = ask(ncalayer, old("createCAdESFromBase64", "PKCS12", "SIGNATURE", NONCE_64, False))
    assert answer["code"] == "200"
    assert taken_out(answer["responseObject"]) == NONCE[::-1]
    assert hand.signed == [(NONCE, False)]


def test_the_old_module_attaches_when_told(ncalayer: NCALayer, hand: Hand) -> None:
    ask(ncalayer, old("createCAdESFromBase64", "PKCS12", "SIGNATURE", NONCE_64, True))
    assert hand.signed == [(NONCE, True)]


@pytest.mark.fact("4.2-old-cancel")
def test_the_old_modules_cancel(ncalayer: NCALayer, hand: Hand) -> None:
    hand.refuses = True
    answer = ask(ncalayer, old("createCAdESFromBase64", "PKCS12", "SIGNATURE", NONCE_64, False))
    assert answer == {"code": "500", "message": "action.canceled"}


@pytest.mark.parametrize(
    "args", [(), ("PKCS12",), ("PKCS12", "SIGNATURE", 1, False), ("a", "b", "not base64", True)]
)
def test_the_old_module_signs_nothing_else(
    ncalayer: NCALayer, hand: Hand, args: tuple[object, ...]
) -> None:
    assert ask(ncalayer, old("createCAdESFromBase64", *args))["code"] == "500"
    assert hand.signed == []


def test_the_old_module_lists_its_storage(ncalayer: NCALayer) -> None:
    assert ask(ncalayer, old("getActiveTokens")) == {"code": "200", "responseObject": ["PKCS12"]}
