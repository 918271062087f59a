"""Each fault of signing in does what the catalogue says, when told to."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from sigex_emulator import Emulator
from tests.sigex_emulator.drivers import ALFA, BETA, Visitor, VisitorMaker, message

pytestmark = pytest.mark.usefixtures("quick")


def _message_at_sign_in(person: Visitor) -> None:
    assert message(person.sign_in()) == "Invalid certificate status"


def _bad_gateway_at_sign_in(person: Visitor) -> None:
    with pytest.raises(AssertionError):
        person.sign_in()
    assert not person.client.cookies


def _hangs_at_sign_in(person: Visitor) -> None:
    person.client.timeout = 0.5
    with pytest.raises(httpx.ReadTimeout):
        person.sign_in()


def _nonce_refused(person: Visitor) -> None:
    assert message(person.sign_in()) == "Invalid authentication nonce"


def _nonce_missing(person: Visitor) -> None:
    assert person.post("/api/auth", {}) == {}


def _ended_at_once(person: Visitor) -> None:
    assert "userId" in person.sign_in()
    assert message(person.get("/api/auth")) == "Authentication required"


def _without_cookie(person: Visitor) -> None:
    assert "userId" in person.sign_in()
    assert not person.client.cookies


def _other_person(person: Visitor) -> None:
    told = person.sign_in()
    found = person.get("/api/auth")
    assert found["userId"] != told["userId"]
    assert found["businessId"] == f"BIN{ALFA}"


def _other_organisations_person(person: Visitor) -> None:
    assert person.sign_in()["businessId"] == f"BIN{ALFA}"
    assert person.get("/api/auth")["businessId"] == f"BIN{BETA}"


def _sign_out_not_honoured(person: Visitor) -> None:
    told = person.sign_in()
    assert person.post("/api/auth", {"logout": True}) == {}
    assert person.get("/api/auth") == told


SIGN_INS: dict[str, Callable[[Visitor], None]] = {
    "sign-in-message": _message_at_sign_in,
    "sign-in-502": _bad_gateway_at_sign_in,
    "sign-in-hangs": _hangs_at_sign_in,
    "sign-in-nonce-refused": _nonce_refused,
    "sign-in-nonce-missing": _nonce_missing,
    "session-ends-after-sign-in": _ended_at_once,
    "session-without-cookie": _without_cookie,
    "session-of-other-person": _other_person,
    "session-of-other-organisation": _other_organisations_person,
    "session-survives-sign-out": _sign_out_not_honoured,
}


@pytest.mark.parametrize("name", SIGN_INS)
def test_signing_in_goes_wrong_as_the_catalogue_says(
    emulator: Emulator, visitor: VisitorMaker, name: str
) -> None:
    emulator.world.faults.set(ALFA, name)
    SIGN_INS[name](visitor(signed_in=False))
