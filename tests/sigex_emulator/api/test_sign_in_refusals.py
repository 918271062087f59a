"""Who must not sign in, each for one reason and with its own message (sigex-facts 3.6, 4.1, 4.4).

Keys come from the PKCS#12 files that the emulator gives to any client, signatures from OpenSSL.
"""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from sigex_emulator import Emulator
from sigex_emulator.clock import ShiftedClock
from sigex_emulator.pki.authority import PersonalKey, pem, rsa_key
from sigex_emulator.pki.revocation import ResponderState
from tests.sigex_emulator.drivers import ALFA, Signer, Visitor, VisitorMaker, message, openssl

_KINDS = (
    "expired",
    "not-yet-valid",
    "revoked",
    "authentication-only",
    "encryption-only",
    "foreign-authority",
    "foreign-authority-of-the-same-name",
)


def _der(armoured: str) -> bytearray:
    return bytearray(base64.b64decode("".join(armoured.splitlines()[1:-1])))


def _answer(visitor: Visitor, signature: str | bytes, nonce: str) -> str:
    """Return the message that a signature over a nonce gets, an empty text when it is let in."""
    if isinstance(signature, bytes):
        signature = base64.b64encode(signature).decode()
    return message(visitor.post("/api/auth", {"nonce": nonce, "signature": signature}))


@pytest.mark.fact(
    "3.6-not-in-force",
    "3.6-certificate-status",
    "3.6-unknown-issuer",
    "3.6-no-chain",
    "4.4-usage-signing",
    "4.4-usage-authentication",
    "4.4-policies-authentication",
)
@pytest.mark.parametrize("kind", _KINDS)
def test_a_key_file_that_must_not_sign_in_does_not(
    emulator: Emulator, visitor: VisitorMaker, tmp_path: Path, kind: str
) -> None:
    description = json.loads((emulator.directory / "emulator.json").read_text(encoding="utf-8"))
    one = next(one for one in description["refused_keys"] if one["kind"] == kind)
    files = emulator.directory / one["key_file"], emulator.directory / one["password_file"]
    opened = openssl("pkcs12", "-in", files[0], "-passin", f"file:{files[1]}", "-nodes")
    (tmp_path / "opened.pem").write_bytes(opened)
    if kind == "authentication-only":
        text = openssl("x509", "-in", tmp_path / "opened.pem", "-noout", "-text").decode()
        assert "Digital Signature, Key Encipherment" in text
        assert "1.2.398.3.3.2.2" in text
    anyone = visitor(signed_in=False)
    nonce = anyone.nonce()
    signature = openssl(
        "cms", "-sign", "-binary", "-signer", tmp_path / "opened.pem", "-outform", "DER",
        stdin=base64.b64decode(nonce),
    )  # fmt: skip
    assert _answer(anyone, signature, nonce) == one["message"]
    assert message(anyone.get("/api/auth")) == "Authentication required"
    assert emulator.world.sign_ins == {}


@pytest.mark.fact("3.6-not-in-force")
def test_time_decides_at_the_moment_of_signing_in(
    visitor: VisitorMaker, clock: ShiftedClock
) -> None:
    """The same key that signs in today does not in two years: the world's clock counts."""
    employee = visitor()
    clock.advance(timedelta(days=730))
    assert message(employee.sign_in()) == "Signer certificate expired or not yet valid"
    clock.advance(-timedelta(days=365 + 730))
    assert message(employee.sign_in()) == "Signer certificate expired or not yet valid"


@pytest.mark.fact("3.6-certificate-status")
def test_a_revoked_certificate_signs_in_no_more(emulator: Emulator, visitor: VisitorMaker) -> None:
    employee, other = visitor(), visitor("head", signed_in=False)
    emulator.world.revoke_certificate(employee.signer.key.certificate)
    assert message(employee.sign_in()) == "Invalid certificate status"
    assert other.sign_in()["userId"]
    emulator.world.reset()
    assert employee.sign_in()["userId"]


@pytest.mark.fact("3.6-ocsp-problem")
@pytest.mark.parametrize("state", ["down", "busy", "stale"])
def test_without_a_fresh_word_from_the_responder_nobody_signs_in(
    emulator: Emulator, visitor: VisitorMaker, state: ResponderState
) -> None:
    employee = visitor(signed_in=False)
    emulator.world.set_responder(state)
    assert message(employee.sign_in()) == "OCSP server problem"
    emulator.world.set_responder("answering")
    assert employee.sign_in()["userId"]


def test_openssl_reads_the_responder_and_the_roots_list(emulator: Emulator, tmp_path: Path) -> None:
    """The status is real OCSP: another program asks, and verifies what it is answered."""
    world = emulator.world
    key = world.organisations[ALFA].key_of("head")
    (tmp_path / "head.pem").write_text(pem(key.certificate))
    (tmp_path / "issuer.pem").write_text(pem(world.authority.issuing_certificate))
    request, response = tmp_path / "request.der", tmp_path / "response.der"
    asked: list[str | Path] = ["-issuer", tmp_path / "issuer.pem", "-cert", tmp_path / "head.pem"]
    openssl("ocsp", *asked, "-no_nonce", "-reqout", request)

    def status() -> bytes:
        now = world.clock.now()
        response.write_bytes(world.authority.responder.answer(request.read_bytes(), now))
        return openssl(
            "ocsp", *asked, "-no_nonce", "-respin", response,
            "-CAfile", emulator.directory / "ca.pem",
        )  # fmt: skip

    assert b"head.pem: good" in status()
    world.revoke_certificate(key.certificate)
    assert b"head.pem: revoked" in status()

    made = world.authority.revocation_list(world.clock.now())
    shown = openssl(
        "crl", "-inform", "DER", "-noout", "-text", "-CAfile", emulator.directory / "ca.pem",
        stdin=made,
    )  # fmt: skip
    assert b"No Revoked Certificates" in shown


@pytest.mark.fact("3.6-no-chain")
def test_a_tampered_certificate_builds_no_chain(visitor: VisitorMaker) -> None:
    """The head's role for an ordinary employee: OpenSSL would sign, the issuer never did."""
    employee = visitor("employee", signed_in=False)
    nonce = employee.nonce()
    signature = _der(employee.signer.cms(base64.b64decode(nonce)))
    role = signature.index(bytes.fromhex("2a830e0303040102" + "05"))  # …1.2.5, an employee
    signature[role + 8] = 1  # …1.2.1, the head
    assert _answer(employee, bytes(signature), nonce) == "Failed to build certificate chain"


@pytest.mark.fact("4.1-detached-signing-key")
def test_a_signature_with_data_inside_is_refused(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    attached = employee.signer.cms(base64.b64decode(nonce), "-nodetach")
    assert _answer(employee, attached, nonce) == "Invalid signature"


def test_other_data_put_into_a_good_signature_are_refused(visitor: VisitorMaker) -> None:
    """A signature that holds for the nonce must not carry away a text that nobody signed."""
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    detached = _der(employee.signer.cms(base64.b64decode(nonce)))
    content: Any = cms.ContentInfo.load(bytes(detached))  # type: ignore[no-untyped-call]
    content["content"]["encap_content_info"]["content"] = b"I owe you a million"
    assert _answer(employee, content.dump(force=True), nonce) == "Invalid signature"


@pytest.mark.fact("3.6-invalid-signature")
def test_two_signers_are_one_too_many(visitor: VisitorMaker) -> None:
    employee, head = visitor(signed_in=False), visitor("head", signed_in=False)
    nonce = employee.nonce()
    signature = employee.signer.cms(base64.b64decode(nonce), "-signer", str(head.signer.files))
    assert _answer(employee, signature, nonce) == "Invalid signature"


def test_a_weak_digest_is_refused(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    nonce = employee.nonce()
    signature = openssl(
        "cms", "-sign", "-binary", "-md", "md5", "-signer", employee.signer.files,
        "-outform", "DER", stdin=base64.b64decode(nonce),
    )  # fmt: skip
    assert _answer(employee, signature, nonce) == "Invalid signature"


@pytest.mark.fact("3.6-invalid-nonce-other-data")
def test_a_nonce_signed_for_one_sign_in_is_no_use_in_another(visitor: VisitorMaker) -> None:
    employee = visitor(signed_in=False)
    first, second = employee.nonce(), employee.nonce()
    signature = employee.signer.cms(base64.b64decode(first))
    assert _answer(employee, signature, second) == "Invalid authentication nonce"


def _certified_by(issuer: PersonalKey, name: x509.Name, person: PersonalKey) -> PersonalKey:
    """Return the person's key with the same certificate, but signed by an employee."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(person.certificate.subject)
        .issuer_name(name)
        .public_key(person.private_key.public_key())
        .serial_number(person.certificate.serial_number)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    for extension in person.certificate.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    made = builder.sign(issuer.private_key, hashes.SHA256())
    return replace(person, certificate=made)


@pytest.mark.fact("3.6-unknown-issuer", "3.6-no-chain")
def test_an_employee_is_no_authority(emulator: Emulator, visitor: VisitorMaker) -> None:
    organisation = emulator.world.organisations[ALFA]
    employee, head = organisation.key_of("employee"), organisation.key_of("head")
    issuer = emulator.world.authority.issuing_certificate
    for name, expected in (
        (employee.certificate.subject, "Certificate issuer is unknown"),
        (issuer.subject, "Failed to build certificate chain"),
    ):
        forged = visitor(key=_certified_by(employee, name, head), signed_in=False)
        nonce = forged.nonce()
        signature = forged.signer.cms(
            base64.b64decode(nonce), "-certfile", str(_file(forged.signer, employee))
        )
        assert _answer(forged, signature, nonce) == expected


def _file(signer: Signer, key: PersonalKey) -> Path:
    file = signer.directory / "issuer.pem"
    file.write_bytes(key.certificate.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.fact("4.4-oid-legal-entity")
@pytest.mark.parametrize(
    "authorities",
    [(), ("1.2.398.3.3.4.1.1",), ("1.2.398.3.3.4.1.2.1",)],
    ids=["none", "a person's", "the head's alone"],
)
def test_an_organisations_certificate_bears_the_role_of_one(
    emulator: Emulator, visitor: VisitorMaker, authorities: tuple[str, ...]
) -> None:
    world = emulator.world
    person = replace(world.organisations[ALFA].key_of("head").person, authorities=authorities)
    key = world.authority.issue_personal_certificate(person, rsa_key(), datetime.now(UTC))
    assert message(visitor(key=key, signed_in=False).sign_in()) == "Invalid signature"


# -- the cookie ---------------------------------------------------------------------------------


def _parts(token: str) -> list[dict[str, Any]]:
    padded = [part + "=" * (-len(part) % 4) for part in token.split(".")[:2]]
    return [json.loads(base64.urlsafe_b64decode(part)) for part in padded]


def _token(header: dict[str, Any], claims: dict[str, Any], seal: str) -> str:
    parts = [json.dumps(part).encode() for part in (header, claims)]
    encoded = [base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, seal])


@pytest.mark.fact("3.3-cookie-is-jwt")
def test_a_tampered_cookie_is_nobody(visitor: VisitorMaker) -> None:
    employee, head = visitor("employee"), visitor("head")
    token = employee.client.cookies["jwt"]
    header, claims = _parts(token)
    seal = token.rpartition(".")[2]
    of_head = head.client.cookies["jwt"].split(".")
    assert _parts(of_head[0] + "." + of_head[1])[1]["sub"] == head.signer.key.person.user_id
    for forged in (
        _token({"alg": "none", "typ": "JWT"}, claims, ""),
        _token({"alg": "none", "typ": "JWT"}, claims, seal),
        _token({"alg": "HS256", "typ": "JWT"}, claims, ""),
        _token(header, {**claims, "sub": head.signer.key.person.user_id}, seal),
        _token(header, {**claims, "exp": claims["exp"] + 86400}, seal),
        ".".join([*of_head[:2], seal]),
        token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        token + ".",
        f"{token}.{seal}",
    ):
        response = employee.client.get("/api/auth", headers={"cookie": f"jwt={forged}"})
        assert message(response.json()) == "Authentication required"
    response = employee.client.get("/api/auth", headers={"cookie": f"jwt={token}"})
    assert response.json()["userId"] == employee.signer.key.person.user_id


def test_a_cookie_of_another_start_is_nobody(visitor: VisitorMaker, emulator: Emulator) -> None:
    """`reset` ends every visit, as a restart does; the old cookie is then nobody's."""
    employee = visitor()
    emulator.world.reset()
    assert message(employee.get("/api/auth")) == "Authentication required"


@pytest.mark.fact("3.6-authentication-required")
def test_the_end_of_a_visit_stores_nothing(
    emulator: Emulator, visitor: VisitorMaker, clock: ShiftedClock
) -> None:
    employee = visitor()
    wanted = employee.settings()
    wanted["documentsList"]["tlsCertificatesIndices"] = [0]
    before = emulator.world.organisations[ALFA].settings
    clock.advance(timedelta(hours=1, seconds=1))
    answered = employee.post("/api/organizationSettings", wanted)
    assert message(answered) == "Authentication required"
    assert emulator.world.organisations[ALFA].settings == before
