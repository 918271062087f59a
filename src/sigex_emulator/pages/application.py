"""Addresses of the pages (sigex-facts 2.1) and what travels with each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from sigex_emulator.api.answers import escaped_json
from sigex_emulator.api.visit import world_of
from sigex_emulator.fault_effects import page_faults
from sigex_emulator.pki.oids import AUTHORITIES
from sigex_emulator.skins import SKINS
from sigex_emulator.walk_in import walk_ins
from sigex_emulator.world.settings import ALL_BLOCKS, GUIDE_BLOCKS

from .rendering import LANGUAGES, Language, render, static_file, texts

PAGES: dict[str, str] = {
    "": "start",
    "/auth": "authentication",  # its real path is not known (sigex-facts 2.1, U)
    "/organization-settings": "organization-settings",
}
"""Path without the language prefix, and the template."""

SETTINGS_PATH = "/organization-settings"
SETTINGS_PARTS = (
    "subscription",
    "access-control",
    "certificates",
    "system-settings",
    "webhooks",
    "archive",
)
"""Parts of the settings page (sigex-facts 2.3, order K); that they have addresses is one reading
of unknown 2, which some skins show."""

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

_POLICY = (
    "default-src 'self'; img-src 'self' data:; "
    # NCALayer, and the KAZTOKEN service that the vendor's client looks for (sigex-facts 4.2)
    "connect-src 'self' wss://127.0.0.1:13579 https://127.0.0.1:24680; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)


def add_pages(application: web.Application) -> None:
    """Add every page in every language, and the files they need."""
    for language in LANGUAGES:
        for path, template in PAGES.items():
            address = f"{_prefix(language)}{path}" or "/"
            application.router.add_get(address, _page(template, path, language))
        for part in SETTINGS_PARTS:
            address = f"{_prefix(language)}{SETTINGS_PATH}/{part}"
            application.router.add_get(
                address, _page("organization-settings", SETTINGS_PATH, language)
            )
    application.router.add_get("/static/{name}", _static)
    application.router.add_get("/static/skins/{skin}/{name}", _static)
    application.router.add_get("/{rest:(?!api(?:/|$)).*}", _not_found)


def _page(template: str, path: str, language: Language) -> _Handler:
    async def answer(request: web.Request) -> web.Response:
        return _html(request, template, path, language)

    return answer


async def _not_found(request: web.Request) -> web.Response:
    return _html(request, "not-found", "", "ru", status=404)


async def _static(request: web.Request) -> web.Response:
    name = request.match_info["name"]
    skin = request.match_info.get("skin")
    if skin is not None and skin not in SKINS:
        raise web.HTTPNotFound
    content = static_file(name, skin)
    if content is None or name[name.rindex(".") :] not in _KINDS:
        raise web.HTTPNotFound
    return web.Response(
        body=content,
        content_type=_KINDS[name[name.rindex(".") :]],
        charset="utf-8",
        headers={"Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"},
    )


def _header(language: Language, skin: str, home: str, links: str) -> str:
    menu = render("menu", language, skin)
    visitor = render("visitor", language, skin, menu=menu)
    return render("header", language, skin, home=home, languages=links, visitor=visitor)


def _html(
    request: web.Request, template: str, path: str, language: Language, status: int = 200
) -> web.Response:
    faults = page_faults(request)
    skin = world_of(request).switches.skin
    home = _prefix(language) or "/"
    links = _language_links(path, language)
    after = ["walk-in"] if template == "authentication" and walk_ins(request) else []
    page = render(
        "layout",
        language,
        skin,
        language=language,
        skin=skin,
        header=_header(language, skin, home, links),
        content=render(template, language, skin, home=home),
        script="".join(
            _script(name) for name in [*(["faults"] if faults else []), template, *after]
        ),
        page_data=escaped_json(_page_data(request, language, faults)),
    )
    return web.Response(
        text=page,
        content_type="text/html",
        charset="utf-8",
        status=status,
        headers={
            "Cache-Control": "no-store",
            "Content-Security-Policy": _POLICY,
            "Referrer-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _script(name: str) -> str:
    return f'<script type="module" src="/static/{name}.js"></script>'


def _page_data(request: web.Request, language: Language, faults: list[str]) -> dict[str, object]:
    switches = world_of(request).switches
    skin = SKINS[switches.skin]
    shown = ALL_BLOCKS if skin.seven_blocks else GUIDE_BLOCKS
    if switches.access_blocks_shown == "seven":
        shown = ALL_BLOCKS
    known = texts(language, skin.name)
    return {
        "language": language,
        "prefix": _prefix(language),
        "texts": known,
        "authorities": {oid: known[f"authority.{oid}"] for oid in AUTHORITIES},
        "accessBlocks": list(reversed(shown) if skin.turned_order else shown),
        "allAccessBlocks": list(ALL_BLOCKS),
        "skin": skin.name,
        "qrCode": switches.qr_code,
        "accessLink": switches.access_link,
        "headsAuthority": switches.heads_authority,
        "disabledSystems": switches.disabled_systems,
        "saveButton": switches.save_button,
        "saveConfirmation": switches.save_confirmation,
        "leavingUnsaved": switches.leaving_unsaved,
        "faults": faults,
        "walkIns": walk_ins(request),
    }


def _language_links(path: str, current: Language) -> str:
    names = {"ru": "Рус", "kk": "Қаз", "en": "Eng"}
    return "".join(
        f'<a href="{_prefix(one) + path or "/"}" lang="{one}" hreflang="{one}"'
        + (' aria-current="true"' if one == current else "")
        + f">{names[one]}</a>"
        for one in LANGUAGES
    )


def _prefix(language: Language) -> str:
    return "" if language == "ru" else f"/{language}"
