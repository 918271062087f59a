"""What of the service's journal is new, told without a word of who else is in it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sigex_runbook.api.client import Api
from sigex_runbook.api.journal import Journal
from sigex_runbook.core.audit import Audit, Unread
from tests.builders import Call, Reply, Service, block, reply, settings, settings_body
from tests.sigex_runbook.api.replies import DENIED, NOT_THE_SERVICE, answers

EMPLOYEE, COLLEAGUE = "IIN900101300126", "IIN850212400123"
OLD, NEW = settings_body(), settings_body(documentsList=block(0))


def event(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "eventId": number,
        "original": OLD,
        "modified": NEW,
        "modifiedBy": EMPLOYEE,
        "modifiedByDigest": "",
        "modifiedAt": 1,
        **changes,
    }


class Noted:
    """A service that answers its journal, at most so many events at a time."""

    def __init__(self, service: Service, *, at_a_time: int = 100) -> None:
        self.events: list[dict[str, Any]] = []
        self.empty: dict[str, Any] = {"events": []}
        self._at_a_time = at_a_time
        service.answer = self.answer

    def answer(self, call: Call) -> Reply:
        address = urlsplit(call.path)
        assert (call.method, address.path) == ("GET", "/api/organizationSettingsAudit")
        (after,) = parse_qs(address.query)["lastEventId"]
        page = [one for one in self.events if one["eventId"] > int(after)][: self._at_a_time]
        return reply({"eventsTotal": len(self.events)} | ({"events": page} if page else self.empty))


@pytest.fixture
def journal(api: Api) -> Journal:
    return Journal(api, EMPLOYEE)


@pytest.mark.parametrize("at_a_time", [1, 2, 100])
def test_what_came_since_the_mark_is_new(
    service: Service, journal: Journal, at_a_time: int
) -> None:
    noted = Noted(service, at_a_time=at_a_time)
    noted.events = [event(number) for number in (3, 5, 8)]
    journal.mark()
    noted.events += [event(9), event(12, modifiedBy=COLLEAGUE)]
    audit = journal.news()
    assert [(one.event_id, one.by_employee) for one in audit.events] == [(9, True), (12, False)]
    assert audit.events[0].original.body == OLD
    assert audit.events[0].modified.body == NEW
    assert audit.unread is None


@pytest.mark.parametrize("empty", [{"events": []}, {"events": None}, {}])
@pytest.mark.parametrize("old", [[], [event(3)]])
def test_nothing_new_is_an_empty_list_however_it_is_written(
    service: Service, journal: Journal, empty: dict[str, Any], old: list[dict[str, Any]]
) -> None:
    noted = Noted(service)
    noted.empty, noted.events = empty, old
    journal.mark()
    assert journal.news() == Audit()


def test_a_service_that_always_answers_the_whole_journal_is_understood(
    service: Service, journal: Journal
) -> None:
    answers(service, {"eventsTotal": 1, "events": [event(3)]})
    journal.mark()
    answers(service, {"eventsTotal": 2, "events": [event(4), event(3)]})
    assert [one.event_id for one in journal.news().events] == [4]


@pytest.mark.parametrize("author", ["900101300126", EMPLOYEE])
def test_the_employee_is_known_with_and_without_the_prefix(
    service: Service, journal: Journal, author: str
) -> None:
    noted = Noted(service)
    journal.mark()
    noted.events = [event(1, modifiedBy=author)]
    assert journal.news().events[0].by_employee


UNREADABLE: dict[str, tuple[Reply, Unread]] = {
    "refused": (DENIED, Unread.REFUSED),
    "not the service": (NOT_THE_SERVICE["html"], Unread.SILENT),
    "a gateway": (NOT_THE_SERVICE["a gateway's page"], Unread.SILENT),
    "no total": (reply({"events": []}), Unread.UNKNOWN),
    "a total in words": (reply({"events": [], "eventsTotal": "2"}), Unread.UNKNOWN),
    "no list": (reply({"events": 1, "eventsTotal": 1}), Unread.UNKNOWN),
    "no numbers": (reply({"events": [event(1, eventId="a")], "eventsTotal": 1}), Unread.UNKNOWN),
    "no event": (reply({"events": ["x"], "eventsTotal": 1}), Unread.UNKNOWN),
    "not all": (reply({"events": [event(4)], "eventsTotal": 2}), Unread.INCOMPLETE),
    "more than all": (reply({"events": [event(1), event(2)], "eventsTotal": 1}), Unread.INCOMPLETE),
    "none of some": (reply({"events": [], "eventsTotal": 2}), Unread.INCOMPLETE),
}


@pytest.mark.parametrize(("answer", "unread"), UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_journal_that_cannot_be_read_says_why(
    service: Service, journal: Journal, answer: Reply, unread: Unread, late: bool
) -> None:
    noted = Noted(service)
    if late:
        journal.mark()
    service.answer = lambda _: answer
    if not late:
        journal.mark()
        service.answer = noted.answer
    audit = journal.news()
    assert (audit.events, audit.unread) == ((), unread)
    assert audit.reason == ("Access denied" if unread is Unread.REFUSED else "")


@pytest.mark.parametrize("broken", [{"original": None}, {"modified": "{}"}, {"original": {}}])
def test_an_event_of_another_shape_is_unknown(
    service: Service, journal: Journal, broken: dict[str, Any]
) -> None:
    noted = Noted(service)
    journal.mark()
    noted.events = [event(1, **broken)]
    assert journal.news() == Audit(unread=Unread.UNKNOWN)


def test_events_without_an_author_are_unknown(service: Service, journal: Journal) -> None:
    noted = Noted(service)
    journal.mark()
    noted.events = [{key: value for key, value in event(1).items() if key != "modifiedBy"}]
    assert journal.news() == Audit(unread=Unread.UNKNOWN)


def test_old_events_need_not_be_understood(service: Service, journal: Journal) -> None:
    """They may be of a time with other settings."""
    noted = Noted(service)
    noted.events = [{"eventId": 1, "original": None}]
    journal.mark()
    noted.events.append(event(2))
    (new,) = journal.news().events
    assert new.modified.body == settings(documentsList=block(0)).body
