"""The settings of a document, and whom they let sign and see (sigex-facts 3.5, 8, K(S2))."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sigex_emulator.messages import ApiError, Message
from sigex_emulator.pki.identity import Identity

DEFAULT_SETTINGS: Mapping[str, Any] = {
    "private": False,
    "signaturesLimit": 0,
    "switchToPrivateAfterLimitReached": False,
    "unique": [],
    "strictSignersRequirements": False,
    "sequentialSignersRequirements": False,
    "signersRequirements": [],
    "publicDuringPreregistration": False,
    "publicWhileLessThanSignatures": 0,
    "documentAccess": [],
    "forceArchive": False,
    "tempStorageAfterRegistration": 0,
}
"""An absent key falls back to these."""

AUTHORITIES = ("nca", "btsd")
"""What requirements call the certification authorities; the test authority stands for `nca` (I)."""

UNIQUE = ("iin", "bin")

_LARGEST = 2**31 - 1
_IIN = re.compile(r"IIN\d{12}", re.ASCII)
_BIN = re.compile(r"BIN\d{12}", re.ASCII)
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*)){1,30}", re.ASCII)


def read_settings(posted: Any) -> dict[str, Any]:
    """Read posted document settings: an absent key takes its default, not its old value (K).

    Raises ApiError for an unknown key or a value of another kind (I).
    """
    if not isinstance(posted, dict):
        raise ApiError(Message.INVALID_STRUCTURE)
    if not all(_fits(key, value) for key, value in posted.items()):
        raise ApiError(Message.INVALID_STRUCTURE)
    return {**DEFAULT_SETTINGS, **posted}


def opens_to_person(settings: Mapping[str, Any], user_id: str, business_id: str | None) -> bool:
    """Tell whether `documentAccess` names a person: by IIN, or by IIN and BIN together."""
    return any(
        one.get("iin") == user_id and one.get("bin", business_id) == business_id
        for one in settings["documentAccess"]
    )


def opens_to_organisation(settings: Mapping[str, Any], business_id: str) -> bool:
    """Tell whether `documentAccess` names an organisation, whatever IIN stands beside it."""
    return any(one.get("bin") == business_id for one in settings["documentAccess"])


def lets_sign_first(settings: Mapping[str, Any], signer: Identity) -> bool:
    """Tell whether a signer may be a document's first one.

    Requirements concern the first signature if they are strict; one that is met is enough, or the
    first of them if they are a sequence.
    """
    requirements = settings["signersRequirements"]
    if not settings["strictSignersRequirements"] or not requirements:
        return True
    if settings["sequentialSignersRequirements"]:
        requirements = requirements[:1]
    return any(_meets(signer, one) for one in requirements)


def _meets(signer: Identity, requirement: Mapping[str, Any]) -> bool:
    return (
        requirement.get("iin", signer.user_id) == signer.user_id
        and requirement.get("bin", signer.business_id) == signer.business_id
        and requirement.get("ca", AUTHORITIES[0]) == AUTHORITIES[0]
        and not (
            "authorities" in requirement
            and signer.ext_key_usages.isdisjoint(requirement["authorities"])
        )
    )


def _fits(key: str, value: Any) -> bool:
    # bool is an int to Python, not to the API, hence the exact comparison
    if key not in DEFAULT_SETTINGS or type(value) is not type(DEFAULT_SETTINGS[key]):
        return False
    if key == "documentAccess":
        return all(_is_rule(one, {"iin", "bin"}) for one in value)
    if key == "signersRequirements":
        return all(_is_rule(one, {"iin", "bin", "authorities", "ca"}) for one in value)
    if key == "unique":
        return all(one in UNIQUE for one in value)
    return type(value) is not int or 0 <= value <= _LARGEST


def _is_rule(posted: Any, keys: set[str]) -> bool:
    """Tell whether an object has some of these keys and no others, each with its kind of value."""
    return (
        isinstance(posted, dict)
        and bool(posted)
        and posted.keys() <= keys
        and _matches(_IIN, posted.get("iin", "IIN000000000000"))
        and _matches(_BIN, posted.get("bin", "BIN000000000000"))
        and posted.get("ca", AUTHORITIES[0]) in AUTHORITIES
        and isinstance(posted.get("authorities", []), list)
        and all(_matches(_OID, one) for one in posted.get("authorities", []))
    )


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
