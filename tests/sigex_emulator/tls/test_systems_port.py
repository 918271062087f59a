"""The mTLS port: its TLS rules, and each grant alone (sigex-facts 5)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from cryptography.hazmat.primitives import hashes, serialization

from sigex_emulator import Emulator
from sigex_emulator.pki.authority import SystemKey, ec_key, rsa_key, self_signed_system_key
from sigex_emulator.tls import client_certificates
from sigex_emulator.tls.client_certificates import first_certificate
from sigex_emulator.world.settings import GUIDE_BLOCKS
from tests.sigex_emulator.drivers import (
    ALFA,
    BETA,
    CONTRACTS,
    PORTAL,
    SystemMaker,
    VisitorMaker,
    answer,
    message,
    proofs,
    system_client,
)


@pytest.mark.parametrize("granted", [(), *[(one,) for one in GUIDE_BLOCKS], GUIDE_BLOCKS])
@pytest.mark.fact(
    "2.3-governs-documents-access", "2.3-governs-documents-list",
    "2.3-governs-documents-settings", "2.3-governs-organization-settings", "3.4-tick-is-an-index",
    "3.5-settings-by-system", "3.5-private-by-system", "3.5-change-by-system",
    "3.5-rights-independent", "5-calls-unchanged", "5-self-signed", "5-index-in-its-blocks",
    "5-proof-documents-access", "5-proof-documents-list", "5-proof-organization-settings",
    "5-without-grant", "5-permissions", "5-control-unticked", "5-control-foreign", "6-14",
)  # fmt: skip
def test_each_grant_opens_its_own_call_and_no_other(
    emulator: Emulator, system: SystemMaker, granted: tuple[str, ...]
) -> None:
    for block in granted:
        emulator.world.grant(ALFA, block, CONTRACTS)
    with_grants, without = system(CONTRACTS), system(PORTAL)
    expected = {block: "" if block in granted else "Access denied" for block in GUIDE_BLOCKS}
    assert proofs(emulator, with_grants) == expected
    assert answer(with_grants.get("/api/organizationPermissions")) == {
        block: block in granted for block in GUIDE_BLOCKS
    }
    assert set(proofs(emulator, without).values()) == {"Access denied"}
    foreign = emulator.world.organisations[BETA].document_ids[0]
    assert message(answer(with_grants.get(f"/api/{foreign}"))) == "Access denied"


def test_a_revoked_grant_counts_at_once(emulator: Emulator, system: SystemMaker) -> None:
    client = system()
    emulator.world.grant(ALFA, "organizationSettings", CONTRACTS)
    assert proofs(emulator, client)["organizationSettings"] == ""
    emulator.world.revoke(ALFA, "organizationSettings", CONTRACTS)
    assert proofs(emulator, client)["organizationSettings"] == "Access denied"


@pytest.mark.fact("5-control-public")
def test_a_public_document_needs_no_grant(emulator: Emulator, system: SystemMaker) -> None:
    public = emulator.world.organisations[ALFA].document_ids[-1]
    assert message(answer(system().get(f"/api/{public}"))) == ""


@pytest.mark.fact("2.3-governs-documents-access", "5-proof-documents-access", "3.2-document-data")
def test_archived_data_are_given_with_the_grant(emulator: Emulator, system: SystemMaker) -> None:
    path = f"/api/{emulator.world.organisations[ALFA].document_ids[0]}/data"
    client = system()
    assert message(answer(client.get(path))) == "Access denied"
    emulator.world.grant(ALFA, "documentsAccess", CONTRACTS)
    assert answer(client.get(path))["document"]


@pytest.mark.fact("3.2-listing-of-a-system", "5-control-own", "5-acts-for-the-organisation")
def test_a_system_lists_nothing_of_its_own(emulator: Emulator, system: SystemMaker) -> None:
    emulator.world.grant(ALFA, "documentsList", CONTRACTS)
    client = system()
    assert answer(client.get("/api?organization=false"))["documents"] == []
    assert answer(client.get("/api?organization=true"))["documentsTotal"] == 4


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.fact("5-no-certificate-sign-in", "3.6-tls-already", "6-14")
def test_certificate_sign_in_is_refused(system: SystemMaker, method: str) -> None:
    response = system().request(method, "/api/auth", json={})
    assert message(answer(response)) == "Already authenticated with TLS certificate"


@pytest.mark.fact("5-not-disabled", "3.6-tls-disabled", "3.5-private-by-system")
def test_a_disabled_system_is_told_so(emulator: Emulator, system: SystemMaker) -> None:
    for block in GUIDE_BLOCKS:
        emulator.world.grant(ALFA, block, CONTRACTS)
    emulator.world.set_disabled(ALFA, CONTRACTS, disabled=True)
    expected = "TLS certificate used for authentication was disabled"
    assert set(proofs(emulator, system()).values()) == {expected}
    emulator.world.set_disabled(ALFA, CONTRACTS, disabled=False)
    assert set(proofs(emulator, system()).values()) == {""}


@pytest.mark.fact("5-no-or-unknown-certificate", "6-14")
def test_without_a_certificate_one_must_authenticate(system: SystemMaker) -> None:
    client = system(None)
    for path in ("/api/organizationSettings", "/api/organizationPermissions", "/api/auth", "/api"):
        assert message(answer(client.get(path))) == "Authentication required"
    assert message(answer(client.get("/api/version"))) == ""


@pytest.mark.fact("5-no-or-unknown-certificate", "5-listed")
def test_an_unknown_key_must_authenticate(system: SystemMaker) -> None:
    client = system(key=self_signed_system_key("stranger", ec_key(), datetime.now(UTC)))
    assert message(answer(client.get("/api/organizationSettings"))) == "Authentication required"


@pytest.mark.fact("5-no-or-unknown-certificate", "6-14")
def test_an_unknown_key_or_none_may_be_refused_in_the_handshake_instead(
    emulator: Emulator, system: SystemMaker
) -> None:
    stranger = self_signed_system_key("stranger", ec_key(), datetime.now(UTC))
    assert message(answer(system(key=stranger).get("/api"))) == "Authentication required"
    emulator.world.switches = replace(emulator.world.switches, unlisted_system_key="handshake")
    for caller in (system(key=stranger), system(None)):  # also one that was let in before
        with pytest.raises(httpx.TransportError):
            caller.get("/api/version")
    # Whoever is listed is let in: by his key, with any certificate, and to be told that he may not.
    listed = emulator.world.organisations[ALFA].system_keys[0]
    renewed = self_signed_system_key(CONTRACTS, listed.private_key, datetime.now(UTC))
    for known in (system(), system(key=renewed)):
        assert message(answer(known.get("/api/organizationSettings"))) == "Access denied"
    emulator.world.set_disabled(ALFA, CONTRACTS, disabled=True)
    told = message(answer(system().get("/api/version")))
    assert told == "TLS certificate used for authentication was disabled"
    emulator.world.reset()
    assert message(answer(system().get("/api/version"))) == ""


@pytest.mark.fact("5-no-or-unknown-certificate")
def test_strangers_cannot_fill_the_memory(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept of a stranger is kept for good: their share is limited, whatever they send."""
    today = datetime.now(UTC)
    strangers = [self_signed_system_key("0", rsa_key(2048), today)]
    strangers += [self_signed_system_key(str(n), ec_key(), today) for n in range(1, 6)]
    large, small, *_ = (
        len(one.certificate.public_bytes(serialization.Encoding.DER)) for one in strangers
    )
    room_for_three = large + small * 5 // 2
    monkeypatch.setattr(client_certificates, "MOST_STRANGER_BYTES", room_for_three)
    with Emulator(tmp_path / "other", world=emulator.world) as other:

        def served(key: SystemKey | None) -> bool:
            with system_client(other, tmp_path, key) as client:
                with contextlib.suppress(httpx.TransportError):
                    return client.get("/api/version").is_success
                return False

        for _ in range(2):
            assert [served(one) for one in strangers] == [True] * 3 + [False] * 3
        assert served(emulator.world.organisations[ALFA].system_keys[0])
        assert served(None)


@pytest.mark.fact("5-only-the-key-counts", "5-organisation-by-key")
def test_only_the_public_key_is_compared(emulator: Emulator, system: SystemMaker) -> None:
    """A renewed certificate with the listed key needs no new registration (sigex-facts 5, K)."""
    emulator.world.grant(ALFA, "organizationSettings", CONTRACTS)
    listed = emulator.world.organisations[ALFA].system_keys[0]
    renewed = self_signed_system_key(CONTRACTS, listed.private_key, datetime.now(UTC))
    assert renewed.certificate != listed.certificate
    client = system(key=renewed)
    assert answer(client.get("/api/organizationSettings"))["businessId"] == f"BIN{ALFA}"


@pytest.mark.fact("5-listed")
def test_a_key_that_is_no_longer_listed_is_nobody(emulator: Emulator, system: SystemMaker) -> None:
    key = emulator.world.add_information_system(ALFA, "На время")
    assert message(answer(system(key=key).get("/api/organizationSettings"))) == "Access denied"
    emulator.world.reset()
    refused = system(key=key).get("/api/organizationSettings")
    assert message(answer(refused)) == "Authentication required"


@pytest.mark.fact("5-effect-at-once", "6-21")
def test_a_key_registered_by_a_save_works_without_a_restart(
    visitor: VisitorMaker, system: SystemMaker
) -> None:
    key = self_signed_system_key("Новая", ec_key(), datetime.now(UTC))
    employee = visitor()
    wanted = employee.settings()
    wanted["tlsCertificatesList"].append(
        {"description": "Новая", "body": key.certificate_pem, "disabled": False, "settings": {}}
    )
    wanted["documentsList"]["tlsCertificatesIndices"] = [2]
    employee.post("/api/organizationSettings", wanted)
    permissions = answer(system(key=key).get("/api/organizationPermissions"))
    assert permissions == {block: block == "documentsList" for block in GUIDE_BLOCKS}


@pytest.mark.fact("5-rsa-2048")
def test_an_rsa_key_of_2048_bits_works(emulator: Emulator, system: SystemMaker) -> None:
    key = self_signed_system_key("RSA", rsa_key(2048), datetime.now(UTC))
    emulator.world.add_information_system(ALFA, "RSA", key)
    assert message(answer(system(key=key).get("/api/organizationPermissions"))) == ""


@pytest.mark.fact("5-only-the-key-counts")
def test_dates_of_a_system_certificate_are_ignored(emulator: Emulator, system: SystemMaker) -> None:
    """Only the public key is compared: a certificate of ten years ago does (sigex-facts 5, K)."""
    key = self_signed_system_key("Старая", ec_key(), datetime(2010, 1, 1, tzinfo=UTC))
    emulator.world.add_information_system(ALFA, "Старая", key)
    assert message(answer(system(key=key).get("/api/organizationPermissions"))) == ""


@pytest.mark.fact("3.4-audit-system", "3.4-audit-digest-kind")
def test_a_save_by_a_system_is_signed_with_its_certificate(
    emulator: Emulator, system: SystemMaker, visitor: VisitorMaker
) -> None:
    emulator.world.grant(ALFA, "organizationSettings", CONTRACTS)
    client = system()
    whole = answer(client.get("/api/organizationSettings"))
    whole["documentsList"]["tlsCertificatesIndices"] = [0]
    assert message(answer(client.post("/api/organizationSettings", json=whole))) == ""
    event = answer(client.get("/api/organizationSettingsAudit"))["events"][-1]
    assert event["modifiedBy"] == ""
    key = emulator.world.organisations[ALFA].system_keys[0]
    assert event["modifiedByDigest"] == key.certificate.fingerprint(hashes.SHA256()).hex()
    assert event["modified"]["documentsList"]["tlsCertificatesIndices"] == [0]


@pytest.mark.fact("5-proof-documents-settings", "3.2-document-settings-audit", "6-20")
def test_a_change_of_document_settings_by_a_system_is_in_its_audit(
    emulator: Emulator, system: SystemMaker, visitor: VisitorMaker
) -> None:
    emulator.world.grant(ALFA, "documentsSettings", CONTRACTS)
    document = emulator.world.organisations[ALFA].document_ids[0]
    client = system()
    client.post(f"/api/{document}/settings", json={"private": True, "signaturesLimit": 2})
    emulator.world.grant(ALFA, "documentsAccess", PORTAL)
    refused = system(PORTAL).get(f"/api/{document}/settingsAudit")
    assert message(answer(refused)) == "Access denied"  # to see it is not enough (unknown 20, I)
    audit = answer(client.get(f"/api/{document}/settingsAudit"))
    assert audit["events"][0]["modifiedByDigest"]
    assert visitor("head").get(f"/api/{document}")["settings"]["signaturesLimit"] == 2


# -- TLS itself, by other hands ---------------------------------------------------------------


def _s_client(emulator: Emulator, *options: str) -> subprocess.CompletedProcess[bytes]:
    port = urlsplit(emulator.mtls_address).port
    return subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost",
         "-CAfile", str(emulator.directory / "ca.pem"), *options],
        input=b"GET /api/version HTTP/1.0\r\nHost: localhost\r\n\r\n",
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.fact("5-tls-1.3-only")
def test_openssl_shakes_hands_in_tls_1_3_only(emulator: Emulator) -> None:
    good = _s_client(emulator, "-tls1_3", "-ign_eof", "-verify_return_error")
    assert b"Verify return code: 0 (ok)" in good.stdout
    assert b"HTTP/1.0 200 OK" in good.stdout
    old = _s_client(emulator, "-tls1_2")
    assert old.returncode != 0
    assert b"Cipher is (NONE)" in old.stdout


def test_the_server_sends_its_root_along(emulator: Emulator) -> None:
    """A client that pins the root's key must see it in the handshake."""
    shown = _s_client(emulator, "-showcerts").stdout
    assert shown.count(b"-----BEGIN CERTIFICATE-----") == 2


@pytest.mark.fact("5-pem-pair")
def test_openssl_with_a_listed_key_is_let_in(emulator: Emulator) -> None:
    stem = emulator.directory / "information-systems" / ALFA / "1"
    done = _s_client(emulator, "-ign_eof", "-cert", f"{stem}.pem", "-key", f"{stem}.key")
    assert b"HTTP/1.0 200 OK" in done.stdout


@pytest.mark.fact("5-rsa-2048")
def test_a_short_rsa_key_is_refused_even_if_it_got_into_the_list(
    emulator: Emulator, tmp_path: Path
) -> None:
    key: SystemKey = self_signed_system_key("short", rsa_key(1024), datetime.now(UTC))
    emulator.world.add_information_system(ALFA, "short", key)
    file = tmp_path / "short.pem"
    file.write_text(key.private_key_pem + key.certificate_pem)
    context = ssl.create_default_context(cafile=str(emulator.directory / "ca.pem"))
    context.set_ciphers("DEFAULT:@SECLEVEL=0")  # or this side would refuse its own key first
    context.load_cert_chain(file)
    port = urlsplit(emulator.mtls_address).port
    with (
        socket.create_connection(("127.0.0.1", port or 0)) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        client.sendall(b"GET /api/version HTTP/1.0\r\nHost: localhost\r\n\r\n")
        with contextlib.suppress(OSError):
            assert client.recv(100) == b""


def test_a_certificate_message_without_certificates_has_none() -> None:
    assert first_certificate(b"\x0b\0\0\x04" + b"\0" + b"\0\0\0") is None
    assert first_certificate(b"\x0b\0\0\x09" + b"\0" + b"\0\0\x05" + b"\0\0\x05ab") is None
