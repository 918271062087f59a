"""How these tests reach the emulator: real TLS, signatures made by OpenSSL's command line.

Nothing here comes from the project's client side: the maker of a signature must be neither of our
codes.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import BrowserContext, WebSocketRoute

from sigex_emulator.messages import Message
from sigex_emulator.pki.authority import PersonalKey, SystemKey
from sigex_emulator.server import Emulator

NCALAYER = re.compile(r"wss://127\.0\.0\.1:13579/?")
ALFA = "200240002381"
BETA = "000740000728"
CONTRACTS = "Учёт договоров"
PORTAL = "Кадровый портал"


def openssl(*arguments: str | Path, stdin: bytes | None = None) -> bytes:
    """Run openssl and return what it printed; its failure is the test's failure."""
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@dataclass
class Signer:
    """Signs with a person's key by OpenSSL's command line."""

    key: PersonalKey
    directory: Path
    files: Path = field(init=False)

    def __post_init__(self) -> None:
        self.files = self.directory / f"{self.key.person.iin}.pem"
        self.files.write_bytes(
            self.key.private_key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + self.key.certificate.public_bytes(serialization.Encoding.PEM)
        )

    def cms(self, content: bytes, *options: str) -> str:
        """Return a detached CMS over the content, armoured with BEGIN CMS."""
        made = openssl(
            "cms", "-sign", "-binary", "-md", "sha256", "-signer", self.files,
            "-outform", "PEM", *options, stdin=content,
        )  # fmt: skip
        return made.decode()


@dataclass
class Visitor:
    """A person's HTTP client."""

    client: httpx.Client
    signer: Signer

    def nonce(self) -> str:
        return str(self.post("/api/auth", {})["nonce"])

    def sign_in(self, **more: Any) -> dict[str, Any]:
        nonce = self.nonce()
        signature = self.signer.cms(base64.b64decode(nonce))
        return self.post("/api/auth", {"nonce": nonce, "signature": signature, **more})

    def get(self, path: str) -> dict[str, Any]:
        return answer(self.client.get(path))

    def post(self, path: str, body: Any) -> dict[str, Any]:
        return answer(self.client.post(path, json=body))

    def settings(self) -> dict[str, Any]:
        """Return the settable part of the organisation's settings."""
        whole = self.get("/api/organizationSettings")
        answer_only = {"businessId", "modifiedAt", "dataArchiveQuota", "dataArchiveUsage"}
        return {key: value for key, value in whole.items() if key not in answer_only}


VisitorMaker = Callable[..., Visitor]
SystemMaker = Callable[..., httpx.Client]
Admit = Callable[..., None]
"""What the fixtures `visitor`, `system` and `admit` give."""


def answer(response: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer; whatever happened, the code is 200."""
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert response.headers["date"]
    value = response.json()
    assert isinstance(value, dict)
    if "message" in value:
        assert isinstance(value["requestID"], int)
        assert value["message"] in set(Message)
    return value


def message(value: dict[str, Any]) -> str:
    """Return the message of an answer, or an empty text."""
    return str(value.get("message", ""))


@contextmanager
def system_client(
    emulator: Emulator, directory: Path, key: SystemKey | None
) -> Iterator[httpx.Client]:
    """Open a client of the mTLS port with the key, or without any."""
    context = ssl.create_default_context(cadata=emulator.world.authority.certificate_pem)
    if key is not None:
        files = directory / f"system-{key.certificate.serial_number:x}.pem"
        files.write_text(key.private_key_pem + key.certificate_pem)
        context.load_cert_chain(files)
    with httpx.Client(base_url=emulator.mtls_address, verify=context) as client:
        yield client


def proofs(emulator: Emulator, client: httpx.Client) -> dict[str, str]:
    """Return the message of the call that shows each grant of the guide, by block."""
    document = emulator.world.organisations[ALFA].document_ids[0]
    calls: dict[str, tuple[str, str, Any]] = {
        "documentsAccess": ("GET", f"/api/{document}", None),
        "documentsList": ("GET", "/api?organization=true", None),
        "documentsSettings": ("POST", f"/api/{document}/settings", {"private": True}),
        "organizationSettings": ("GET", "/api/organizationSettings", None),
    }
    return {
        block: message(answer(client.request(method, path, json=body)))
        for block, (method, path, body) in calls.items()
    }


@dataclass
class NcaLayer:
    """A stand-in that answers as the published protocol says (sigex-facts 4.2)."""

    signer: Signer
    answer: Callable[[str], str | None] | None = None
    """What to answer to a sign request instead of a signature; None as answer hangs up."""

    requests: list[dict[str, Any]] = field(default_factory=list)

    def attend(self, context: BrowserContext) -> None:
        context.route_web_socket(NCALAYER, self._greet)

    def _greet(self, socket: WebSocketRoute) -> None:
        socket.on_message(lambda text: self._receive(socket, str(text)))
        socket.send('{"result":{"version":"1.2"}}')

    def _receive(self, socket: WebSocketRoute, text: str) -> None:
        request = json.loads(text)
        self.requests.append(request)
        if request["method"] == "getVersion":
            socket.send("{}")
            return
        if self.answer is None:
            cms = self.signer.cms(base64.b64decode(request["args"]["data"]))
            socket.send(json.dumps({"status": True, "body": {"result": [cms]}}))
            return
        answer = self.answer(text)
        if answer is None:
            socket.close()
        else:
            socket.send(answer)
