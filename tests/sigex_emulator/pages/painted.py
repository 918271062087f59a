"""The way through the pages that their tests go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from sigex_emulator.world.world import World
from tests.sigex_emulator.drivers import ALFA

_AXE = {"resultTypes": ["violations"], "preload": False, "elementRef": False}

TITLES = (
    "Контроль доступа к документам организации",
    "Контроль доступа к перечислению документов организации",
    "Контроль доступа к настройкам документов организации",
    "Контроль доступа к настройкам организации",
)


def sign_in(page: Page, path: str = "/") -> None:
    page.goto(path)
    page.get_by_role("link", name="Войти").click()
    page.get_by_role("button", name="Войти через NCALayer").click()
    page.get_by_role("button", name="Меню пользователя").wait_for()


def open_access_control(page: Page) -> None:
    page.goto("/organization-settings#access-control")
    page.get_by_role("button", name="Сохранить").wait_for()


def tick_box(page: Page, title: str, description: str) -> Any:
    block = page.get_by_role("region", name=title, exact=True)
    return block.get_by_role("checkbox", name=description, exact=True)


@contextmanager
def quiet(page: Page) -> Iterator[list[str]]:
    """Collect what the page posts while the block runs."""
    posted: list[str] = []

    def note(request: Any) -> None:
        if request.method == "POST":
            posted.append(request.url)

    page.on("request", note)
    yield posted
    page.remove_listener("request", note)


def indices(world: World) -> dict[str, tuple[int, ...]]:
    blocks = world.organisations[ALFA].settings.blocks
    return {name: block.tls_certificate_indices for name, block in blocks.items()}


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    found = Axe().run(page, options=_AXE).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
