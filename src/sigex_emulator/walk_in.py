"""A way in without NCALayer, for somebody who looks around by hand. Only when it was asked for.

The real service has nothing of the kind: the panel says so, and without the option neither panel
nor route exists.
"""

from __future__ import annotations

import re

from aiohttp import web

from sigex_emulator.api.sign_in import open_session
from sigex_emulator.api.visit import world_of
from sigex_emulator.pki.identity import read_identity
from sigex_emulator.world.world import World

PATH = "/emulator/walk-in"
_LOCAL = re.compile(r"/(?![/\\])[\x21-\x7e]*")
"""A path: browsers drop control characters, and read a backslash as a slash."""

WALK_IN: web.AppKey[bool] = web.AppKey("walk_in", bool)


def add_walk_in(application: web.Application) -> None:
    """Add the route; call it before the pages, which answer whatever is left."""
    application[WALK_IN] = True
    application.router.add_post(PATH, _walk_in)


def walk_ins(request: web.Request) -> list[dict[str, str]]:
    """Return who may walk in; nobody without the option."""
    if not request.app.get(WALK_IN, False):
        return []
    world: World = world_of(request)
    return [
        {
            "iin": iin,
            "name": key.person.name,
            "organisation": key.person.organisation_name,
            "role": key.person.role,
        }
        for iin, key in world.keys.people.items()
    ]


async def _walk_in(request: web.Request) -> web.Response:
    world = world_of(request)
    posted = await request.post()
    key = world.keys.people.get(str(posted.get("iin", "")))
    # Another site's page must not sign anybody in here.
    if key is None or request.headers.get("Origin") != f"https://{request.host}":
        raise web.HTTPForbidden(text="Войти так можно только со страницы входа эмулятора.")
    response = web.Response(status=303, headers={"Location": _local(str(posted.get("to", "")))})
    open_session(request, response, read_identity(key.certificate))
    return response


def _local(address: str) -> str:
    """Return an address of this site, or the start page instead of a foreign one."""
    return address if _LOCAL.fullmatch(address) else "/"
