"""The emulator as programs see it that nobody here wrote: `openssl s_client` and curl.

None of our client code takes part; what curl or OpenSSL refuse, a real client would.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sigex_emulator import Emulator
from sigex_emulator.pki.authority import SystemKey, ec_key, rsa_key, self_signed_system_key
from tests.programs import program

from .drivers import ALFA, CONTRACTS, openssl

_TLS_FAILED = 35  # curl's own number for a handshake that fails

Curl = Callable[..., subprocess.CompletedProcess[bytes]]


@pytest.fixture
def curl(emulator: Emulator) -> Curl:
    """Call curl; it trusts the emulator's root alone and asks no proxy."""
    environ = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}

    def call(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
        command = [
            program("curl"), "--disable", "--silent", "--show-error", "--max-time", "60",
            "--cacert", emulator.directory / "ca.pem", *arguments,
        ]  # fmt: skip
        return subprocess.run(command, capture_output=True, check=False, env=environ)

    return call


def _said(done: subprocess.CompletedProcess[bytes]) -> dict[str, Any]:
    assert done.returncode == 0, done.stderr.decode()
    value = json.loads(done.stdout)
    assert isinstance(value, dict)
    return value


def _s_client(emulator: Emulator, *options: str | Path) -> str:
    """What the mTLS port answers to a request sent through `openssl s_client`."""
    port = urlsplit(emulator.mtls_address).port
    done = subprocess.run(
        [program("openssl"), "s_client", "-connect", f"127.0.0.1:{port}",
         "-servername", "localhost", "-verify_return_error",
         "-CAfile", emulator.directory / "ca.pem", "-ign_eof", *options],
        input=b"GET /api/organizationPermissions HTTP/1.0\r\nHost: localhost\r\n\r\n",
        capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    return done.stdout.decode(errors="replace")


def _listed(emulator: Emulator) -> tuple[Path, Path]:
    """The files of the first information system, as the emulator gives them out."""
    stem = emulator.directory / "information-systems" / ALFA / "1"
    return stem.with_suffix(".pem"), stem.with_suffix(".key")


def _save(key: SystemKey, folder: Path) -> tuple[Path, Path]:
    certificate, private = folder / "system.pem", folder / "system.key"
    certificate.write_text(key.certificate_pem)
    private.write_text(key.private_key_pem)
    return certificate, private


# -- the mTLS port


@pytest.mark.fact("5-tls-1.3-only")
def test_tls_1_3_is_accepted_and_1_2_is_refused(emulator: Emulator, curl: Curl) -> None:
    address = f"{emulator.mtls_address}/api/version"
    assert _said(curl("--tlsv1.3", address))["version"]
    refused = curl("--tlsv1.2", "--tls-max", "1.2", address)
    assert refused.returncode == _TLS_FAILED
    assert "200 OK" not in _s_client(emulator, "-tls1_2")
    assert "HTTP/1.0 200 OK" in _s_client(emulator, "-tls1_3")


@pytest.mark.fact("5-no-or-unknown-certificate", "6-14")
def test_no_certificate_and_an_unknown_key_get_a_message(
    emulator: Emulator, curl: Curl, tmp_path: Path
) -> None:
    address = f"{emulator.mtls_address}/api/organizationPermissions"
    assert _said(curl(address))["message"] == "Authentication required"
    assert '"message":"Authentication required"' in _s_client(emulator)
    stranger = self_signed_system_key("stranger", ec_key(), datetime.now(UTC))
    certificate, key = _save(stranger, tmp_path)
    assert _said(curl("--cert", certificate, "--key", key, address))["message"] == (
        "Authentication required"
    )
    shown = _s_client(emulator, "-cert", certificate, "-key", key)
    assert '"message":"Authentication required"' in shown


@pytest.mark.fact("5-pem-pair", "5-not-disabled", "3.6-tls-disabled", "5-index-in-its-blocks")
def test_a_listed_key_is_served_and_a_disabled_one_is_told_so(
    emulator: Emulator, curl: Curl
) -> None:
    emulator.world.grant(ALFA, "documentsList", CONTRACTS)
    certificate, key = _listed(emulator)
    options = ("--cert", certificate, "--key", key)
    flags = _said(curl(*options, f"{emulator.mtls_address}/api/organizationPermissions"))
    assert [name for name, held in flags.items() if held] == ["documentsList"]
    listing = f"{emulator.mtls_address}/api?organization=true"
    assert _said(curl(*options, listing))["documentsTotal"] == 4
    assert '"documentsList":true' in _s_client(emulator, "-cert", certificate, "-key", key)

    emulator.world.set_disabled(ALFA, CONTRACTS, disabled=True)
    disabled = "TLS certificate used for authentication was disabled"
    assert _said(curl(*options, listing))["message"] == disabled
    assert disabled in _s_client(emulator, "-cert", certificate, "-key", key)


@pytest.mark.fact("5-rsa-2048")
@pytest.mark.parametrize(("bits", "served"), [(2048, True), (1024, False)])
def test_a_short_rsa_key_is_refused(
    emulator: Emulator, curl: Curl, tmp_path: Path, bits: int, served: bool
) -> None:
    """Both clients are told to allow short keys: the refusal must be the server's own."""
    system = self_signed_system_key("RSA", rsa_key(bits), datetime.now(UTC))
    emulator.world.add_information_system(ALFA, "RSA", system)
    certificate, key = _save(system, tmp_path)
    lax = "DEFAULT:@SECLEVEL=0"
    shown = _s_client(emulator, "-cipher", lax, "-cert", certificate, "-key", key)
    assert ("HTTP/1.0 200 OK" in shown) is served
    done = curl(
        "--ciphers", lax, "--cert", certificate, "--key", key,
        f"{emulator.mtls_address}/api/organizationPermissions",
    )  # fmt: skip
    assert (b"documentsAccess" in done.stdout) is served
    assert (done.returncode == 0) is served


# -- a whole visit


@pytest.mark.fact(
    "3.2-auth-prepare", "3.2-auth-sign-in", "3.2-auth-sign-out", "3.2-settings-get",
    "3.2-nonce-once", "4.1-sequence", "4.1-signed-bytes", "4.6-openssl-is-enough",
)  # fmt: skip
def test_a_visit_by_curl_and_openssl_alone(emulator: Emulator, curl: Curl, tmp_path: Path) -> None:
    jar, body, nonce_file = (tmp_path / name for name in ("jar", "body.json", "nonce"))
    auth, settings = (f"{emulator.address}/api/{name}" for name in ("auth", "organizationSettings"))

    def post(value: dict[str, Any], *options: str | Path) -> dict[str, Any]:
        body.write_text(json.dumps(value))
        json_type = ("--header", "Content-Type: application/json")
        return _said(curl(*json_type, "--data-binary", f"@{body}", *options, auth))

    nonce = post({})["nonce"]
    nonce_file.write_bytes(base64.b64decode(nonce))
    stem = emulator.directory / "keys" / ALFA / "head"
    openssl(
        "pkcs12", "-in", f"{stem}.p12", "-passin", f"file:{stem}.password", "-nodes",
        "-out", tmp_path / "head.pem",
    )  # fmt: skip
    signature = openssl(
        "cms", "-sign", "-binary", "-md", "sha256", "-in", nonce_file,
        "-signer", tmp_path / "head.pem", "-outform", "PEM",
    ).decode()  # fmt: skip

    signed_in = {"nonce": nonce, "signature": signature}
    assert post(signed_in, "--cookie-jar", jar)["businessId"] == f"BIN{ALFA}"
    assert "\tjwt\t" in jar.read_text()
    read = _said(curl("--cookie", jar, settings))
    assert read["tlsCertificatesList"][0]["description"] == CONTRACTS
    assert post(signed_in)["message"] == "Invalid authentication nonce"

    assert post({"logout": True}, "--cookie", jar, "--cookie-jar", jar) == {}
    assert "\tjwt\t" not in jar.read_text()
    assert _said(curl("--cookie", jar, settings))["message"] == "Authentication required"
