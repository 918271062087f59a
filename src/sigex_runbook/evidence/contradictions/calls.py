"""The recorded calls of the employee: `before` and `after` are what the service answered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sigex_runbook.access import AccessBlock

from .record import API, EMPLOYEE, SETTINGS_PATH, Fault, Record, gaps


def numbered(record: Record) -> Iterator[Fault]:
    """No number is left out."""
    yield from gaps(API, [call.name for call in record.calls])


def read_back(record: Record) -> Iterator[Fault]:
    """`before` and `after` are what the employee's first and last reading saw."""
    seen = [
        call.fields
        for call in record.calls
        if call.actor == EMPLOYEE
        and (call.method, call.path) == ("GET", SETTINGS_PATH)
        and not call.refused
    ]
    if not seen and record.settings("after") is not None:
        yield "state/after.json", "ни одного чтения настроек в api/ нет"
    for state, reading in (("before", seen[:1]), ("after", seen[-1:])):
        settings = record.settings(state)
        if settings is not None and any(_kept(settings.body, one) != one for one in reading):
            yield f"state/{state}.json", "сервис отвечал другое: см. api/"


def _kept(body: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a call that answers with these settings keeps of them: of the blocks, the ticks."""
    return {
        name: {"tlsCertificatesIndices": body[name]["tlsCertificatesIndices"]}
        if name in list(AccessBlock)
        else body.get(name)
        for name in fields
    }
