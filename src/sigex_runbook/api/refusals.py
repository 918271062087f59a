"""What the service says when it does not do what it is asked, and how long it wants to be left."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from sigex_runbook.core.access import Json
from sigex_runbook.core.errors import ServiceRefused, ServiceUnavailable

AUTHENTICATION_REQUIRED = "Authentication required"
ACCESS_DENIED = "Access denied"
RATE_LIMIT = "Request rate limit reached"
"""Messages of the service (sigex-facts 3.6)."""

_TOO_OFTEN = "Сервис ограничил частоту запросов"
_OF_A_LIMIT = (_TOO_OFTEN, RATE_LIMIT, "Достигнуто ограничение частоты запросов")
_FIRST_PAUSE = 1.0
_LONGEST_WAIT = 60.0
"""Seconds, all pauses of one call together; the service's limits are unknown (sigex-facts 3.6)."""


def refusal(asked: str, message: str) -> ServiceRefused:
    """A `message` as an error; `asked` is the method and the path."""
    said = f"сервис ответил «{message}» на {asked}"
    if message == AUTHENTICATION_REQUIRED:
        told = f"Сеанс на сервисе закончился: {said}. Запустите снова и войдите ещё раз."
    elif message == ACCESS_DENIED:
        told = f"Нет права: {said}. Нужен тот, кому сервис это разрешает."
    else:
        told = f"Отказ: {said}. Устраните причину и повторите."
    return ServiceRefused(told, reason=message)


def unknown_shape(what: str) -> ServiceUnavailable:
    """An answer that the service has not given so far; `what` begins the sentence."""
    return ServiceUnavailable(
        f"{what} в незнакомом виде: видимо, сервис изменился. Сообщите владельцу инструкции."
    )


def too_often(asked: str) -> ServiceUnavailable:
    """The service does not answer because it is asked too often."""
    return ServiceUnavailable(
        f"{_TOO_OFTEN} и не ответил на {asked}. Подождите несколько минут и запустите снова."
    )


def speaks_of_limit(reason: str) -> bool:
    """Whether a run ended because the service was asked too often: by the words in which this
    program, or the page in either of its languages, says so."""
    return any(words in reason for words in _OF_A_LIMIT)


def limited(response: httpx.Response, answer: Json | None) -> bool:
    """Whether the service was asked too often."""
    return response.status_code == HTTPStatus.TOO_MANY_REQUESTS or (
        answer is not None and answer.get("message") == RATE_LIMIT
    )


def next_pause(response: httpx.Response, waited: float, left: float) -> float | None:
    """How many seconds to wait before the same is asked again: as the service says (Retry-After),
    else twice as long altogether. None when that is longer than one waits, or than is `left`."""
    pause = max(_FIRST_PAUSE, _retry_after(response) or waited)
    return pause if waited + pause <= _LONGEST_WAIT and pause < left else None


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds, which may be given as a moment (RFC 9110, 10.2.3)."""
    told = response.headers.get("retry-after", "")
    try:
        return float(told) if told.isdecimal() else _until(told)
    except ValueError:
        return None


def _until(moment: str) -> float:
    return parsedate_to_datetime(moment).timestamp() - time.time()
