"""`/api/auth`: who gets in, who does not, and with which message (sigex-facts 3.3, 4.1)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from sigex_emulator import Emulator
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.pki.authority import ec_key, pem, private_key_pem
from tests.sigex_emulator.drivers import ALFA, Signer, VisitorMaker, message, openssl


@pytest.mark.fact(
    "3.1-prefixed-ids", "3.2-auth-prepare", "3.2-auth-get", "3.3-user-id", "3.3-business-id",
    "3.3-email", "3.3-subject", "3.3-sign-algorithm", "3.3-policies", "3.3-ext-key-usages",
    "3.3-serial-number-spelling", "4.1-sequence", "4.4-iin-rule", "4.4-bin-rule", "4.4-rsa",
    "8-subject-order",
)  # fmt: skip
def test_an_employee_signs_in_and_is_described(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    identity = employee.sign_in()
    person = employee.signer.key.person
    assert identity["userId"] == f"IIN{person.iin}"
    assert identity["businessId"] == f"BIN{ALFA}"
    assert identity["email"] == person.email
    assert identity["signAlgorithm"] == "1.2.840.113549.1.1.11"
    assert "1.2.398.3.3.4.1.2.5" in identity["extKeyUsages"]
    assert identity["policyIds"] == ["1.2.398.3.3.2.1"]
    names = {one["name"]: one["value"] for [one] in identity["subjectStructure"]}
    assert names["CN"] == "АХМЕТОВА ДИНАРА"
    assert names["OU"] == f"BIN{ALFA}"
    assert names["SERIALNUMBER"] == f"IIN{person.iin}"
    assert identity["subject"].startswith("CN=АХМЕТОВА ДИНАРА,SURNAME=АХМЕТОВА,")
    assert employee.get("/api/auth") == identity


@pytest.mark.fact("3.3-business-id", "3.6-not-an-organisation")
def test_a_private_person_has_no_organisation(emulator: Emulator, visitor: VisitorMaker) -> None:
    person = visitor(key=emulator.world.private_persons[0])
    assert "businessId" not in person.get("/api/auth")
    expected = "User does not represent an organization"
    for path in (
        "/api/organizationSettings",
        "/api/organizationSettingsAudit",
        "/api/organizationPermissions",
        "/api/organizationSubscription",
        "/api?organization=true",
    ):
        assert message(person.get(path)) == expected
    assert message(person.post("/api/organizationSettings", {})) == expected
    assert person.get("/api?organization=false")["documents"] == []


@pytest.mark.fact("3.2-auth-sign-in", "3.3-cookie-flags", "3.3-cookie-is-jwt")
def test_the_cookie_is_guarded(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    signature = employee.signer.cms(base64.b64decode(nonce))
    response = employee.client.post("/api/auth", json={"nonce": nonce, "signature": signature})
    cookie = SimpleCookie(response.headers["set-cookie"])["jwt"]
    assert cookie["secure"] is True
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Strict"
    header, claims, _ = cookie.value.split(".")
    assert _decoded(header)["typ"] == "JWT"
    assert _decoded(claims)["sub"] == employee.signer.key.person.user_id


def _decoded(part: str) -> dict[str, object]:
    value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize("form", ["pem", "base64", "pkcs7 armour"])
@pytest.mark.fact("3.3-signature-forms")
def test_a_signature_comes_as_pem_or_as_base64(visitor: VisitorMaker, form: str) -> None:
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    signature = employee.signer.cms(base64.b64decode(nonce))
    if form == "base64":
        signature = "".join(signature.splitlines()[1:-1])
    elif form == "pkcs7 armour":
        signature = signature.replace(" CMS-", " PKCS7-")
    identity = employee.post("/api/auth", {"nonce": nonce, "signature": signature})
    assert identity["userId"] == employee.signer.key.person.user_id


@pytest.mark.fact("3.2-auth-external")
def test_external_sign_in_sets_no_cookie(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    assert employee.sign_in(external=True)["businessId"] == f"BIN{ALFA}"
    assert message(employee.get("/api/auth")) == "Authentication required"


@pytest.mark.fact("3.2-nonce-once", "3.6-invalid-nonce")
def test_a_nonce_is_good_once(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    body = {"nonce": nonce, "signature": employee.signer.cms(base64.b64decode(nonce))}
    assert employee.post("/api/auth", body)["userId"]
    assert message(employee.post("/api/auth", body)) == "Invalid authentication nonce"


@pytest.mark.fact("3.2-nonce-lifetime", "3.6-invalid-nonce", "6-9")
def test_a_nonce_grows_old(visitor: VisitorMaker, clock: ShiftedClock) -> None:
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    body = {"nonce": nonce, "signature": employee.signer.cms(base64.b64decode(nonce))}
    clock.advance(timedelta(minutes=6))
    assert message(employee.post("/api/auth", body)) == "Invalid authentication nonce"


@pytest.mark.fact("3.6-invalid-nonce")
def test_an_invented_nonce_is_refused(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    nonce = base64.b64encode(b"n" * 32).decode()
    body = {"nonce": nonce, "signature": employee.signer.cms(b"n" * 32)}
    assert message(employee.post("/api/auth", body)) == "Invalid authentication nonce"


@pytest.mark.fact("3.6-invalid-nonce-other-data")
def test_a_signature_over_something_else_is_a_nonce_error(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    body = {"nonce": employee.nonce(), "signature": employee.signer.cms(b"something else")}
    assert message(employee.post("/api/auth", body)) == "Invalid authentication nonce"


@pytest.mark.fact("4.1-signed-bytes")
def test_the_nonce_text_itself_is_not_what_is_signed(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    body = {"nonce": nonce, "signature": employee.signer.cms(nonce.encode())}
    assert message(employee.post("/api/auth", body)) == "Invalid authentication nonce"


@pytest.mark.fact("3.6-invalid-signature")
def test_a_tampered_signature_is_refused(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    signature = employee.signer.cms(base64.b64decode(nonce))
    der = bytearray(base64.b64decode("".join(signature.splitlines()[1:-1])))
    der[-1] ^= 1  # the signature value is the last thing in it
    body = {"nonce": nonce, "signature": base64.b64encode(der).decode()}
    assert message(employee.post("/api/auth", body)) == "Invalid signature"


def test_a_signature_without_its_certificate_is_refused(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    signature = employee.signer.cms(base64.b64decode(nonce), "-nocerts")
    body = {"nonce": nonce, "signature": signature}
    assert message(employee.post("/api/auth", body)) == "Invalid signature"


@pytest.mark.parametrize(
    "signature", ["", "not base64!", "AAAA", "xml", base64.b64encode(b"text").decode(), "MAA="]
)
@pytest.mark.fact("3.6-unreadable-signature")
def test_what_is_no_cms_cannot_be_parsed(visitor: VisitorMaker, signature: str) -> None:
    employee = visitor(signed_in=False)
    body = {"nonce": employee.nonce(), "signature": signature}
    assert message(employee.post("/api/auth", body)) == "Failed to parse signature"


def test_an_xml_signature_is_told_to_be_out_of_scope(visitor: VisitorMaker) -> None:
    """The service takes it (3.3, K): nobody shall look for his mistake in it."""
    employee = visitor(signed_in=False)
    body = {"nonce": employee.nonce(), "signature": "\n<ds:Signature></ds:Signature>"}
    assert message(employee.post("/api/auth", body)) == "Not imitated by the emulator"


def test_a_certificate_that_names_no_person_is_refused(
    emulator: Emulator, visitor: VisitorMaker, tmp_path: Path
) -> None:
    """The server's own certificate has the same root, but the responder answers for people's."""
    employee = visitor(signed_in=False)
    world = emulator.world
    key = ec_key()
    certificate = world.authority.issue_server_certificate(key, datetime.now(UTC))
    files = tmp_path / "server.pem"
    files.write_bytes(
        private_key_pem(key).encode() + certificate.public_bytes(serialization.Encoding.PEM)
    )
    nonce = employee.nonce()
    signature = openssl(
        "cms", "-sign", "-binary", "-signer", files, "-outform", "PEM",
        stdin=base64.b64decode(nonce),
    )  # fmt: skip
    body = {"nonce": nonce, "signature": signature.decode()}
    assert message(employee.post("/api/auth", body)) == "OCSP server problem"


@pytest.mark.fact("3.2-auth-sign-out")
def test_signing_out_empties_the_cookie_and_ends_the_session(visitor: VisitorMaker) -> None:
    employee = visitor()
    stolen = employee.client.cookies["jwt"]
    response = employee.client.post("/api/auth", json={"logout": True})
    assert response.json() == {}
    cookie = SimpleCookie(response.headers["set-cookie"])["jwt"]
    assert (cookie.value, cookie["max-age"]) == ("", "0")
    assert cookie["expires"].endswith("1970 00:00:00 GMT")
    assert message(employee.get("/api/auth")) == "Authentication required"
    employee.client.cookies.set("jwt", stolen, domain="localhost.local", path="/")
    assert message(employee.get("/api/auth")) == "Authentication required"


@pytest.mark.fact("3.3-cookie-lifetime", "3.6-authentication-required", "6-9")
def test_a_session_expires(visitor: VisitorMaker, clock: ShiftedClock) -> None:
    employee = visitor()
    clock.advance(timedelta(hours=1, seconds=1))
    assert message(employee.get("/api/auth")) == "Authentication required"


@pytest.mark.fact("3.3-cookie-renewed")
def test_a_cookie_near_its_end_is_renewed_in_any_answer(
    visitor: VisitorMaker, clock: ShiftedClock
) -> None:
    employee = visitor()
    first = employee.client.cookies["jwt"]
    clock.advance(timedelta(minutes=30))
    assert "set-cookie" not in employee.client.get("/api/auth").headers
    clock.advance(timedelta(minutes=15))
    assert "set-cookie" in employee.client.get("/api/organizationPermissions").headers
    assert employee.client.cookies["jwt"] != first
    clock.advance(timedelta(minutes=30))
    assert employee.get("/api/auth")["userId"]


@pytest.mark.parametrize("token", ["", "a", "a.b.c", "a.b.", "..", "é.ü.ö"])
def test_an_invented_cookie_is_nobody(visitor: VisitorMaker, token: str) -> None:
    stranger = visitor(signed_in=False)
    headers = {b"cookie": f"jwt={token}".encode()}
    response = stranger.client.get("/api/auth", headers=headers)
    assert message(response.json()) == "Authentication required"


@pytest.mark.fact("3.2-auth-log")
def test_the_log_holds_each_sign_in(visitor: VisitorMaker) -> None:
    visitor()
    employee = visitor()
    log = employee.get("/api/authLog")
    assert log["userId"] == employee.signer.key.person.user_id
    assert log["eventsTotal"] == len(log["events"]) == 2
    assert set(log["events"][0]) == {"authAt", "serialNumber", "issuer", "ip"}


@pytest.mark.fact("4.6-openssl-is-enough")
def test_signers_are_independent_of_the_emulator(
    emulator: Emulator, visitor: VisitorMaker, tmp_path: Path
) -> None:
    """OpenSSL also accepts, under the published root, what it made: the chain is sound."""
    signer: Signer = visitor(signed_in=False).signer
    (tmp_path / "content").write_bytes(b"content")
    issuer = tmp_path / "issuer.pem"
    issuer.write_text(pem(emulator.world.authority.issuing_certificate))
    (tmp_path / "signature.pem").write_text(signer.cms(b"content", "-certfile", str(issuer)))
    openssl(
        "cms", "-verify", "-binary", "-purpose", "any", "-inform", "PEM",
        "-in", tmp_path / "signature.pem", "-content", tmp_path / "content",
        "-CAfile", emulator.directory / "ca.pem",
    )  # fmt: skip
