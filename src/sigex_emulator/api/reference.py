"""`/api/strings` and `/api/version` (sigex-facts 3.2, 3.6, K(S2); no sign-in needed is I)."""

from __future__ import annotations

from aiohttp import web

from sigex_emulator.messages import DESCRIPTIONS, KAZAKH, RUSSIAN, Message
from sigex_emulator.pki import oids

from .answers import json_answer

PLAN = "emulator"
SYSTEMS_FEATURE = "mTLS"
"""Both invented: names of plans and features are not known."""


def _texts(names: dict[str, str]) -> dict[str, dict[str, str]]:
    return {oid: {"ru": name, "kk": name} for oid, name in names.items()}


CONSTS = {
    "OIDs": _texts({oid: name for oid, (_, name) in oids.SUBJECT_ATTRIBUTES.items()}),
    "policyOIDs": _texts(oids.POLICIES),
    "timeStampPolicyOIDs": {},  # the emulator knows no time stamps
    "extKeyUsageOIDs": _texts(oids.KEY_USES),
    "signatureAlgorithmOIDs": _texts(oids.SIGNATURE_ALGORITHMS),
    "ncaAuthorityOIDs": _texts(oids.AUTHORITIES),
    "keyStorageOIDs": _texts(oids.KEY_STORAGES),
    "keyUsages": _texts(
        {
            "digitalSignature": "Цифровая подпись",
            "nonRepudiation": "Неотказуемость",
            "keyEncipherment": "Шифрование ключей",
        }
    ),
    "subscriptions": _texts({PLAN: "Учебный"}),
    "subscriptionFeatures": _texts({SYSTEMS_FEATURE: "Доступ информационных систем"}),
    "certificationAuthorities": _texts({"nca": "НУЦ РК", "btsd": "УЦ АО «BTS Digital»"}),
}
"""Groups of texts: names of groups K(S2, S5), keys of the certification authorities K(S2, 8).

Which entries each of the other groups holds is I, as are the words.
"""


async def get_strings(_request: web.Request) -> web.Response:
    """Answer the texts of messages and of the object identifiers in use here."""
    return json_answer(
        {
            "errorMessages": {
                message.value: {
                    "ru": RUSSIAN[message],
                    "kk": KAZAKH.get(message, RUSSIAN[message]),
                    "description": DESCRIPTIONS[message],
                }
                for message in Message
            },
            "consts": CONSTS,
        }
    )


async def get_version(_request: web.Request) -> web.Response:
    """Answer the service's version: kinds of values K(S2, 8), the values are the emulator's own."""
    return json_answer(
        {
            "version": "emulator",
            "buildTimeStamp": "0",
            "licenseOwner": "BIN000000000000",
            "licenseUntil": "2099-12-31",
        }
    )
