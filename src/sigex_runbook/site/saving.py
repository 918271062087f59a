"""A save as the page sends it, and what the service answers to it."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Response

from sigex_runbook.core.verdict import Saved

SAVE_PATH = "/api/organizationSettings"  # sigex-facts 3.2 (known)


def is_save(response: Response) -> bool:
    """Whether it answers a save."""
    return response.request.method == "POST" and urlsplit(response.url).path == SAVE_PATH


def outcome_of(response: Response) -> tuple[Saved, str]:
    """What a save's answer says, and its words.

    A `message` is a refusal whatever the HTTP code (sigex-facts 2.1). What is not the service's
    own answer, a gateway's page for example, tells nothing of what the service did.
    """
    try:
        body = response.json()
    except (PlaywrightError, ValueError):
        body = None
    if isinstance(body, dict) and "message" in body:
        return Saved.NO, str(body["message"])
    if isinstance(body, dict) and response.ok:
        return Saved.YES, ""
    return Saved.UNKNOWN, f"код {response.status}"
