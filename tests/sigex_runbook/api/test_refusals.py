"""A service that is asked too often is left alone for a while; what it refuses is said plainly."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from sigex_runbook.api.client import Api
from sigex_runbook.api.exchange import Exchange
from sigex_runbook.api.line import tls_context
from sigex_runbook.api.refusals import RATE_LIMIT, refusal, speaks_of_limit, too_often
from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import RunFailed, ServiceRefused, ServiceUnavailable
from tests.builders import Call, Reply, Service, reply
from tests.sigex_runbook.api.replies import IDENTITY, NOT_THE_SERVICE

LIMIT = {"message": "Request rate limit reached", "requestID": 1}
TOO_OFTEN = {
    "a message": reply(LIMIT),
    "a code": reply({}, status=429),
    "a gateway's page": Reply(b"<h1>429</h1>", status=429, content_type="text/html"),
}
RUN_SECONDS = 50.0


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def patient(
    service: Service, files: Path, exchanges: list[Exchange], pauses: list[float]
) -> Iterator[Api]:
    """An employee's view, whose pauses take no time."""
    with Api(
        service.address,
        actor="employee",
        context=tls_context(files / "ca.pem"),
        record=exchanges.append,
        deadline=Deadline(RUN_SECONDS),
        pause=pauses.append,
    ) as api:
        yield api


def first(times: int, refused: Reply) -> Callable[[Call], Reply]:
    """Answers who one is, after so many refusals."""
    left = [refused] * times
    return lambda _: left.pop() if left else reply(IDENTITY)


@pytest.mark.parametrize("refused", TOO_OFTEN.values(), ids=TOO_OFTEN)
def test_a_question_that_came_too_soon_is_asked_again(
    service: Service,
    patient: Api,
    pauses: list[float],
    exchanges: list[Exchange],
    refused: Reply,
) -> None:
    service.answer = first(3, refused)
    assert patient.identity().user_id == IDENTITY["userId"]
    assert len(service.calls) == 4
    assert pauses == sorted(pauses)
    assert pauses[0] > 0
    (exchange,) = exchanges  # one question, however often it was put
    assert exchange.waited_seconds == sum(pauses)


def test_who_is_answered_at_once_waits_for_nothing(
    service: Service, patient: Api, pauses: list[float], exchanges: list[Exchange]
) -> None:
    service.answer = first(0, reply({}))
    patient.identity()
    assert (pauses, exchanges[0].waited_seconds) == ([], 0)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("7", 7),
        ("0", 1),
        ("soon", 1),
        ("-5", 1),
        (format_datetime(datetime.now(UTC) + timedelta(hours=-1), usegmt=True), 1),
    ],
    ids=["seconds", "none", "a word", "less than none", "a time that is over"],
)
def test_the_service_says_how_long(
    service: Service, patient: Api, pauses: list[float], told: str, seconds: float
) -> None:
    service.answer = first(1, reply(LIMIT, headers={"Retry-After": told}))
    patient.identity()
    assert pauses == [seconds]


def test_the_service_says_until_when(service: Service, patient: Api, pauses: list[float]) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    service.answer = first(1, reply(LIMIT, headers={"Retry-After": moment}))
    patient.identity()
    assert pauses == [pytest.approx(30, abs=10)]


@pytest.mark.parametrize("told", ["3600", "55", None])
def test_nobody_waits_for_ever(
    service: Service, patient: Api, pauses: list[float], exchanges: list[Exchange], told: str | None
) -> None:
    """Neither longer than the run may take, nor without end."""
    headers = {"Retry-After": told} if told else {}
    service.answer = lambda _: reply(LIMIT, headers=headers)
    with pytest.raises(ServiceUnavailable, match="частоту запросов") as failed:
        patient.settings()
    assert "Подождите" in str(failed.value)
    assert sum(pauses) < 61
    assert (pauses == []) is (told is not None)
    assert exchanges[-1].fields["message"] == LIMIT["message"]


def test_what_changes_something_is_not_asked_again(
    service: Service, patient: Api, pauses: list[float]
) -> None:
    service.answer = lambda _: reply(LIMIT)
    with pytest.raises(ServiceUnavailable, match="частоту запросов"):
        patient.write_document_settings("1jpAOexzXjfy8s13", {"private": True})
    assert (len(service.calls), pauses) == (1, [])


def said(service: Service, api: Api, answer: Reply) -> str:
    service.answer = lambda _: answer
    with pytest.raises(RunFailed) as failed:
        api.settings()
    return str(failed.value)


def test_four_troubles_are_four_sentences_each_with_what_to_do(service: Service, api: Api) -> None:
    over = said(service, api, reply({"message": "Authentication required"}))
    denied = said(service, api, reply({"message": "Access denied"}))
    changed = said(service, api, reply({"blocks": []}))
    silent = said(service, api, Reply(b'{"businessId": 1}', short_by=5))
    for text, trouble, advice in (
        (over, "Сеанс на сервисе закончился", "войдите ещё раз"),
        (denied, "Нет права", "сервис это разрешает"),
        (changed, "в незнакомом виде", "Сообщите владельцу инструкции"),
        (silent, "не ответил", "повторите"),
    ):
        assert trouble in text
        assert advice in text
        others = {over, denied, changed, silent} - {text}
        assert not [other for other in others if trouble in other]
        assert "Ничего не изменено" not in text  # it may have been, by the same run


def test_another_refusal_is_told_in_the_services_words(service: Service, api: Api) -> None:
    service.answer = lambda _: reply({"message": "Unexpected error"})
    with pytest.raises(ServiceRefused, match="«Unexpected error»"):
        api.settings()


@pytest.mark.parametrize("body", [{}, {"userId": ""}, {"userId": None}, {"userId": 900101300126}])
def test_an_answer_that_names_nobody_is_no_private_person(
    service: Service, api: Api, body: dict[str, object]
) -> None:
    service.answer = lambda _: Reply(json.dumps(body).encode())
    with pytest.raises(ServiceUnavailable, match="незнакомом виде"):
        api.identity()


def test_what_is_not_the_service_is_no_changed_service(service: Service, api: Api) -> None:
    assert "не JSON" in said(service, api, NOT_THE_SERVICE["html"])


@pytest.mark.parametrize(
    ("reason", "limit"),
    [
        (str(too_often("GET /api/x")), True),
        (str(refusal("PUT /api/x", RATE_LIMIT)), True),
        ("Страница показала: «Достигнуто ограничение частоты запросов».", True),
        (str(refusal("PUT /api/x", "Access denied")), False),
    ],
)
def test_a_reason_tells_whether_the_service_was_asked_too_often(
    reason: str, *, limit: bool
) -> None:
    """Runs end elsewhere, in other processes: what is left of their errors is words."""
    assert speaks_of_limit(reason) is limit
