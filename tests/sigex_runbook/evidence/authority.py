"""Time authorities for tests: OpenSSL's `ts`, and one in this process that lies about the time."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from sigex_runbook.evidence.attest.trust import Authority

_CONFIG = """
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class TestAuthority:
    """An authority with a CA of its own; its certificates are as valid as a test wants."""

    __test__ = False

    folder: Path
    ca: x509.Certificate
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    url: str = "http://authority.test/"

    @classmethod
    def make(
        cls,
        folder: Path,
        *,
        name: str = "Time authority",
        stamping: bool = True,
        start: datetime | None = None,
        end: datetime | None = None,
    ) -> TestAuthority:
        now = datetime.now(UTC)
        window = (start or now - timedelta(days=4000), end or now + timedelta(days=4000))
        ca_key, key = _key(), _key()
        ca = _certificate(f"{name} CA", f"{name} CA", ca_key, ca_key, window, ca=True)
        usage = ExtendedKeyUsageOID.TIME_STAMPING if stamping else ExtendedKeyUsageOID.CODE_SIGNING
        certificate = _certificate(name, f"{name} CA", key, ca_key, window, usage=usage)
        authority = cls(folder, ca, certificate, key)
        authority._write()
        return authority

    def _write(self) -> None:
        pem = serialization.Encoding.PEM
        (self.folder / "ca.pem").write_bytes(self.ca.public_bytes(pem))
        (self.folder / "tsa.pem").write_bytes(self.certificate.public_bytes(pem))
        (self.folder / "tsa.key").write_bytes(
            self.key.private_bytes(
                pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (self.folder / "serial").write_text("01")
        (self.folder / "ts.cnf").write_text(_CONFIG.format(folder=self.folder))

    @property
    def pinned(self) -> Authority:
        """As trust.json names it."""
        return Authority(self.url, (self.certificate, self.ca))

    def post(self, _: str, query: bytes) -> bytes:
        """OpenSSL's answer to a request."""
        (self.folder / "query.tsq").write_bytes(query)
        done = subprocess.run(
            [
                *("openssl", "ts", "-reply", "-config", self.folder / "ts.cnf"),
                *("-queryfile", self.folder / "query.tsq", "-out", self.folder / "answer.tsr"),
            ],
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return (self.folder / "answer.tsr").read_bytes()

    def posting_at(self, moment: datetime) -> Any:
        """An authority in this process whose clock shows that moment."""
        private = self.key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        der = serialization.Encoding.DER
        stamper = DummyTimeStamper(
            _load(asn1_x509.Certificate, self.certificate.public_bytes(der)),
            _load(asn1_keys.PrivateKeyInfo, private),
            certs_to_embed=_load(list, self.ca.public_bytes(der)),
            fixed_dt=moment.replace(microsecond=0),
        )

        def post(_: str, query: bytes) -> bytes:
            answer: Any = stamper.request_tsa_response(_load(tsp.TimeStampReq, query))
            return bytes(answer.dump())

        return post


def _load(kind: Any, der: bytes) -> Any:
    """What the library makes of DER; of `list`, one certificate in a list."""
    return [asn1_x509.Certificate.load(der)] if kind is list else kind.load(der)  # type: ignore[no-untyped-call]


@contextmanager
def served(authority: TestAuthority) -> Iterator[tuple[str, list[int]]]:
    """The authority over HTTP: its address, and a list of statuses to answer before it works."""
    statuses: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            assert self.headers["content-type"] == "application/timestamp-query"
            status = statuses.pop(0) if statuses else 200
            answer = authority.post("", body) if status == 200 else b""
            self.send_response_only(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/", statuses
        finally:
            server.shutdown()
            thread.join()


def _certificate(
    name: str,
    issuer: str,
    key: rsa.RSAPrivateKey,
    issuer_key: rsa.RSAPrivateKey,
    window: tuple[datetime, datetime],
    *,
    ca: bool = False,
    usage: x509.ObjectIdentifier | None = None,
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(window[0])
        .not_valid_after(window[1])
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())
