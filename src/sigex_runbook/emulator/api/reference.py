"""`/api/strings` and `/api/version` (sigex-facts 3.2, 3.6, K(S2); no sign-in needed is I)."""

from __future__ import annotations

from aiohttp import web

from sigex_runbook.emulator import oids
from sigex_runbook.emulator.api.answers import json_answer
from sigex_runbook.emulator.messages import DESCRIPTIONS, KAZAKH, RUSSIAN, Message


async def get_strings(request: web.Request) -> web.Response:  # noqa: ARG001 - aiohttp's shape
    """Answer the texts of messages and of the object identifiers in use here."""
    return json_answer(
        {
            "errorMessages": {
                message.value: {
                    "ru": RUSSIAN[message],
                    "kk": KAZAKH.get(message, RUSSIAN[message]),
                    "description": DESCRIPTIONS.get(message, ""),
                }
                for message in Message
            },
            "consts": {
                "ncaAuthorityOIDs": _texts(oids.AUTHORITIES),
                "extKeyUsageOIDs": _texts(oids.KEY_USES),
                "signatureAlgorithmOIDs": _texts({oids.RSA_SHA256: "RSA SHA-256"}),
            },
        }
    )


async def get_version(request: web.Request) -> web.Response:  # noqa: ARG001 - aiohttp's shape
    """Answer the service's version; the values are the emulator's own."""
    return json_answer(
        {
            "version": "emulator",
            "buildTimeStamp": 0,
            "licenseOwner": "sigex-runbook emulator",
            "licenseUntil": 0,
        }
    )


def _texts(names: dict[str, str]) -> dict[str, dict[str, str]]:
    return {oid: {"ru": name, "kk": name} for oid, name in names.items()}
