"""A save as the page sends it, and what the service answers to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Response

from sigex_runbook.core.verdict import Saved

SAVE_PATH = "/api/organizationSettings"  # sigex-facts 3.2 (known)
_SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True)
class SaveAnswer:
    """Whether the settings are saved, as far as the answer says it; the `complaint` is a sentence
    for the operator, None when there is nothing to complain of."""

    saved: Saved
    complaint: str | None = None


def is_save(response: Response) -> bool:
    """Whether it answers a save."""
    return response.request.method == "POST" and urlsplit(response.url).path == SAVE_PATH


def answer_of(response: Response, organisation_bin: str) -> SaveAnswer:
    """What the service answered to the save of that organisation's settings."""
    try:
        body = response.json()
    except (PlaywrightError, ValueError):
        body = None
    return understood(body, response.status, organisation_bin)


def understood(body: Any, status: int, organisation_bin: str) -> SaveAnswer:
    """What a save's answer says.

    A `message` is a refusal whatever the HTTP code (sigex-facts 2.1). What is not the service's
    own answer, a gateway's page for example, tells nothing of what the service did; neither does
    an answer about somebody else's settings (`businessId`, sigex-facts 3.2).
    """
    if not isinstance(body, dict) or ("message" not in body and status not in _SUCCESS):
        return SaveAnswer(
            Saved.UNKNOWN,
            f"Кнопка сохранения нажата, но ответ сервиса не разобрать (код {status}).",
        )
    if "message" in body:
        return SaveAnswer(
            Saved.NO,
            f"Сервис не сохранил настройки и сообщил: «{body['message']}». "
            "Устраните причину и повторите.",
        )
    saved_for = body.get("businessId")
    if saved_for not in (None, f"BIN{organisation_bin}"):
        return SaveAnswer(
            Saved.UNKNOWN,
            f"Сервис ответил, что сохранил настройки {saved_for}, а заказ — для БИН "
            f"{organisation_bin}. Сообщите владельцу сервиса и проверьте настройки обеих.",
        )
    return SaveAnswer(Saved.YES)
