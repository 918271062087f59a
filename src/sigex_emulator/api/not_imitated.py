"""Calls that the service is known to have and the emulator has not (sigex-facts 8, K(S2)).

Each says so, whoever asks: it would otherwise be taken for a wrong document's.
"""

from __future__ import annotations

from typing import NoReturn

from aiohttp import web

from sigex_emulator.messages import ApiError, Message

_OF_A_DOCUMENT = (
    "verify", "notify", "signature/{sign_id}", "signature/{sign_id}/qr", "buildDDC",
    "buildEzSigner", "buildFileName", "egovQr", "egovOperation/{operation_id}",
)  # fmt: skip
NOT_IMITATED: tuple[tuple[str, str], ...] = (
    ("*", "/api/settings"),
    ("*", "/api/settingsAudit"),
    ("*", "/api/package"),
    ("*", "/api/package/{rest:.+}"),
    ("*", "/api/exported"),
    ("*", "/api/parseDDC"),
    ("*", "/api/checkPDFForDDC"),
    ("*", "/api/idFromFileName"),
    ("*", "/api/idFromFileName/"),
    ("*", "/api/normalizeId/{special_id}"),
    ("*", "/api/externalServicesStats"),
    ("POST", "/api/{document_id:[A-Za-z0-9]{16}}"),
    *(("*", f"/api/{{document_id}}/{call}") for call in _OF_A_DOCUMENT),
)
"""Method and path as the router takes them; a star is any method."""


async def refuse(_request: web.Request) -> NoReturn:
    """Say that this is not imitated."""
    raise ApiError(Message.NOT_IMITATED)
