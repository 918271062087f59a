"""Contradictions between the files of one pack, as far as the pack alone can show them.

A key's owner can write a whole pack anew; what he changes in one file only does not fit the others.
Judged are facts that every run of this program leaves alike. What only a success promises (each
callout with its picture, states as they were read) is asked of runs that claim one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from sigex_runbook.access import AccessBlock, AccessSettings, differences
from sigex_runbook.guide import load_guide
from sigex_runbook.record import Outcome, StepRecord
from sigex_runbook.verdict import Answer, Probe, Saved, VerdictKind

from .findings import Code, Finding
from .reckoning import probe_of, step_record
from .subjects import EVIDENCE

EMPLOYEE, SYSTEM, CONTROL = "employee", "information system", "control system"
"""Who made a recorded call."""

SLACK = timedelta(seconds=2)
"""Times are written to the second in some files and to the millisecond in others."""

APART = timedelta(minutes=10)
"""How far this machine's clock and the service's may be apart in one call."""

_SETTINGS_PATH = "/api/organizationSettings"
_JUNIT = "junit.xml"
_API = "api/"
_SCREENS = "screens/"
_FAILURE = f"{_SCREENS}failure"
_OUTCOMES = {"failure": Outcome.FAILED, "skipped": Outcome.NOT_RUN}

Values = Mapping[str, Any]
Fault = tuple[str, str]
"""A file under evidence/, and what in it does not fit."""


def contradictions(
    values: Values, files: Mapping[str, bytes], sealed_at: datetime
) -> Iterator[Finding]:
    """Every contradiction. `values` are the JSON files of a pack by their names under evidence/,
    steps.ndjson as text; `files` all its files by their names in the pack. Raises KeyError,
    TypeError, ValueError or AttributeError for records that are built otherwise."""
    run, order = values.get("run.json"), values.get("order.json")
    if run is None or order is None:
        return  # said already
    steps = steps_of(values)
    claims = run["verdict"]["kind"] != VerdictKind.FAILED
    faults = [
        *ordered(run, order),
        *addressed(values, claims=claims),
        *reported(steps, files.get(f"{EVIDENCE}/{_JUNIT}")),
    ]
    if claims:
        faults += [
            *whole(values, files),
            *worded(steps, files),
            *pictured(steps, values),
            *identified(values),
            *read_back(values),
            *probed(values),
            *saved(values),
        ]
    for file, what in faults:
        yield Finding(Code.STATE, f"{EVIDENCE}/{file}", what)
    for file, what in disorder(values, steps, sealed_at):
        yield Finding(Code.TIME_SKEW, f"{EVIDENCE}/{file}", what)


def steps_of(values: Values) -> list[StepRecord]:
    """The steps by position."""
    lines = (values.get("steps.ndjson") or "").splitlines()
    return sorted((step_record(json.loads(line)) for line in lines), key=lambda s: s.step.position)


def ordered(run: Mapping[str, Any], order: Mapping[str, Any]) -> Iterator[Fault]:
    """The run is about the information system that was ordered."""
    if run["information_system"] != order["information_system"]:
        yield "run.json", "информационная система не та, что в заказе"


def identified(values: Values) -> Iterator[Fault]:
    """Whoever signed in acted for the ordered organisation, all the time."""
    run = values["run.json"]
    identity, organisation = run["session"].get("identity"), run["organisation_bin"]
    if identity is None or f"(БИН {organisation})" not in identity:
        yield "run.json", "вошедший не назван или назван от другой организации"
    for name, facts in captures(values):
        if facts["identity"] not in (None, identity):
            yield name, "на снимке вошёл другой"
    for name, call in calls(values):
        if call["fields"].get("businessId") not in (None, f"BIN{organisation}"):
            yield name, "сервис ответил о другой организации"


def addressed(values: Values, *, claims: bool) -> Iterator[Fault]:
    """Every call and, of a success, every picture is of the service that the run names."""
    run = values["run.json"]
    homes = {EMPLOYEE: run["target"], SYSTEM: run["mtls_target"], CONTROL: run["mtls_target"]}
    for name, call in calls(values):
        home = homes.get(call["actor"])
        if home is None or _host(call["url"]) != _host(home):
            yield name, "вызов сделан не по адресу из run.json"
    for name, facts in captures(values):
        if facts["environment"] != run["target"] or (
            claims and _host(facts["url"]) != _host(run["target"])
        ):
            yield name, "страница снята не по адресу из run.json"


def reported(steps: list[StepRecord], junit: bytes | None) -> Iterator[Fault]:
    """junit.xml tells of the same steps, outcomes and durations."""
    if junit is None:
        return
    told = [(s.step.position, s.outcome, f"{(s.duration_ms or 0) / 1000:.3f}") for s in steps]
    try:
        root = _xml(junit)
        cases = [
            (int(case.attrib["name"][:3]), _outcome(case), case.attrib["time"])
            for case in root.iter("testcase")
        ]
        sums = [int(root.attrib[name]) for name in ("tests", "failures", "errors", "skipped")]
    except (ET.ParseError, KeyError, ValueError):
        yield _JUNIT, "это не отчёт JUnit о шагах"
        return
    failed, skipped = (sum(1 for s in steps if s.outcome is o) for o in _OUTCOMES.values())
    if cases != told or sums != [len(steps), failed, 0, skipped]:
        yield _JUNIT, "шаги, их исходы или длительности не те, что в steps.ndjson"


def whole(values: Values, files: Mapping[str, bytes]) -> Iterator[Fault]:
    """A success leaves its report to machines and no failure; its numbered files have no gap."""
    if f"{EVIDENCE}/{_JUNIT}" not in files:
        yield _JUNIT, "отчёта JUnit нет"
    for name in files:
        if name.startswith(f"{EVIDENCE}/{_FAILURE}"):
            yield name.removeprefix(f"{EVIDENCE}/"), "снимок сбоя при итоге без сбоя"
    for folder, numbered in ((_SCREENS, captures(values)), (_API, calls(values))):
        names = [name for name, _ in numbered]
        if names != [f"{folder}{number:03d}.json" for number in range(1, len(names) + 1)]:
            yield folder.rstrip("/"), "нумерация файлов не подряд"


def worded(steps: list[StepRecord], files: Mapping[str, bytes]) -> Iterator[Fault]:
    """Every callout of the guide has its one step, and each step stands in the pack's features."""
    if sorted(s.step.callout for s in steps if s.step.callout) != list(_callouts()):
        yield "steps.ndjson", "не у каждой выноски (1)–(13) ровно один шаг"
    if [s.step.position for s in steps] != list(range(1, len(steps) + 1)):
        yield "steps.ndjson", "шаги занумерованы не подряд"
    lines = {
        line.strip()
        for name, data in files.items()
        if name.startswith(f"{EVIDENCE}/features/")
        for line in data.decode("utf-8").splitlines()
    }
    for record in steps:
        if f"{record.step.keyword} {record.step.text}" not in lines:
            yield "steps.ndjson", f"шага {record.step.position} нет в features/"


def pictured(steps: list[StepRecord], values: Values) -> Iterator[Fault]:
    """Every callout has its picture, under its own number, and every picture its step."""
    places = {(s.step.section, s.step.callout, s.step.text): s.step.position for s in steps}
    shown, latest = set(), 0
    for name, facts in captures(values):
        stem, record = name.removesuffix(".json"), values[name]
        if record["annotated"] is not None:
            shown.add(facts["callout"])
        paths = [record[kind]["path"] for kind in ("raw", "annotated") if record[kind]]
        place = places.get((facts["section"], facts["callout"], facts["step"]))
        if place is None:
            yield name, "такого шага с такой выноской в запуске нет"
        elif place < latest:
            yield name, "снимки идут не в порядке шагов"
        latest = max(latest, place or 0)
        if stem != f"{_SCREENS}{facts['number']:03d}" or any(
            not path.startswith(f"{stem}-") for path in paths
        ):
            yield name, "это снимок под другим номером"
    lacking = sorted(set(_callouts()) - shown)
    if lacking:
        yield "run.json", f"итог не «не выполнено», а выносок {lacking} на снимках нет"


def read_back(values: Values) -> Iterator[Fault]:
    """`before` and `after` are what the employee's first and last reading saw."""
    seen = [
        call["fields"]
        for _, call in calls(values)
        if call["actor"] == EMPLOYEE
        and urlsplit(call["url"]).path == _SETTINGS_PATH
        and call["method"] == "GET"
        and "message" not in call["fields"]
    ]
    if not seen and values.get("state/after.json") is not None:
        yield "state/after.json", "ни одного чтения настроек в api/ нет"
    for state, reading in (("before", seen[:1]), ("after", seen[-1:])):
        body = values.get(f"state/{state}.json")
        if body is not None and any(_reading(body, fields) != fields for fields in reading):
            yield f"state/{state}.json", "сервис отвечал другое: см. api/"


def probed(values: Values) -> Iterator[Fault]:
    """The probes are those of the ordered systems, and say what the recorded calls say."""
    order = values["order.json"]
    probes = [
        probe_of(raw) for raw in (values.get("verification.json") or {"probes": []})["probes"]
    ]
    for control, actor, kind in (
        (False, SYSTEM, "information_system"),
        (True, CONTROL, "control_system"),
    ):
        mine = [probe for probe in probes if probe.control is control]
        name = (order[kind] or {}).get("description")
        if any(probe.system != name for probe in mine):
            yield "verification.json", "проба не той информационной системы, что в заказе"
        made = [call for _, call in calls(values) if call["actor"] == actor]
        for block in AccessBlock:
            asked = [probe for probe in mine if probe.block is block]
            answers = [call["fields"] for call in made if _asks(call) is block]
            if len(answers) != len(asked):
                asked = [probe for probe in asked if probe.answer is not Answer.NOT_TRIED]
            if not _fit(asked, answers):
                yield "verification.json", f"пробы {block} ({kind}) не те, что вызовы в api/"


def saved(values: Values) -> Iterator[Fault]:
    """Nothing to do means that nothing differed; what was not saved has not changed."""
    run = values["run.json"]
    before, expected, after = (
        values.get(f"state/{name}.json") for name in ("before", "expected", "after")
    )
    if before is None or expected is None or after is None:
        return
    idle = not differences(AccessSettings(before), AccessSettings(expected))
    if bool(run["session"].get("nothing_to_do")) is not idle:
        yield "run.json", "было ли что менять, из состояний следует иначе"
    if run["saved"] == Saved.NO and differences(AccessSettings(before), AccessSettings(after)):
        yield "run.json", "настройки изменились, а сохранёнными не названы"


def disorder(values: Values, steps: list[StepRecord], sealed_at: datetime) -> Iterator[Fault]:
    """Times that do not follow each other as the things did."""
    finished = datetime.fromisoformat(values["run.json"]["finished_at"])
    if finished > sealed_at + SLACK:
        yield "run.json", "запуск окончен позже, чем заверен"
    spans = {s.step.position: _span(s) for s in steps if s.started_at}
    pictures = [(name, _moment(facts["taken_at_utc"])) for name, facts in captures(values)]
    sent = [(name, _moment(call["sent_at"])) for name, call in calls(values)]
    begun = [("steps.ndjson", start) for start, _ in spans.values()]
    for row in (begun, pictures, sent):
        for (_, earlier), (name, later) in pairwise([*row, ("run.json", finished)]):
            if earlier > later + SLACK:
                yield name, "времена идут не по порядку"
                break
    for name, facts in captures(values):
        taken = _moment(facts["taken_at_utc"])
        if abs(_moment(facts["taken_at_local"]) - taken) > SLACK:
            yield name, "местное время снимка — другой миг"
        during = [
            spans[s.step.position]
            for s in steps
            if s.step.position in spans
            and (s.step.callout, s.step.text) == (facts["callout"], facts["step"])
        ]
        if during and not any(start - SLACK <= taken <= end + SLACK for start, end in during):
            yield name, "снимок сделан не во время своего шага"
    for name, call in calls(values):
        told = _date(call["date"])
        if told is not None and abs(told - _moment(call["sent_at"])) > APART:
            yield name, "время сервиса в ответе далеко от времени вызова"


def captures(values: Values) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The facts of every picture of a callout, by number."""
    for name in sorted(values):
        if name.startswith(_SCREENS) and name != f"{_FAILURE}.json":
            yield name, values[name]["facts"]


def calls(values: Values) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every recorded call, by number."""
    for name in sorted(values):
        if name.startswith(_API):
            yield name, values[name]


def _reading(body: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """What a call that answers with these settings keeps of them: of the blocks, the ticks."""
    return {
        name: {"tlsCertificatesIndices": body[name]["tlsCertificatesIndices"]}
        if name in list(AccessBlock)
        else body.get(name)
        for name in fields
    }


def _asks(call: Mapping[str, Any]) -> AccessBlock:
    """The grant that an information system's call tries."""
    path = urlsplit(call["url"]).path
    if path == _SETTINGS_PATH:
        return AccessBlock.ORGANISATION_SETTINGS
    if call["method"] == "POST":
        return AccessBlock.DOCUMENTS_SETTINGS
    return AccessBlock.DOCUMENTS_LIST if path == "/api" else AccessBlock.DOCUMENTS_ACCESS


def _fit(probes: list[Probe], answers: list[Mapping[str, Any]]) -> bool:
    if len(probes) != len(answers):
        return False
    for probe, fields in zip(probes, answers, strict=True):
        refused = "message" in fields
        if probe.answer is Answer.SERVED and refused:
            return False
        empty_list = probe.block is AccessBlock.DOCUMENTS_LIST  # refuses without a message
        if probe.answer is Answer.REFUSED and not (refused or empty_list):
            return False
    return True


def _xml(data: bytes) -> ET.Element:
    """Raises ParseError; ValueError for a document type, which could swell, or another encoding,
    which could hide one."""
    if not data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>') or b"<!DOCTYPE" in data:
        raise ValueError("DOCTYPE")
    return ET.fromstring(data)  # noqa: S314 - no document type, so no entities


def _outcome(case: ET.Element) -> Outcome:
    return next((o for tag, o in _OUTCOMES.items() if case.find(tag) is not None), Outcome.PASSED)


def _host(address: str | None) -> tuple[str, str | None, int]:
    parts = urlsplit(address or "")
    return parts.scheme, parts.hostname, parts.port or 443


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _date(header: str | None) -> datetime | None:
    """The moment of a Date header; None without one, or with one that is none."""
    try:
        told = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def _callouts() -> range:
    """The guide's numbers."""
    return range(1, sum(len(section.callouts) for section in load_guide().sections) + 1)


def _span(record: StepRecord) -> tuple[datetime, datetime]:
    start = _moment(record.started_at or "")
    return start, start + timedelta(milliseconds=record.duration_ms or 0)
