"""An authority of tests: a root, an issuer, and servers whose answers OpenSSL makes."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from sigex_runbook.evidence.attest.trust import Authority

PEM = serialization.Encoding.PEM
NOW = datetime.now(UTC).replace(microsecond=0)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Office:
    """`root` > `issuer` > the servers `first` and `second`; `issue` adds more."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificates: dict[str, x509.Certificate] = {}
        self.keys: dict[str, Key] = {}
        self.issue("root", "root", rsa.generate_private_key(65537, 2048), ca=True)
        self.issue("issuer", "root", ec.generate_private_key(ec.SECP384R1()), ca=True)
        self.issue("first", "issuer", ec.generate_private_key(ec.SECP256R1()))
        self.issue("second", "issuer", rsa.generate_private_key(65537, 3072))
        (folder / "serial").write_text("01")

    def issue(
        self,
        name: str,
        issuer: str,
        key: Key,
        *,
        ca: bool = False,
        until: datetime = NOW + timedelta(days=900),
        usage: Sequence[x509.ObjectIdentifier] = (ExtendedKeyUsageOID.TIME_STAMPING,),
    ) -> None:
        self.keys[name] = key
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - timedelta(days=900))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usage), critical=True)
        self.certificates[name] = builder.sign(self.keys[issuer], hashes.SHA256())
        (self.folder / f"{name}.pem").write_bytes(self.certificates[name].public_bytes(PEM))
        (self.folder / f"{name}.key").write_bytes(
            key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        )

    def pinned(self, *names: str) -> Authority:
        return Authority("http://time.test/", tuple(self.certificates[name] for name in names))

    def post(
        self, server: str, chain: Sequence[str] = (), *, md: str = "sha256", takes: str = "sha256"
    ) -> Callable[[str, bytes], bytes]:
        """Answers of one server, with these certificates in the token in this order."""
        (self.folder / "ts.cnf").write_text(
            f"[t]\nserial={self.folder}/serial\ncrypto_device=builtin\ndefault_policy=1.2.3.4\n"
            f"digests={takes}\ness_cert_id_alg=sha256\n"
        )
        (self.folder / "chain.pem").write_bytes(
            b"".join(self.certificates[name].public_bytes(PEM) for name in chain)
        )

        def answer(_: str, query: bytes) -> bytes:
            (self.folder / "query").write_bytes(query)
            done = subprocess.run(
                [
                    *("openssl", "ts", "-reply", "-config", self.folder / "ts.cnf"),
                    *("-section", "t", "-queryfile", self.folder / "query", f"-{md}"),
                    *("-signer", self.folder / f"{server}.pem"),
                    *("-inkey", self.folder / f"{server}.key"),
                    *(("-chain", self.folder / "chain.pem") if chain else ()),
                ],
                capture_output=True,
                check=False,
            )
            assert done.stdout, done.stderr
            return done.stdout

        return answer
