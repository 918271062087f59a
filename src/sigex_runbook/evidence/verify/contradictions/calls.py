"""The recorded calls of the employee: `before` and `after` are what the service answered."""

from __future__ import annotations

from collections.abc import Iterator

from sigex_runbook.core.audit import Unread
from sigex_runbook.evidence.pack.layout import AFTER, AUDIT, BEFORE, CALLS
from sigex_runbook.evidence.pack.read import (
    AUDIT_PATH,
    EMPLOYEE,
    HTTP_OK,
    SESSION_PATH,
    SETTINGS_PATH,
    Record,
)

from .faults import Fault, gaps


def numbered(record: Record) -> Iterator[Fault]:
    """No number is left out."""
    yield from gaps(CALLS, [call.name for call in record.calls])


def only_read(record: Record) -> Iterator[Fault]:
    """The employee changes nothing but on the screen: his calls read, or sign in and out. Each
    answer has a number."""
    for call in record.calls:
        signs = (call.method, call.path) == ("POST", SESSION_PATH)
        if call.actor == EMPLOYEE and call.method != "GET" and not signs:
            yield call.name, "сотрудник обратился к сервису не только за чтением"
        if type(call.status) is not int:
            yield call.name, "код ответа — не целое число"


def read_back(record: Record) -> Iterator[Fault]:
    """The employee's readings saw `before`, from some moment on `after`, and nothing else. One that
    was not answered shows nothing."""
    before, after = record.settings("before"), record.settings("after")
    if before is None or after is None:
        return  # said already
    readings = [
        call
        for call in record.calls
        if (call.actor, call.method, call.path) == (EMPLOYEE, "GET", SETTINGS_PATH)
        and call.status == HTTP_OK
        and not call.refused
    ]
    if not readings:
        yield AFTER, "ни одного чтения настроек в api/ нет"
        return
    for state, settings, reading in (
        (BEFORE, before, readings[0]),
        (AFTER, after, readings[-1]),
    ):
        if not reading.gave(settings):
            yield state, "сервис отвечал другое: см. api/"
    changed = False
    for reading in readings[1:-1]:
        changed = changed or not reading.shows(before)
        if changed and not reading.shows(after):
            yield reading.name, "сервис показал настройки, которых не было ни до, ни после"


def audited(record: Record) -> Iterator[Fault]:
    """What is new in the journal is by how much it grew between its first reading and its last; a
    refusal was one. What else is said of a journal that was not read, no call shows."""
    audit = record.audit
    if audit is None:
        return  # said already
    asked = [call for call in record.calls if (call.actor, call.path) == (EMPLOYEE, AUDIT_PATH)]
    if not asked:
        yield AUDIT, "журнал изменений не спрошен: чтения нет в api/"
    elif audit.unread is Unread.REFUSED:
        if asked[-1].message != audit.reason:
            yield AUDIT, "сервис отказал в журнале изменений не так: см. api/"
    elif audit.unread is None:
        first, last = (call.fields.get("eventsTotal") for call in (asked[0], asked[-1]))
        if type(first) is not int or last != first + len(audit.events):
            yield AUDIT, "новых записей в журнале изменений не столько: см. api/"
