"""A person signs: the page talks to a real NCALayer address, answered by a stand-in written here.

The stand-in speaks the published protocol over its own TLS on NCALayer's own port; nothing of our
bridge is in the way. The browser is told to trust it as NCALayer's installer would have done.
"""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sigex_runbook.signing import Pkcs12Signer
from sigex_runbook.site.browser import find_browser
from sigex_runbook.site.server_pin import spki_pin
from tests.commands import answers, run, sealed_well, write
from tests.service import EVERYTHING, NOTHING, Service

PORT = 13579


@dataclass
class StandIn:
    """NCALayer with a person in front of it, who signs or closes the window."""

    certificate: Path
    key: Path
    signer: Pkcs12Signer | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"result": {"version": "1.3"}})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                asked = json.loads(message.data)
                self.asked.append(asked)
                await socket.send_json(self.answer(asked))
        return socket

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        if (asked["module"], asked["method"]) != ("kz.gov.pki.knca.basics", "sign"):
            return {}
        if self.signer is None:
            return {"status": True, "body": {}}  # the person cancelled
        data = base64.b64decode(asked["args"]["data"])
        signed = base64.encodebytes(self.signer.sign(data, attach=False)).decode()
        return {
            "status": True,
            "body": {"result": f"-----BEGIN CMS-----\n{signed}-----END CMS-----\n"},
        }


def self_signed(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "nca.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "nca.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "nca.pem", folder / "nca.key"


@pytest.fixture
def ncalayer(tmp_path: Path) -> Iterator[StandIn]:
    stand_in = StandIn(*self_signed(tmp_path))
    loop = asyncio.new_event_loop()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(stand_in.certificate, stand_in.key)
    application = web.Application()
    application.router.add_get("/", stand_in.serve)
    runner = web.AppRunner(application, shutdown_timeout=0)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", PORT, ssl_context=tls).start()

    loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield stand_in
    asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def trusting_browser(folder: Path, certificate: Path) -> Path:
    """A program that starts the browser with one more trusted key."""
    script = folder / "browser"
    script.write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        f"pin, browser = {spki_pin(certificate.read_bytes())!r}, {str(find_browser().path)!r}\n"
        "flag = '--ignore-certificate-errors-spki-list='\n"
        "arguments = [a + ',' + pin if a.startswith(flag) else a for a in sys.argv[1:]]\n"
        "os.execv(browser, [browser, *arguments])\n",
        encoding="utf-8",
    )
    script.chmod(0o755)
    return script


def test_a_person_cancels_then_signs_in_ncalayers_own_window(
    service: Service, ncalayer: StandIn, tmp_path: Path
) -> None:
    """One test, because NCALayer's port is one for the whole machine."""
    sample = service.order_text()
    start = sample.index("  method: pkcs12")
    order = write(tmp_path, sample[:start] + "  method: person\n")
    environment = {
        "SIGEX_RUNBOOK_BROWSER": str(trusting_browser(tmp_path, ncalayer.certificate)),
    }
    arguments: list[str | Path] = [
        order,
        *service.arguments(),
        "--outputs",
        tmp_path / "outputs",
        "--json",
    ]

    done = run(*arguments, "--json=events", **environment)
    *told, result = answers(done)
    assert (done.returncode, result["verdict"], result["section"]) == (1, "FAILED", 1)
    waits = "ждёт, пока вы подпишете вход в окне NCALayer"
    assert waits in [one["doing"] for one in told]
    assert "отмен" in result["message"].lower()
    assert done.stderr == ""
    assert service.granted() == NOTHING
    evidence = Path(result["pack"]) / "evidence"
    outcomes = [
        json.loads(line)["outcome"]
        for line in (evidence / "steps.ndjson").read_text("utf-8").splitlines()
    ]
    assert outcomes == ["passed", "passed", "failed"] + ["not_run"] * 32
    assert (evidence / "screens" / "failure-raw.png").is_file()
    assert sealed_well(evidence.parent)

    keys = service.emulator.directory / "keys" / "200240002381"
    password = (keys / "employee-settings.password").read_text("utf-8").strip()
    ncalayer.signer = Pkcs12Signer.load(keys / "employee-settings.p12", password)
    done = run(*arguments, **environment)
    [result] = answers(done)
    assert (done.returncode, result["verdict"]) == (0, "PASSED"), result["message"]
    assert service.granted() == EVERYTHING
    signed = [a["args"] for a in ncalayer.asked if a.get("method") == "sign"]
    assert len(signed) == 2
    assert signed[0]["data"] != signed[1]["data"], "a nonce was used twice"
    assert sealed_well(Path(result["pack"]))
