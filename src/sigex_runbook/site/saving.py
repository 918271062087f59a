"""A save as the page sends it, and what the service answers to it."""

from __future__ import annotations

import base64
import contextlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page

from sigex_runbook.core.verdict import Saved

SAVE_PATH = "/api/organizationSettings"  # sigex-facts 3.2 (known)
_SUCCESS = range(200, 300)


@dataclass(frozen=True, slots=True)
class SaveAnswer:
    """Whether the settings are saved, as far as the answer says it; the `complaint` is a sentence
    for the operator, None when there is nothing to complain of."""

    saved: Saved
    complaint: str | None = None


@contextmanager
def save_answers(page: Page, organisation_bin: str) -> Iterator[list[SaveAnswer]]:
    """What the service answers to a page's saves, while they last.

    An answer is read before the page gets it: a page that then loads itself anew takes it along.
    """
    answers: list[SaveAnswer] = []
    line = page.context.new_cdp_session(page)

    def met(paused: dict[str, Any]) -> None:
        request = {"requestId": paused["requestId"]}
        status = paused.get("responseStatusCode")
        if _is_save(paused["request"]) and status is not None:
            body = None
            with contextlib.suppress(PlaywrightError, ValueError):
                told = line.send("Fetch.getResponseBody", request)
                text = told["body"]
                body = json.loads(base64.b64decode(text) if told["base64Encoded"] else text)
            answers.append(understood(body, status, organisation_bin))
        with contextlib.suppress(PlaywrightError):  # the page is closed
            line.send("Fetch.continueRequest", request)

    line.on("Fetch.requestPaused", met)
    pattern = {"urlPattern": f"*{SAVE_PATH}*", "requestStage": "Response"}
    line.send("Fetch.enable", {"patterns": [pattern]})
    try:
        yield answers
    finally:
        with contextlib.suppress(PlaywrightError):
            line.detach()


def _is_save(request: dict[str, Any]) -> bool:
    """Whether it is one: the address of something else may begin like it."""
    return bool(request["method"] == "POST") and urlsplit(request["url"]).path == SAVE_PATH


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
