"""A stranger's front end in the place of the emulator's pages: files, and nothing in between.

A stranger is a folder with `site.json`, `{"pages": {"/": "start.html", …}}`; its other files answer
under `/own/`, the packages that npm brought under `/npm/`.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

Pages = Callable[[web.Application], None]


def pages_of(folder: Path, node_modules: Path) -> Pages:
    """What draws this stranger's site; give it to an emulator as its `pages`."""
    pages: dict[str, str] = json.loads((folder / "site.json").read_text("utf-8"))["pages"]

    def add(application: web.Application) -> None:
        for path, name in pages.items():
            application.router.add_get(path, _file(folder / name))
        application.router.add_static("/own/", folder)
        application.router.add_static("/npm/", node_modules)

    return add


def _file(path: Path) -> Callable[[web.Request], Awaitable[web.FileResponse]]:
    async def answer(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(path, headers={"Cache-Control": "no-store"})

    return answer
