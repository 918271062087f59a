"""The floor: a bare Playwright script for one organisation on the emulator, and nothing more.

A cold browser, the thirteen clicks, thirteen pictures on disk and one HTTP check; no record, no
report, no verification. Run as a program of its own; it prints the seconds of its work without the
interpreter's start and imports.

    python -m sigex_runbook.trials.bench.floor ADDRESS CA KEY PASSWORD_FILE DESCRIPTION FOLDER
"""

from __future__ import annotations

import ssl
import sys
import time
from pathlib import Path

import httpx
from playwright.sync_api import Locator, Page, sync_playwright

from sigex_runbook.signing import NCALayer, Pkcs12Signer
from sigex_runbook.signing.bridge import attach
from sigex_runbook.site.browser_launch import launch
from sigex_runbook.site.server_pin import server_pin

_BLOCKS = (
    ("Контроль доступа к документам организации", "documentsAccess"),
    ("Контроль доступа к перечислению документов организации", "documentsList"),
    ("Контроль доступа к настройкам документов организации", "documentsSettings"),
    ("Контроль доступа к настройкам организации", "organizationSettings"),
)


def main(arguments: list[str]) -> None:
    """Do it once."""
    address, ca, key, password_file, description, folder = arguments
    signer = Pkcs12Signer.load(Path(key), Path(password_file).read_text("utf-8").strip())
    started = time.perf_counter()
    with (
        sync_playwright() as playwright,
        launch(playwright, pins=[server_pin(address, Path(ca).read_bytes())]) as browser,
        browser.new_context(viewport={"width": 1280, "height": 800}, locale="ru-RU") as context,
    ):
        attach(context, NCALayer(signer))
        page = context.new_page()
        _click_through(page, address, description, Path(folder))
        cookie = next(c["value"] for c in context.cookies() if c["name"] == "jwt")
    with httpx.Client(
        base_url=address,
        verify=ssl.create_default_context(cafile=ca),
        headers={"Cookie": f"jwt={cookie}"},
    ) as client:
        settings = client.get("/api/organizationSettings").json()
    for _, block in _BLOCKS:
        if not settings[block]["tlsCertificatesIndices"]:
            raise SystemExit(f"the floor did not do its job: {block} is not granted")
    sys.stdout.write(f"{time.perf_counter() - started}\n")


def _click_through(page: Page, address: str, description: str, folder: Path) -> None:
    number = 0

    def shoot(control: Locator) -> Locator:
        nonlocal number
        number += 1
        control.scroll_into_view_if_needed()
        page.screenshot(path=folder / f"{number:03d}.png")
        return control

    header = page.get_by_role("banner")
    page.goto(address)
    shoot(header.get_by_role("link", name="Войти")).click()
    page.get_by_role("button", name="NCALayer").click()
    shoot(header.get_by_role("button", name="Меню")).click()
    shoot(page.get_by_text("Настройки организации", exact=True)).click()
    shoot(page.get_by_role("link", name="Контроль доступа", exact=True)).click()
    for title, _ in _BLOCKS:
        block = shoot(page.get_by_role("button", name=title))
        block.click()
        panel = page.locator(f'[id="{block.get_attribute("aria-controls")}"]')
        tick = panel.get_by_role("checkbox", name=description, exact=True)
        tick.check()
        shoot(tick)
    with page.expect_response("**/api/organizationSettings"):
        shoot(page.get_by_role("button", name="Сохранить", exact=True)).click()


if __name__ == "__main__":
    main(sys.argv[1:])
