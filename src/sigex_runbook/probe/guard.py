"""Reading only, made sure of: what a page wants to send while it is looked at does not leave."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, Route

from sigex_runbook.api.client import SESSION_PATH
from sigex_runbook.site.reading.locators import pattern
from sigex_runbook.site.reading.view import Seen, View

_READS = {"GET", "HEAD", "OPTIONS"}
_QR_PATH = "/api/egovQr"  # sigex-facts 4.3 (known)
_CHANGES = (
    "сохран|примен|удал|отозв|отключ|выйти|выход|завершить|подпис|отправ|загруз|оплат|добав|созда|очист|сброс"
    "|save|apply|delete|remove|revoke|sign-?out|log-?out|power|trash|submit|upload|pay|сақтау|шығу|жою"
)
"""Words and icons of what does more than show something."""


class ReadingOnly:
    """Stands between a page and the service: nothing but questions and the sign-in passes.

    Made after every other guard of the page: the last one made is asked first.
    """

    def __init__(self, page: Page, address: str) -> None:
        self._host = urlsplit(address).netloc
        self.refused: list[str] = []
        for one in (page, page.context):  # a page may open another one
            one.route(lambda url: urlsplit(url).netloc == self._host, self._meet)

    def _meet(self, route: Route, request: Request) -> None:
        path = urlsplit(request.url).path
        if request.method in _READS or (
            (path == SESSION_PATH and not _signs_out(request)) or path.startswith(_QR_PATH)
        ):
            route.fallback()
            return
        self.refused.append(f"{request.method} {path}")
        route.abort("blockedbyclient")


def _signs_out(request: Request) -> bool:
    try:
        sent = json.loads(request.post_data or "")
    except ValueError:
        return False
    return isinstance(sent, dict) and bool(sent.get("logout"))


def ticks_nothing(seen: Seen, view: View) -> bool:
    """Whether a press in the middle of it would reach no box."""
    x, y = seen.box.x + seen.box.width / 2, seen.box.y + seen.box.height / 2
    return seen.checked is None and not any(
        one.box.x <= x <= one.box.x + one.box.width and one.box.y <= y <= one.box.y + one.box.height
        for one in view.boxes()
        if seen.around(one) or one.around(seen)
    )


def only_shows(seen: Seen, view: View) -> bool:
    """Whether a press of it may be tried: it ticks nothing, and no word of it is of a change."""
    said = (*seen.bares, seen.icons)
    return ticks_nothing(seen, view) and not any(map(pattern(_CHANGES).search, said))
