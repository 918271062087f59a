"""Which browser is used, that it starts, and whom it trusts."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

import pytest
from aiohttp import WSMsgType, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from sigex_runbook.errors import EnvironmentMissing, ServiceUnavailable, UsageError
from sigex_runbook.site.browser import Browser, consider, find_browser
from sigex_runbook.site.candidates import OVERRIDE, BrowserKind, Machine
from sigex_runbook.site.launching import launch, launch_options
from sigex_runbook.site.pinning import server_pin, spki_pin

# --- finding ---------------------------------------------------------------------------------


def program(path: Path, body: str = 'echo "Chromium 1.2.3.4"') -> Path:
    """A stand-in for a browser: it answers `--version`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def downloaded(home: Path, name: str, *, complete: bool = True) -> Path:
    """A stand-in for what Playwright downloads, in Playwright's own layout."""
    folder = home / ".cache" / "ms-playwright" / name.partition("/")[0]
    path = program(home / ".cache" / "ms-playwright" / name)
    if complete:
        (folder / "INSTALLATION_COMPLETE").touch()
    return path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """An empty Linux machine."""
    (tmp_path / "bin").mkdir()
    return Machine(
        platform="linux",
        environ={"PATH": f"{tmp_path / 'bin'}", "DISPLAY": ":0"},
        home=tmp_path / "home",
    )


SHELL = "chromium_headless_shell-9/chrome-headless-shell-linux64/chrome-headless-shell"
FULL = "chromium-9/chrome-linux64/chrome"


def test_this_machine_has_a_browser_that_starts() -> None:
    browser = find_browser()
    with sync_playwright() as playwright:
        running = launch(playwright, browser=browser)
        assert running.version.split(".")[0] == browser.version.split(".")[0]
        running.close()


def test_a_headless_shell_is_preferred_and_a_visible_run_skips_it(
    machine: Machine, tmp_path: Path
) -> None:
    program(tmp_path / "bin" / "chromium")
    shell = program(tmp_path / "bin" / "chromium-headless-shell")

    assert find_browser(machine=machine) == Browser(
        shell, BrowserKind.HEADLESS_SHELL, "1.2.3.4", "установлен в системе"
    )
    assert find_browser(machine=machine, visible=True).path == tmp_path / "bin" / "chromium"


def test_the_order_is_shell_then_system_then_playwright(machine: Machine, tmp_path: Path) -> None:
    expected = [
        program(tmp_path / "bin" / "chromium-headless-shell"),
        downloaded(machine.home, SHELL),
        program(tmp_path / "bin" / "chromium"),
        program(tmp_path / "bin" / "google-chrome"),
        program(tmp_path / "bin" / "microsoft-edge"),
        downloaded(machine.home, FULL),
    ]
    assert [candidate.path for candidate in consider(machine=machine)] == expected


def test_debians_script_is_passed_over_for_the_program_behind_it(
    machine: Machine, tmp_path: Path
) -> None:
    program(tmp_path / "bin" / "chromium-headless-shell")
    behind = program(tmp_path / "lib" / "chromium" / "chromium-headless-shell")
    assert find_browser(machine=machine).path == behind


def test_the_newest_complete_download_is_taken(machine: Machine) -> None:
    downloaded(machine.home, SHELL)
    newest = downloaded(machine.home, SHELL.replace("-9/", "-10/"))
    downloaded(machine.home, SHELL.replace("-9/", "-11/"), complete=False)
    assert find_browser(machine=machine).path == newest


def test_a_browser_that_does_not_start_is_passed_over(machine: Machine, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium-headless-shell", "echo no libnss3 >&2; exit 127")
    good = program(tmp_path / "bin" / "chromium")
    assert find_browser(machine=machine).path == good


def test_a_snap_is_refused(machine: Machine, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium-browser", "exec /snap/bin/chromium")
    with pytest.raises(EnvironmentMissing, match="snap"):
        find_browser(machine=machine)


def test_a_window_without_a_display_is_refused_with_a_way_out(
    machine: Machine, tmp_path: Path
) -> None:
    program(tmp_path / "bin" / "chromium")
    bare = Machine("linux", {"PATH": machine.environ["PATH"]}, machine.home)
    with pytest.raises(EnvironmentMissing, match=r"DISPLAY.*xvfb"):
        find_browser(machine=bare, visible=True)
    assert find_browser(machine=bare).path == tmp_path / "bin" / "chromium"


def test_no_browser_with_a_window_names_the_package(machine: Machine, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium-headless-shell")
    with pytest.raises(EnvironmentMissing, match="apt-get install chromium"):
        find_browser(machine=machine, visible=True)


def test_no_browser_says_what_to_do(machine: Machine) -> None:
    with pytest.raises(EnvironmentMissing, match="sigex-runbook setup"):
        find_browser(machine=machine)


@pytest.mark.parametrize("make", ["nothing", "folder", "plain"])
def test_the_operators_choice_is_refused_clearly_and_never_replaced(
    machine: Machine, tmp_path: Path, make: str
) -> None:
    program(tmp_path / "bin" / "chromium")
    chosen = tmp_path / "chosen"
    if make == "folder":
        chosen.mkdir()
    elif make == "plain":
        chosen.write_text("text", encoding="utf-8")
    machine = Machine("linux", {**machine.environ, OVERRIDE: str(chosen)}, machine.home)
    with pytest.raises(UsageError, match=OVERRIDE):
        find_browser(machine=machine)


def test_the_operators_choice_is_used(machine: Machine, tmp_path: Path) -> None:
    chosen = program(tmp_path / "chosen")
    machine = Machine("linux", {OVERRIDE: str(chosen)}, machine.home)
    assert find_browser(machine=machine).kind is BrowserKind.NAMED


def test_windows_has_edge_and_its_version_is_a_folder(tmp_path: Path) -> None:
    edge = program(tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe", "exit 1")
    for version in ("99.0.1.2", "156.0.8078.79"):
        (edge.parent / version).mkdir()
    machine = Machine("win32", {"PATH": "", "PROGRAMFILES(X86)": str(tmp_path)}, tmp_path)
    assert find_browser(machine=machine) == Browser(
        edge, BrowserKind.EDGE, "156.0.8078.79", "установлен в системе"
    )


def test_macos_has_chrome_among_the_users_applications(tmp_path: Path) -> None:
    chrome = program(
        tmp_path / "Applications" / "Google Chrome.app/Contents/MacOS" / "Google Chrome"
    )
    machine = Machine("darwin", {"PATH": ""}, tmp_path)
    assert find_browser(machine=machine, visible=True).path == chrome


# --- starting --------------------------------------------------------------------------------


def test_only_root_goes_without_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(Path("x"), BrowserKind.CHROMIUM, "1", "")
    for user, sandbox in ((0, False), (1000, True)):
        monkeypatch.setattr("os.geteuid", lambda user=user: user)
        assert launch_options(browser)["chromium_sandbox"] is sandbox


def test_a_browser_that_dies_at_once_is_named(tmp_path: Path) -> None:
    browser = Browser(program(tmp_path / "dies", "exit 1"), BrowserKind.CHROMIUM, "1", "")
    with sync_playwright() as playwright, pytest.raises(EnvironmentMissing, match="doctor"):
        launch(playwright, browser=browser)


# --- trust -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Certified:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def certify(name: str, issuer: Certified | None = None) -> Certified:
    """A server's certificate for 127.0.0.1, or an authority's own when there is no issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    addresses = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    return Certified(certificate, key)


async def _page(_: web.Request) -> web.Response:
    return web.Response(text="<title>Страница</title>", content_type="text/html")


async def _echo(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
    return socket


@contextmanager
def https_server(folder: Path, server: Certified, chain: Sequence[Certified]) -> Iterator[str]:
    """A real HTTPS and WebSocket server on a free port, which sends `chain` after its own."""
    file = folder / f"{server.certificate.serial_number}.pem"
    key = server.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file.write_bytes(server.pem + b"".join(one.pem for one in chain) + key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    ready: Queue[tuple[str, Callable[[], object]] | Exception] = Queue()

    async def serve() -> None:
        app = web.Application()
        app.add_routes([web.get("/", _page), web.get("/echo", _echo)])
        runner = web.AppRunner(app, shutdown_timeout=1)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        try:
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
            host = f"127.0.0.1:{runner.addresses[0][1]}"
            ready.put((host, lambda: loop.call_soon_threadsafe(stopped.set)))
            await stopped.wait()
        except Exception as error:  # noqa: BLE001 - raised again by the thread that waits
            ready.put(error)
        finally:
            await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    started = ready.get()
    if isinstance(started, Exception):
        raise started
    host, stop = started
    try:
        yield host
    finally:
        stop()
        thread.join()


REACH = """
async (host) => {
  const asked = fetch(`https://${host}/`, { mode: "no-cors" });
  const fetched = await asked.then(() => true, () => false);
  const talked = await new Promise((done) => {
    const socket = new WebSocket(`wss://${host}/echo`);
    socket.onopen = () => socket.send("эхо");
    socket.onmessage = (message) => { socket.close(); done(message.data === "эхо"); };
    socket.onerror = () => done(false);
  });
  return [fetched, talked];
}
"""


def reach(hosts: Sequence[str], pins: Sequence[str]) -> list[bool]:
    """Whether a browser with these pins opens, fetches from and talks to each host.

    The three must agree; one answer per host.
    """
    answers = []
    with sync_playwright() as playwright:
        browser = launch(playwright, pins=pins)
        for host in hosts:
            page = browser.new_page()
            fetched, talked = page.evaluate(REACH, host)
            try:
                page.goto(f"https://{host}/")
                opened = True
            except PlaywrightError as error:
                opened = "ERR_CERT_AUTHORITY_INVALID" not in str(error)
            assert opened == fetched == talked
            answers.append(opened)
        browser.close()
    return answers


def test_only_the_pinned_server_is_trusted(tmp_path: Path) -> None:
    """A pin of the server's own key admits that server and no other, pages and sockets alike."""
    authority, impostor = certify("Authority"), certify("Impostor")
    with (
        https_server(tmp_path, certify("server", authority), [authority]) as right,
        https_server(tmp_path, certify("sibling", authority), [authority]) as sibling,
        https_server(tmp_path, certify("forged", impostor), [authority]) as forged,
    ):
        hosts = [right, sibling, forged]
        pin = server_pin(f"https://{right}/", authority.pem)

        assert reach(hosts, []) == [False, False, False]
        assert reach(hosts, [pin]) == [True, False, False]


def test_an_authoritys_pin_would_admit_a_forged_chain(tmp_path: Path) -> None:
    """Why `server_pin` exists: Chromium checks no signature once any sent certificate matches."""
    authority, impostor = certify("Authority"), certify("Impostor")
    with https_server(tmp_path, certify("forged", impostor), [authority]) as forged:
        assert reach([forged], [spki_pin(authority.pem)]) == [True]


def test_a_server_of_another_authority_gets_no_pin(tmp_path: Path) -> None:
    authority, other = certify("Authority"), certify("Other")
    with (
        https_server(tmp_path, certify("server", authority), [authority]) as host,
        pytest.raises(UsageError, match="--ca"),
    ):
        server_pin(f"https://{host}/", other.pem)


def test_a_pin_is_refused_where_there_is_nothing_to_pin() -> None:
    authority = certify("Authority")
    with pytest.raises(UsageError, match="https://"):
        server_pin("http://127.0.0.1/", authority.pem)
    with pytest.raises(UsageError, match="PEM"):
        server_pin("https://127.0.0.1/", b"text")
    with pytest.raises(ServiceUnavailable, match="не отвечает"):
        server_pin("https://127.0.0.1:9/", authority.pem)
