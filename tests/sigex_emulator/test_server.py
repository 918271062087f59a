"""Starting, stopping, and the directory that others find their way by."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12

from sigex_emulator import Emulator, EmulatorError
from sigex_emulator.errors import AddressInUse, DirectoryUnusable, NotRunning
from sigex_emulator.pki.identity_numbers import is_valid

from .drivers import ALFA, CONTRACTS, PORTAL, openssl


def test_it_starts_stops_and_starts_again(emulator: Emulator, tmp_path: Path) -> None:
    second = Emulator(tmp_path, world=emulator.world)
    with pytest.raises(NotRunning):
        _ = second.address
    for _ in range(2):
        second.start()
        second.start()  # a second call is harmless
        address = second.address
        assert httpx.get(f"{address}/api/version", verify=_trust(second)).status_code == 200
        second.stop()
        second.stop()
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{address}/api/version", verify=_trust(second))


def _trust(emulator: Emulator) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=emulator.world.authority.certificate_pem)


def test_a_wanted_port_is_kept(emulator: Emulator, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with Emulator(tmp_path, port=port, world=emulator.world) as second:
        assert second.address == f"https://localhost:{port}"


@pytest.mark.parametrize("which", ["port", "mtls_port"])
def test_a_busy_port_is_named(emulator: Emulator, tmp_path: Path, which: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        second = Emulator(tmp_path, world=emulator.world, **{which: port})
        with pytest.raises(AddressInUse, match=f"Порт {port} .* укажите другой порт"):
            second.start()
        with pytest.raises(NotRunning):
            _ = second.address


def test_a_directory_that_cannot_be_written_is_named(emulator: Emulator, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DirectoryUnusable, match="укажите другую папку"):
        Emulator(file / "inside", world=emulator.world).start()


def test_every_failure_is_one_kind() -> None:
    assert all(issubclass(one, EmulatorError) for one in (AddressInUse, DirectoryUnusable))


def test_only_loopback_listens(emulator: Emulator) -> None:
    port = int(emulator.address.rpartition(":")[2])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # sends nothing: only asks which address would be used
        outside = probe.getsockname()[0]
    if outside != "127.0.0.1":
        with pytest.raises(OSError, match=r"refused|unreachable|timed out"):
            socket.create_connection((outside, port), timeout=5)


def test_the_description_names_everything(emulator: Emulator) -> None:
    directory = emulator.directory
    description = json.loads((directory / "emulator.json").read_text(encoding="utf-8"))
    assert description["format"] == "sigex-emulator/1"
    assert description["address"] == emulator.address
    assert description["mtls_address"] == emulator.mtls_address
    assert len(description["organisations"]) >= 3
    first = description["organisations"][0]
    assert first["bin"] == ALFA
    assert [one["role"] for one in first["people"]] == ["head", "settings_employee", "employee"]
    assert [one["may_change_settings"] for one in first["people"]] == [True, True, False]
    assert [one["key_file"] for one in first["people"]] == [
        f"keys/{ALFA}/{name}.p12" for name in ("head", "employee-settings", "employee")
    ]
    assert [one["description"] for one in first["information_systems"]] == [CONTRACTS, PORTAL]
    assert first["information_systems"][1]["key_file"] == f"information-systems/{ALFA}/2.key"
    assert first["documents"][0] == {
        "id": emulator.world.organisations[ALFA].document_ids[0],
        "title": "Договор поставки № 15",
        "private": True,
        "signed_by": [first["people"][2]["iin"]],
    }
    for organisation in description["organisations"]:
        assert is_valid(organisation["bin"])
        assert len(organisation["information_systems"]) >= 2
        assert any(one["private"] for one in organisation["documents"])
    people = [one for each in description["organisations"] for one in each["people"]]
    root = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
    for person in [*people, *description["private_persons"]]:
        assert is_valid(person["iin"])
        content = (directory / person["key_file"]).read_bytes()
        password = (directory / person["password_file"]).read_bytes()
        key, certificate, chain = pkcs12.load_key_and_certificates(content, password)
        assert key is not None
        assert certificate is not None
        issuer = next(one for one in chain if one != root)
        certificate.verify_directly_issued_by(issuer)
        issuer.verify_directly_issued_by(root)


def test_the_description_names_keys_that_must_not_sign_in(emulator: Emulator) -> None:
    description = json.loads((emulator.directory / "emulator.json").read_text(encoding="utf-8"))
    assert {one["kind"]: one["message"] for one in description["refused_keys"]} == {
        "expired": "Signer certificate expired or not yet valid",
        "not-yet-valid": "Signer certificate expired or not yet valid",
        "revoked": "Invalid certificate status",
        "authentication-only": "Invalid signature",
        "encryption-only": "Invalid signature",
        "foreign-authority": "Certificate issuer is unknown",
        "foreign-authority-of-the-same-name": "Failed to build certificate chain",
    }
    for one in description["refused_keys"]:
        assert one["key_file"] == f"keys/refused/{one['kind']}.p12"
        assert (emulator.directory / one["password_file"]).is_file()


def test_the_description_is_readable_by_people(emulator: Emulator) -> None:
    assert "ТОО «Пример Альфа»" in (emulator.directory / "emulator.json").read_text("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_files_are_private(emulator: Emulator) -> None:
    files = [one for one in emulator.directory.rglob("*") if one.is_file()]
    assert len(files) > 20
    assert {stat.S_IMODE(one.stat().st_mode) for one in files} == {0o600}


def test_passwords_and_keys_are_new_at_every_start(emulator: Emulator, tmp_path: Path) -> None:
    name = f"keys/{ALFA}/head.password"
    with Emulator(tmp_path):
        for one in (name, name.replace(".password", ".p12"), "ca.pem"):
            assert (tmp_path / one).read_bytes() != (emulator.directory / one).read_bytes()


def test_openssl_reads_a_key_file(emulator: Emulator) -> None:
    stem = emulator.directory / "keys" / ALFA / "head"
    shown = openssl(
        "pkcs12", "-in", f"{stem}.p12", "-passin", f"file:{stem}.password", "-nokeys", "-clcerts"
    )
    assert b"BEGIN CERTIFICATE" in shown


def test_certificates_never_pass_for_national_ones(emulator: Emulator) -> None:
    text = openssl("x509", "-in", emulator.directory / "ca.pem", "-noout", "-subject").decode()
    assert "SIGEX emulator test CA (not NCA)" in text


@contextmanager
def python(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A program that is gone when the block ends, whatever it waits for."""
    process = subprocess.Popen(
        [sys.executable, "-W", "error", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


_FOREGROUND = """
import sys
from pathlib import Path
from sigex_emulator import Emulator, run_forever
run_forever(Emulator(Path(sys.argv[1])), lambda one: print(one.address, flush=True))
needless = {"PIL", "nbconvert", "playwright", "pydantic", "pyhanko", "segno", "sigex_runbook"}
print("left", *needless & set(sys.modules), flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_foreground_run_leaves_on_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """Until somebody asks for it, it imports nothing that takes long and that he may not need."""
    with python("-c", _FOREGROUND, str(tmp_path)) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("https://localhost:")
        process.send_signal(number)
        assert process.communicate(timeout=60) == ("left\n", "")
    assert process.returncode == 0


_MANY_SIGNALS = """
import os, random, signal, threading
from sigex_emulator.foreground import asked_to_leave, await_one
for _ in range(300):
    with asked_to_leave() as asked:
        moment = random.uniform(0, 0.002)
        threading.Timer(moment, os.kill, (os.getpid(), signal.SIGTERM)).start()
        assert await_one(asked, look_seconds=0) == signal.SIGTERM
print("left", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="sends POSIX signals")
def test_a_signal_is_heard_at_whatever_moment_of_the_wait() -> None:
    with python("-c", _MANY_SIGNALS) as process:
        assert process.communicate(timeout=60) == ("left\n", "")
