"""What the page is about to save, looked at before it leaves: only what was ordered may go."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Request, Route

from sigex_runbook.core.access import ANSWER_ONLY, AccessBlock, AccessSettings, Json, differences

from .saving import SAVE_PATH

_NOT_SENT = ANSWER_ONLY | {"businessId", "dataArchiveQuota", "dataArchiveQuotaExpires"}
"""Fields of an answer that no save carries (sigex-facts 3.4, known)."""

_SENT = frozenset(
    {
        "tlsCertificatesList",
        *AccessBlock,
        *("packagesAccess", "packagesList", "packagesSettings"),
        *("webhooks", "dataArchiveEnabled", "dataArchiveContactEmail", "subscriptionContactEmail"),
    }
)
"""Fields that a save does carry (sigex-facts 3.4, known); of others the page may know better."""

Expected = Callable[[], AccessSettings]

_SAVES = re.compile(rf"^[^?]*{re.escape(SAVE_PATH)}([?#].*)?$")
"""Addresses that a save may go to; the driver knows them without asking about every request."""


def strays(posted: Any, expected: AccessSettings) -> str | None:
    """The first field in which a save is not what was ordered; None when it is.

    A save replaces the whole object (sigex-facts 3.4, inferred), so a known field that it leaves
    out counts as emptied.
    """
    if not isinstance(posted, dict):
        return "тело запроса"
    body = expected.body
    left_out = {
        name: None
        for name, value in body.items()
        if name in _SENT and name not in posted and not _empty(value)
    }
    sent: Json = {**{k: v for k, v in posted.items() if k not in _NOT_SENT}, **left_out}
    try:
        moved = differences(expected, AccessSettings({**body, **sent}))
    except (ValueError, KeyError, TypeError) as error:
        return str(error)
    return moved[0].path if moved else None


class SaveGuard:
    """Stands between a page and the service: a save passes once it is allowed, and as ordered."""

    def __init__(self, page: Page, expected: Expected) -> None:
        self._expected = expected
        self._allowed = False
        self.stopped: str | None = None
        self.passed = 0
        page.route(_SAVES, self._meet)

    def allow(self) -> None:
        """The save button is about to be pressed."""
        self._allowed = True
        self.stopped = None

    def _meet(self, route: Route, request: Request) -> None:
        if request.method != "POST":
            route.fallback()
            return
        if not self._allowed:
            self.stopped = "сохранение без нажатия кнопки"
        else:
            try:
                posted = json.loads(request.post_data or "")
            except ValueError:
                posted = None
            self.stopped = strays(posted, self._expected())
        if self.stopped is None:
            self.passed += 1
            route.fallback()
        else:
            route.abort("blockedbyclient")


def _empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_empty, value.values()))
    return not value
