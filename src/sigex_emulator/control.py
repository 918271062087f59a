"""Control routes under `/emulator/control`: the world from outside, for tests in other languages.

Nothing of the real service is imitated here. The routes exist only when asked for, answer loopback
only and want the token that `emulator.json` holds. A request with an `Origin` header is refused
whatever it knows: a page in the same browser must not drive the emulator.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web

from sigex_emulator.api.answers import posted_object
from sigex_emulator.world.switches import shown_switches, with_switch
from sigex_emulator.world.world import World

from .clock import ShiftedClock
from .errors import EmulatorError, UnknownOrganisation
from .faults import CATALOGUE
from .messages import ApiError

PREFIX = "/emulator/control"
TOKEN_HEADER = "X-Emulator-Token"  # noqa: S105 - the name of a header

_Handler = Callable[[web.Request], Awaitable[web.Response]]


def add_control(application: web.Application, world: World, token: str) -> None:
    """Add the routes; call it before the pages, which answer whatever is left."""
    routes = _Control(world)
    for method, path, handler in (
        ("GET", "", routes.show),
        ("GET", "/", routes.show),
        ("GET", "/faults", routes.show_faults),
        ("PUT", "/faults/{bin}/{name}", routes.set_fault),
        ("DELETE", "/faults/{bin}/{name}", routes.clear_faults),
        ("DELETE", "/faults/{bin}", routes.clear_faults),
        ("DELETE", "/faults", routes.clear_faults),
        ("POST", "/reset", routes.reset),
        ("POST", "/clock", routes.move_clock),
        ("PATCH", "/switches", routes.set_switches),
    ):
        application.router.add_route(method, f"{PREFIX}{path}", _guarded(handler, token))


def _guarded(handler: _Handler, token: str) -> _Handler:
    async def answer(request: web.Request) -> web.Response:
        if "Origin" in request.headers or not _from_loopback(request):
            return _failed("Управление эмулятором — только для программ на этом компьютере.", 403)
        given = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), token.encode()):
            return _failed(f"Заголовок {TOKEN_HEADER} должен нести токен из emulator.json.", 403)
        try:
            return await handler(request)
        except EmulatorError as error:
            return _failed(str(error), 400)
        except ApiError:
            return _failed("Тело запроса — не объект JSON.", 400)

    return answer


def _from_loopback(request: web.Request) -> bool:
    try:
        return ipaddress.ip_address(request.remote or "").is_loopback
    except ValueError:
        return False


def _failed(sentence: str, status: int) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


class _Control:
    def __init__(self, world: World) -> None:
        self._world = world

    async def show(self, _request: web.Request) -> web.Response:
        return web.json_response(self._state())

    async def show_faults(self, _request: web.Request) -> web.Response:
        catalogue = [fault.as_json() for fault in CATALOGUE.values()]
        return web.json_response({"catalogue": catalogue, "active": self._world.faults.all()})

    async def set_fault(self, request: web.Request) -> web.Response:
        organisation_bin = request.match_info["bin"]
        if organisation_bin not in self._world.organisations:
            raise UnknownOrganisation(organisation_bin)
        self._world.faults.set(organisation_bin, request.match_info["name"])
        return web.json_response(self._state())

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._world.faults.clear(request.match_info.get("bin"), request.match_info.get("name"))
        return web.json_response(self._state())

    async def reset(self, _request: web.Request) -> web.Response:
        """Bring the seeded world back; switches and clock stay."""
        self._world.reset()
        return web.json_response(self._state())

    async def move_clock(self, request: web.Request) -> web.Response:
        seconds = (await posted_object(request)).get("seconds")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            return _failed('Нужно {"seconds": число}: на сколько передвинуть часы.', 400)
        if not isinstance(self._world.clock, ShiftedClock):
            return _failed("Часы этого эмулятора задала программа, их не передвинуть.", 400)
        try:
            self._world.clock.advance(timedelta(seconds=seconds))
            self._world.clock.now()
        except (OverflowError, ValueError):
            return _failed("Такого времени у часов не бывает.", 400)
        return web.json_response(self._state())

    async def set_switches(self, request: web.Request) -> web.Response:
        switches = self._world.switches
        for name, value in (await posted_object(request)).items():
            switches = with_switch(switches, name, value)
        self._world.switches = switches
        return web.json_response(self._state())

    def _state(self) -> dict[str, Any]:
        return {
            "now": self._world.now_ms,
            "organisations": list(self._world.organisations),
            "faults": self._world.faults.all(),
            "switches": shown_switches(self._world.switches),
        }
