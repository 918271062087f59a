"""What an effect of a fault is: the call it wraps, the calls it concerns, and the list of all."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from sigex_emulator.api.answers import json_answer
from sigex_emulator.api.visit import PORT, Port, world_of
from sigex_emulator.world.settings import OrganisationSettings

Answer = web.StreamResponse
Proceed = Callable[[], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request that a fault concerns, with the organisation it is made for."""

    request: web.Request
    organisation_bin: str
    proceed: Proceed
    memory: dict[str, Any]

    @property
    def settings(self) -> OrganisationSettings:
        """The organisation's settings as they are stored now."""
        return world_of(self.request).organisations[self.organisation_bin].settings

    def store(self, settings: OrganisationSettings) -> None:
        """Put other settings in place, without a word in the audit."""
        world_of(self.request).put_settings(self.organisation_bin, settings)

    def another_organisation(self) -> str:
        """The BIN of some other organisation."""
        return next(
            one for one in world_of(self.request).organisations if one != self.organisation_bin
        )


@dataclass(frozen=True, slots=True)
class Answered(Call):
    """A call that was done, and the JSON object that answered it."""

    body: dict[str, Any]


Effect = Callable[[Call], Awaitable[Answer]]
OtherBody = Callable[[Answered], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Where:
    """Which calls a fault concerns; an empty path means all of a port."""

    method: str = ""
    path: str = ""
    port: Port = "people"

    def covers(self, request: web.Request) -> bool:
        """Tell whether a request is one of these calls."""
        return (
            request.app[PORT] == self.port
            and self.method in {"", request.method}
            and self.path in {"", request.path}
        )


SAVE = Where("POST", "/api/organizationSettings")
LOAD = Where("GET", "/api/organizationSettings")
LOAD_OF_SYSTEMS = Where("GET", "/api/organizationSettings", "systems")
PERMISSIONS = Where("GET", "/api/organizationPermissions")
AUTH = Where("POST", "/api/auth")
SYSTEMS = Where(port="systems")

EFFECTS: dict[str, list[tuple[Where, Effect]]] = {}


def effect_of(name: str, *places: Where) -> Callable[[Effect], Effect]:
    """Register what a fault does to the calls that it concerns."""

    def register(effect: Effect) -> Effect:
        EFFECTS.setdefault(name, []).extend((where, effect) for where in places)
        return effect

    return register


def changes_answer(name: str, *places: Where) -> Callable[[OtherBody], OtherBody]:
    """Register a fault that answers another JSON object than the one that was found."""

    def register(other_body: OtherBody) -> OtherBody:
        async def effect(call: Call) -> Answer:
            answer = await call.proceed()
            body = object_in(answer)
            if body is None:
                return answer
            answered = Answered(
                call.request, call.organisation_bin, call.proceed, call.memory, body
            )
            return json_answer(other_body(answered))

        effect_of(name, *places)(effect)
        return other_body

    return register


def object_in(answer: Answer) -> dict[str, Any] | None:
    """Return the JSON object of an answer; None when it has none, or is an error."""
    if not isinstance(answer, web.Response) or answer.content_type != "application/json":
        return None
    body = json.loads(answer.text or "null")
    return body if isinstance(body, dict) and "message" not in body else None


def ticked(settings: OrganisationSettings, block: str, indices: set[int]) -> OrganisationSettings:
    """Return settings with these indices and no others in a block."""
    listed = replace(settings.blocks[block], tls_certificate_indices=tuple(sorted(indices)))
    return settings.with_block(block, listed)
