"""The floor: a bare Playwright script for organisations of the emulator, and nothing more.

One browser and several contexts at a time: sign-in through NCALayer, the thirteen clicks, thirteen
pictures on disk and one HTTP check each; no record, no report, no verification. It must stay as
quick as we can write it. Run as a program of its own; it prints as JSON the seconds from its first
step until its browser has closed, without the interpreter's start and imports, and when each
organisation was done.

    python -m sigex_runbook.trials.bench.floor ADDRESS CA JOBS FOLDER CONTEXTS
"""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import sys
import time
from pathlib import Path

import httpx
from playwright.async_api import Browser, Locator, Page, WebSocketRoute, async_playwright

from sigex_runbook.signing import NCALayer, Pkcs12Signer
from sigex_runbook.signing.ncalayer import ADDRESS, GREETING
from sigex_runbook.site.browser import find_browser
from sigex_runbook.site.browser_launch import launch_options
from sigex_runbook.site.server_pin import server_pin

from .ground import Job, granted, read_jobs

_NCALAYER = re.compile(rf"^{re.escape(ADDRESS)}/?$")
_TITLES = (
    "Контроль доступа к документам организации",
    "Контроль доступа к перечислению документов организации",
    "Контроль доступа к настройкам документов организации",
    "Контроль доступа к настройкам организации",
)


async def perform(address: str, ca: Path, jobs: list[Job], folder: Path, contexts: int) -> str:
    """Do all of them; what is to be printed."""
    waiting = [(job, job.signer()) for job in reversed(jobs)]
    options = launch_options(find_browser(), address=address)
    ended: list[float] = []
    started = time.perf_counter()
    options["args"].append(
        f"--ignore-certificate-errors-spki-list={server_pin(address, ca.read_bytes())}"
    )
    trust = ssl.create_default_context(cafile=ca)
    async with (
        async_playwright() as playwright,
        await playwright.chromium.launch(**options) as browser,
        httpx.AsyncClient(base_url=address, verify=trust, trust_env=False) as client,
    ):

        async def one_after_another() -> None:
            while waiting:
                job, signer = waiting.pop()
                pictures = folder / job.organisation
                pictures.mkdir()
                cookie = await _one(browser, address, job.description, signer, pictures)
                asked = await client.get(
                    "/api/organizationSettings", headers={"Cookie": f"jwt={cookie}"}
                )
                if not granted(asked.json()):
                    raise SystemExit(f"the floor did not do its job at {job.organisation}")
                ended.append(time.perf_counter() - started)

        await asyncio.gather(*(one_after_another() for _ in range(contexts)))
    return json.dumps({"seconds": time.perf_counter() - started, "ended": ended})


async def _one(
    browser: Browser, address: str, description: str, signer: Pkcs12Signer, pictures: Path
) -> str:
    """One organisation on the screen; the cookie of its session."""
    ncalayer = NCALayer(signer)

    def serve(socket: WebSocketRoute) -> None:
        socket.on_message(lambda frame: socket.send(ncalayer.answer(frame)))
        socket.send(GREETING)

    async with await browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="ru-RU"
    ) as context:
        await context.route_web_socket(_NCALAYER, serve)
        page = await context.new_page()
        await _click_through(page, address, description, pictures)
        return next(one["value"] for one in await context.cookies() if one["name"] == "jwt")


async def _click_through(page: Page, address: str, description: str, pictures: Path) -> None:
    number = 0

    async def shoot(control: Locator) -> Locator:
        nonlocal number
        number += 1
        await control.scroll_into_view_if_needed()
        await page.screenshot(path=pictures / f"{number:03d}.png")
        return control

    async def click(control: Locator) -> None:
        await (await shoot(control)).click()

    header = page.get_by_role("banner")
    await page.goto(address)
    await click(header.get_by_role("link", name="Войти"))
    await page.get_by_role("button", name="NCALayer").click()
    await click(header.get_by_role("button", name="Меню"))
    await click(page.get_by_text("Настройки организации", exact=True))
    await click(page.get_by_role("link", name="Контроль доступа", exact=True))
    for title in _TITLES:
        block = page.get_by_role("button", name=title)
        await click(block)
        panel = page.locator(f'[id="{await block.get_attribute("aria-controls")}"]')
        tick = panel.get_by_role("checkbox", name=description, exact=True)
        await tick.check()
        await shoot(tick)
    async with page.expect_response("**/api/organizationSettings"):
        await click(page.get_by_role("button", name="Сохранить", exact=True))


def main(arguments: list[str]) -> None:
    """Do it and print."""
    address, ca, jobs, folder, contexts = arguments
    done = perform(address, Path(ca), read_jobs(Path(jobs)), Path(folder), int(contexts))
    sys.stdout.write(f"{asyncio.run(done)}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
