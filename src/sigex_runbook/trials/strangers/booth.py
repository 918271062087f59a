"""The booth: one site at a time on an emulator's port, and what was pressed on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

from aiohttp import web

from sigex_emulator.pki import oids
from sigex_emulator.walk_in import PATH as WALK_IN_PATH
from sigex_emulator.walk_in import walk_ins
from sigex_emulator.world.organisations import Organisation
from sigex_runbook.core.order import Wish

from .grammar import PARTS, Style
from .markup import (
    SETTINGS_PATH,
    SIGN_IN_PATH,
    classes,
    shell,
    sign_in_form,
    start_page,
    templates,
)
from .words import LIST_ORDERS, block_description, block_names, block_title

_PRESSED_PATH = "/pressed"
_DIRECTORY_PATH = "/directory"
_ASSETS = {"site.js": "text/javascript", "site.css": "text/css"}
_SECTIONS = {
    "subscription": "Подписка",
    "access": "",
    "certificates": "Сертификаты информационных систем",
    "webhooks": "Уведомления",
    "archive": "Архивирование подписанных данных",
}
_STAND_IN_IIN = "IIN770101300012"
_STAND_IN_OID = oids.LEGAL_ENTITY_SYSTEM


@dataclass(frozen=True, slots=True)
class Tick:
    """A box that was pressed: of which block and list, whose, and how it stood afterwards."""

    block: str
    kind: str
    key: str
    on: bool

    def ordered(self, style: Style) -> bool:
        """Whether it is what the order wants."""
        wish = style.arrangement.wishes.get(self.block, Wish.LEAVE)
        own = self.kind == "systems" and self.key == str(style.arrangement.ordered)
        return own and wish is (Wish.GRANTED if self.on else Wish.REVOKED)


class Booth:
    """Shows the site that was put up last; give `add` to an emulator in place of its pages."""

    def __init__(self) -> None:
        self._style: Style | None = None
        self._people: list[dict[str, str]] = []
        self.ticks: list[Tick] = []

    def put_up(self, style: Style, organisation: Organisation) -> None:
        """Show this site, for the people of this organisation; nothing was pressed on it yet."""
        self._style = style
        self._people = [
            {"key": key.person.user_id, "name": key.person.name} for key in organisation.people
        ]
        self.ticks = []

    def add(self, application: web.Application) -> None:
        """Serve the pages; a contract of `Emulator(pages=…)`."""
        pages = {"/": "start", SIGN_IN_PATH: "sign_in", SETTINGS_PATH: "settings"}
        for path, page in pages.items():
            application.router.add_get(path, self._page(page))
        application.router.add_get(f"{SETTINGS_PATH}/{{part}}", self._page("settings"))
        application.router.add_get("/assets/{name}", _asset)
        application.router.add_get(_DIRECTORY_PATH, self._directory)
        application.router.add_post(_PRESSED_PATH, self._pressed)

    def _page(self, page: str) -> Any:
        async def answer(request: web.Request) -> web.Response:
            if self._style is None:
                raise web.HTTPNotFound
            part = request.match_info.get("part", "subscription")
            if part not in _SECTIONS:
                raise web.HTTPNotFound
            content = {"start": start_page, "sign_in": sign_in_form}.get(page, lambda _: "")
            html = shell(
                self._style,
                self._config(self._style, page, part),
                content(self._style) + (_walk_in_form(request) if page == "sign_in" else ""),
            )
            return web.Response(text=html, content_type="text/html")

        return answer

    def _config(self, style: Style, page: str, part: str) -> str:
        name = style.arrangement.systems[style.arrangement.ordered]
        people, authorities = (
            list(self._people),
            [{"key": oid, "name": known} for oid, known in oids.AUTHORITIES.items()],
        )
        if style.decoy in {"employee", "both"}:
            people.insert(1, {"key": _STAND_IN_IIN, "name": name})
        if style.decoy in {"authority", "both"}:
            authorities.insert(2, {"key": _STAND_IN_OID, "name": name})
        config = {
            "page": page,
            "part": part,
            "style": {part: style.value(part) for part in PARTS},
            "classes": classes(style),
            "templates": templates(style),
            "sections": [
                {"key": key, "title": title or style.way_words} for key, title in _SECTIONS.items()
            ],
            "shown": [
                {
                    "field": block,
                    "title": block_title(style, block),
                    "description": block_description(block),
                }
                for block in block_names(style)
            ],
            "people": people,
            "authorities": authorities,
            "lists": LIST_ORDERS[style.list_order],
            "paths": {
                "pressed": _PRESSED_PATH,
                "directory": _DIRECTORY_PATH,
                "sign_in": SIGN_IN_PATH,
                "settings": SETTINGS_PATH,
            },
        }
        return json.dumps(config, ensure_ascii=False).replace("<", "\\u003c")

    async def _directory(self, _: web.Request) -> web.Response:
        return web.json_response(self._people)

    async def _pressed(self, request: web.Request) -> web.Response:
        self.ticks.append(Tick(**await request.json()))
        return web.Response(status=204)


def _walk_in_form(request: web.Request) -> str:
    """For whoever looks at a site by hand; nothing in a trial."""
    people = "".join(
        f'<option value="{one["iin"]}">{escape(one["name"])}</option>' for one in walk_ins(request)
    )
    return people and (
        f'<form method="post" action="{WALK_IN_PATH}"><select name="iin">{people}</select>'
        '<input type="hidden" name="to" value="/"><button>Войти без NCALayer</button></form>'
    )


async def _asset(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if name not in _ASSETS:
        raise web.HTTPNotFound
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return web.Response(text=text, content_type=_ASSETS[name])
