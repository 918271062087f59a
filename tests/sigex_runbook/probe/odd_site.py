"""A small site of our own on the emulator's API, whose controls may be called anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from aiohttp import web

BLOCKS = {
    "documentsAccess": "Контроль доступа к документам организации",
    "documentsList": "Контроль доступа к перечислению документов организации",
    "documentsSettings": "Контроль доступа к настройкам документов организации",
    "organizationSettings": "Контроль доступа к настройкам организации",
}


@dataclass(frozen=True)
class Names:
    """What the site calls its controls; the defaults are the guide's words."""

    sign_in: str = "Войти"
    sign_in_page: str = "/auth"
    sign: str = "Войти через NCALayer"
    menu: str = "Меню"
    item: str = "Настройки организации"
    link: str = "Контроль доступа"
    titles: tuple[str, ...] = tuple(BLOCKS.values())
    twice: bool = False
    """Whether each block lists the systems once more, as it was before."""
    save: str = "Сохранить"
    saves_when_opened: bool = False


_PAGE = Path(__file__).with_name("odd_site.html")


def pages_of(names: Names) -> Callable[[web.Application], None]:
    """What draws the site; give it to an emulator as its `pages`."""
    text = (
        _PAGE.read_text("utf-8")
        .replace("NAMES", json.dumps(asdict(names), ensure_ascii=False))
        .replace("BLOCK_KEYS", json.dumps(list(BLOCKS)))
    )

    async def answer(_request: web.Request) -> web.Response:
        return web.Response(text=text, content_type="text/html", charset="utf-8")

    def add(application: web.Application) -> None:
        for path in ("/", names.sign_in_page, "/organization-settings", "/help"):
            application.router.add_get(path, answer)

    return add
