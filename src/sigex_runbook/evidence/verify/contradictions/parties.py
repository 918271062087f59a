"""Whom a pack is about: the same organisation, information system and service in every file."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from sigex_runbook.evidence.pack.layout import RUN
from sigex_runbook.evidence.pack.read import CONTROL, EMPLOYEE, SYSTEM, Record
from sigex_runbook.evidence.pack.records import system_of

from .faults import Fault

SIGN_IN = 1
"""The section during which nobody has signed in yet."""


def ordered(record: Record) -> Iterator[Fault]:
    """The run is about the information system that was ordered."""
    if system_of(record.run["information_system"]) != record.order.information_system:
        yield RUN, "информационная система не та, что в заказе"


def identified(record: Record) -> Iterator[Fault]:
    """Whoever signed in acted for the ordered organisation, all the time."""
    identity = record.run["session"].get("identity")
    organisation = record.run["organisation_bin"]
    if identity is None or f"(БИН {organisation})" not in identity:
        yield RUN, "вошедший не назван или назван от другой организации"
    for capture in record.captures:
        seen = capture.facts["identity"]
        if seen != identity and (seen is not None or capture.facts["section"] > SIGN_IN):
            yield capture.name, "на снимке вошёл другой или никто"
    for call in record.calls:
        if call.fields.get("businessId") not in (None, f"BIN{organisation}"):
            yield call.name, "сервис ответил о другой организации"


def called(record: Record) -> Iterator[Fault]:
    """Every call was made to the service that the run names."""
    run = record.run
    homes = {EMPLOYEE: run["target"], SYSTEM: run["mtls_target"], CONTROL: run["mtls_target"]}
    for call in record.calls:
        home = homes.get(call.actor)
        if home is None or _host(call.url) != _host(home):
            yield call.name, "вызов сделан не по адресу из run.json"


def pictured(record: Record) -> Iterator[Fault]:
    """Every picture is of the service that the run names."""
    target = record.run["target"]
    for capture in record.captures:
        facts = capture.facts
        if facts["environment"] != target or _host(facts["url"]) != _host(target):
            yield capture.name, "страница снята не по адресу из run.json"


def _host(address: str) -> tuple[str, str | None, int]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port or 443
