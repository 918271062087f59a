"""Made-up material for tests of the core and the channels: certificates, settings, a server."""

from __future__ import annotations

import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from sigex_runbook.core.access import AccessBlock, AccessSettings, key_fingerprint
from sigex_runbook.core.order import Order
from sigex_runbook.core.record import Outcome, PlannedStep, StepRecord

ORGANISATION = "200240002381"  # a public organisation's number, sigex-facts 4.5
OTHER_ORGANISATION = "000740000728"
SYSTEM = "Учёт договоров"
CONTROL = "Кадровый портал"

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

# -- certificates


@dataclass(frozen=True)
class Pair:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")

    @property
    def key_pem(self) -> str:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode("ascii")

    @property
    def fingerprint(self) -> str:
        return key_fingerprint(self.pem)

    def save(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write both as PEM; gives the paths of certificate and key."""
        certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
        certificate.write_text(self.pem, encoding="ascii")
        key.write_text(self.key_pem, encoding="ascii")
        return certificate, key


def make_pair(
    name: str, *, issuer: Pair | None = None, key: Key | None = None, host: str | None = None
) -> Pair:
    """A fresh certificate: an authority without `issuer`, with one a server for 127.0.0.1, or for
    the `host` of that name."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(host)]
                if host
                else [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
    )
    return Pair(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


@cache
def known_pair(name: str) -> Pair:
    """A certificate that stays the same for the whole session, by name."""
    return make_pair(name)


# -- settings and orders


def block(*indices: int) -> dict[str, Any]:
    """One access block with the head's authority, as sigex-facts 3.4 shows it."""
    return {
        "authorities": ["1.2.398.3.3.4.1.2.1", "1.2.398.3.3.4.1.2.5"],
        "tlsCertificatesIndices": list(indices),
        "iins": ["IIN900101300126"],
    }


def settings_body(**changes: Any) -> dict[str, Any]:
    """A settings object: two information systems, nothing granted, every field of the facts."""
    body: dict[str, Any] = {
        "businessId": f"BIN{ORGANISATION}",
        "tlsCertificatesList": [entry(SYSTEM), entry(CONTROL)],
        **{name.value: block() for name in AccessBlock},
        "packagesAccess": block(),
        "packagesList": block(),
        "packagesSettings": block(),
        "webhooks": {"urls": ["https://one.example/hook", "https://two.example/hook"]},
        "dataArchiveEnabled": True,
        "dataArchiveContactEmail": "archive@example.kz",
        "subscriptionContactEmail": "plan@example.kz",
        "dataArchiveQuota": 1000,
        "dataArchiveUsage": 10,
        "modifiedAt": 1_700_000_000_000,
    }
    return {**body, **changes}


def entry(description: str, *, pair: str | None = None, disabled: bool = False) -> dict[str, Any]:
    """One information system of the organisation's list; its key goes by `pair` or its name."""
    return {
        "description": description,
        "body": known_pair(pair or description).pem,
        "disabled": disabled,
        "settings": {"ddcLogoDisable": False},
    }


def settings(**changes: Any) -> AccessSettings:
    return AccessSettings(settings_body(**changes))


def order_tree(folder: Path, **changes: Any) -> dict[str, Any]:
    """A valid order as a tree; its files are written into `folder`. None takes a key away."""
    certificate, key = known_pair(SYSTEM).save(folder, "system")
    other, other_key = known_pair(CONTROL).save(folder, "control")
    (folder / "employee.p12").write_bytes(b"any bytes: the order does not open it")
    (folder / "employee.password").write_text("secret\n", encoding="utf-8")
    tree: dict[str, Any] = {
        "format": "sigex-access-order/1",
        "organisation": {"bin": ORGANISATION},
        "information_system": {
            "description": SYSTEM,
            "certificate": certificate.name,
            "key": key.name,
        },
        "control_system": {
            "description": CONTROL,
            "certificate": other.name,
            "key": other_key.name,
        },
        "access": {name.value: "granted" for name in AccessBlock},
        "probe_document": "1jpAOexzXjfy8s13",
        "sign_in": {
            "method": "pkcs12",
            "key_file": "employee.p12",
            "password": {"file": "employee.password"},
        },
        **changes,
    }
    return {key: value for key, value in tree.items() if value is not None}


def make_order(folder: Path, **changes: Any) -> Order:
    """A valid order past its door."""
    from sigex_runbook.core.order import parse_order

    text = json.dumps(order_tree(folder, **changes), ensure_ascii=False)
    return parse_order(text, path=folder / "order.yaml")


# -- records


def step_record(
    outcome: Outcome = Outcome.PASSED,
    *,
    position: int = 1,
    section: int = 1,
    callout: int | None = None,
    message: str | None = None,
) -> StepRecord:
    text = f"шаг {position}" + (f" ({callout})" if callout else "")
    planned = PlannedStep(position, section, "Сценарий", "Когда", text, callout)
    return StepRecord(planned, outcome, message=message)


# -- a service over TLS


@dataclass(frozen=True)
class Call:
    """What the server saw of one call."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    client_certificate: bytes | None


@dataclass(frozen=True)
class Reply:
    """What the server answers."""

    body: bytes = b"{}"
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    short_by: int = 0
    """How many bytes of the body stay unsent, as when a connection breaks."""


def reply(value: object, **changes: Any) -> Reply:
    """A JSON answer."""
    return Reply(json.dumps(value, ensure_ascii=False).encode("utf-8"), **changes)


@dataclass
class Service:
    """A running server: where it is, what it answers, what it was asked."""

    address: str
    answer: Callable[[Call], Reply]
    calls: list[Call] = field(default_factory=list)


@contextmanager
def running_service(
    server: Pair,
    folder: Path,
    *,
    clients: Pair | None = None,
    at_most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
) -> Iterator[Service]:
    """An HTTPS server on a free loopback port; `clients` may show this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = at_most
    context.load_cert_chain(*server.save(folder, "server"))
    if clients is not None:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(cadata=clients.pem)
    service = Service("", lambda _: Reply())

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            assert isinstance(self.connection, ssl.SSLSocket)
            call = Call(
                self.command,
                self.path,
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
                self.connection.getpeercert(binary_form=True),
            )
            service.calls.append(call)
            answer = service.answer(call)
            self.send_response_only(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) - answer.short_by])

        do_GET = do_POST = _serve  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        block_on_close = True
        daemon_threads = False

        def handle_error(self, *_: object) -> None:
            pass  # a client that hangs up is what some tests are about

    with Server(("127.0.0.1", 0), Handler) as listening:
        listening.socket = context.wrap_socket(listening.socket, server_side=True)
        service.address = f"https://127.0.0.1:{listening.server_address[1]}"
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            listening.shutdown()
            thread.join()
