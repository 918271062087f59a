"""Only the server whose key was verified is trusted, by a real browser."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

import pytest
from aiohttp import WSMsgType, web
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

from sigex_runbook.core.errors import ServiceUnavailable, UsageError
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.server_pin import server_pin, spki_pin
from tests.builders import Pair, make_pair
from tests.proxy import running_proxy, set_proxies


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
def https_server(folder: Path, server: Pair, chain: Sequence[Pair]) -> Iterator[str]:
    """A real HTTPS and WebSocket server on a free port, which sends `chain` after its own."""
    file = folder / f"{server.certificate.serial_number}.pem"
    sent = "".join(one.pem for one in (server, *chain))
    file.write_text(sent + server.key_pem, encoding="ascii")
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
    authority, impostor = make_pair("Authority"), make_pair("Impostor")
    with (
        https_server(tmp_path, make_pair("server", issuer=authority), [authority]) as right,
        https_server(tmp_path, make_pair("sibling", issuer=authority), [authority]) as sibling,
        https_server(tmp_path, make_pair("forged", issuer=impostor), [authority]) as forged,
    ):
        hosts = [right, sibling, forged]
        pin = server_pin(f"https://{right}/", authority.pem.encode())

        assert reach(hosts, []) == [False, False, False]
        assert reach(hosts, [pin]) == [True, False, False]


def test_an_authoritys_pin_would_admit_a_forged_chain(tmp_path: Path) -> None:
    """Why `server_pin` exists: Chromium checks no signature once any sent certificate matches."""
    authority, impostor = make_pair("Authority"), make_pair("Impostor")
    with https_server(tmp_path, make_pair("forged", issuer=impostor), [authority]) as forged:
        assert reach([forged], [spki_pin(authority.pem.encode())]) == [True]


def test_a_server_of_another_authority_gets_no_pin(tmp_path: Path) -> None:
    authority, other = make_pair("Authority"), make_pair("Other")
    with (
        https_server(tmp_path, make_pair("server", issuer=authority), [authority]) as host,
        pytest.raises(UsageError, match="--ca"),
    ):
        server_pin(f"https://{host}/", other.pem.encode())


def test_a_pin_is_refused_where_there_is_nothing_to_pin() -> None:
    authority = make_pair("Authority")
    with pytest.raises(UsageError, match="https://"):
        server_pin("http://127.0.0.1/", authority.pem.encode())
    with pytest.raises(UsageError, match="не читается как сертификат"):
        server_pin("https://127.0.0.1/", b"text")
    with pytest.raises(ServiceUnavailable, match="не отвечает"):
        server_pin("https://127.0.0.1:9/", authority.pem.encode())


@pytest.mark.parametrize("sign_in", [None, "ivan:geheim"])
def test_pin_and_browser_go_through_a_proxy_but_loopback_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, sign_in: str | None
) -> None:
    authority = make_pair("Authority")
    named = make_pair("server", issuer=authority, host="sigex.test")
    with (
        https_server(tmp_path, named, [authority]) as far,
        https_server(tmp_path, make_pair("near", issuer=authority), [authority]) as near,
        running_proxy(sign_in=sign_in) as proxy,
        sync_playwright() as playwright,
    ):
        set_proxies(monkeypatch, HTTPS_PROXY=proxy.address)
        addresses = [f"https://{far}/".replace("127.0.0.1", "sigex.test"), f"https://{near}/"]
        pins = [server_pin(address, authority.pem.encode()) for address in addresses]
        assert len(set(pins)) == 2
        browser = launch(playwright, address=addresses[0], pins=pins)
        page = browser.new_page()
        for address in addresses:
            page.goto(address)
            assert page.title() == "Страница"
        browser.close()
        far_alone = {"sigex.test:" + far.partition(":")[2]}
        assert {one for one in proxy.asked if "sigex" in one or near in one} == far_alone


def test_a_browser_for_loopback_knows_no_proxy(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    authority = make_pair("Authority")
    server = make_pair("near", issuer=authority)
    with https_server(tmp_path, server, [authority]) as near, sync_playwright() as playwright:
        set_proxies(
            monkeypatch,
            https_proxy="http://127.0.0.1:1",
            HTTPS_PROXY="http://127.0.0.1:1",
            all_proxy="http://127.0.0.1:1",
        )
        pin = server_pin(f"https://{near}", authority.pem.encode())
        browser = launch(playwright, address=f"https://{near}", pins=[pin])
        page = browser.new_page()
        page.goto(f"https://{near}/")
        assert page.title() == "Страница"
        browser.close()
