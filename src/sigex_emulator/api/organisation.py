"""Calls about one's own organisation (sigex-facts 3.2, 3.4, 3.5, K(S2))."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.world.callers import SystemCaller
from sigex_emulator.world.rights import holds
from sigex_emulator.world.settings import GUIDE_BLOCKS, read_settings
from sigex_emulator.world.world import World

from .answers import integer_parameter, json_answer, posted_json
from .reference import PLAN, SYSTEMS_FEATURE
from .visit import entitled, organisation_of, world_of

_RIGHT = "organizationSettings"
_ARCHIVE_QUOTA = 10 * 1024**3  # bytes; the real figure depends on a plan and is not known


async def get_settings(request: web.Request) -> web.Response:
    """Answer the whole settings object."""
    _, organisation_bin, _ = entitled(request, _RIGHT)
    return json_answer(whole_settings(world_of(request), organisation_bin))


def whole_settings(world: World, organisation_bin: str) -> dict[str, Any]:
    """Return the settings object with what only answers carry."""
    settings = world.organisations[organisation_bin].settings
    return {
        "businessId": f"BIN{organisation_bin}",
        **settings.as_json(),
        "dataArchiveQuota": _ARCHIVE_QUOTA if settings.data_archive_enabled else 0,
        "dataArchiveUsage": world.archive_usage(organisation_bin),
        "modifiedAt": settings.modified_at,
    }


async def post_settings(request: web.Request) -> web.Response:
    """Replace the whole settings object (that it is replaced, not merged, is I)."""
    caller, organisation_bin, _ = entitled(request, _RIGHT)
    world = world_of(request)
    posted = await posted_json(request)
    settings = read_settings(posted, world.switches)
    if world.switches.own_right == "kept" and not holds(caller, _RIGHT, settings):
        raise ApiError(Message.ACCESS_DENIED)
    modified_at = world.save_settings(
        organisation_bin, settings, caller.author, read_at=posted.get("modifiedAt")
    )
    return json_answer({"businessId": f"BIN{organisation_bin}", "modifiedAt": modified_at})


async def get_settings_audit(request: web.Request) -> web.Response:
    """Answer the changes of the settings object; the right that it needs is I."""
    _, organisation_bin, _ = entitled(request, _RIGHT)
    audit = world_of(request).organisations[organisation_bin].audit
    events = audit.after(integer_parameter(request, "lastEventId", 0))
    return json_answer(
        {
            "businessId": f"BIN{organisation_bin}",
            "eventsTotal": len(audit),
            "events": [event.as_json() for event in events],
        }
    )


async def get_permissions(request: web.Request) -> web.Response:
    """Answer the four flags, for a person and (I) for an information system."""
    caller, _, settings = organisation_of(request)
    refused = world_of(request).switches.permissions_on_mtls == "refused"
    if refused and isinstance(caller, SystemCaller):
        raise ApiError(Message.NOT_AN_ORGANISATION)  # S2 words the call for a "user"
    return json_answer({block: holds(caller, block, settings) for block in GUIDE_BLOCKS})


async def get_subscription(request: web.Request) -> web.Response:
    """Answer the organisation's plan; its name and features are invented (I)."""
    _, _, settings = entitled(request, _RIGHT)
    contact = settings.subscription_contact_email
    plan = world_of(request).switches.plan
    return json_answer(
        {
            "name": PLAN,
            "expires": 0,
            **({"contactEmail": contact} if contact else {}),
            "features": [{"name": SYSTEMS_FEATURE, "enabled": plan == "full"}],
        }
    )
