"""The steps: the same in steps.ndjson, in junit.xml and in the features, one for each callout."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

from gherkin.errors import ParserError
from gherkin.parser import Parser

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.plan import make_plan
from sigex_runbook.core.record import Outcome, PlannedStep
from sigex_runbook.evidence.pack.junit import junit_xml
from sigex_runbook.evidence.pack.layout import FEATURES, JUNIT, STEPS
from sigex_runbook.evidence.pack.read import Record

from .faults import Fault, callouts

_GUIDE = "@guide"
_VARIANTS = ("@revoking", "@unchanged")
"""Tags of what is performed in place of the guide's scenario; only that names its callouts."""


def reported(record: Record) -> Iterator[Fault]:
    """junit.xml, where there is one, tells of the same steps, outcomes, durations and words."""
    data = record.files.get(JUNIT)
    if data is None:
        return
    try:
        told = _xml(data)
    except (ET.ParseError, ValueError):
        yield JUNIT, "это не отчёт JUnit о шагах"
        return
    if _tree(told) != _tree(ET.fromstring(junit_xml(record.steps))):  # noqa: S314 - our own
        yield JUNIT, "шаги, их исходы, слова или длительности не те, что в steps.ndjson"


def ended(record: Record) -> Iterator[Fault]:
    """Steps pass one after another until one fails; what follows has not run."""
    over = False
    for one in record.steps:
        if over and one.outcome is not Outcome.NOT_RUN:
            yield STEPS, f"шаг {one.step.position} шёл после того, на котором запуск остановился"
        over = over or one.outcome is not Outcome.PASSED
        told = (one.started_at, one.duration_ms, one.message)
        if one.outcome is Outcome.NOT_RUN and told != (None, None, None):
            yield STEPS, f"шаг {one.step.position} не шёл, а записан как начатый"


def reported_at_all(record: Record) -> Iterator[Fault]:
    """There is a junit.xml."""
    if JUNIT not in record.files:
        yield JUNIT, "отчёта JUnit нет"


def passed(record: Record) -> Iterator[Fault]:
    """Every step began, took its time, and tells of nothing that went wrong."""
    for one in record.steps:
        ran = one.started_at is not None and one.duration_ms is not None
        if one.outcome is Outcome.PASSED and (not ran or one.message is not None):
            yield STEPS, f"шаг {one.step.position} пройден, а записан как не шедший или сбой"


def guided(record: Record) -> Iterator[Fault]:
    """Every callout of the guide has its one step, in the guide's order and sections."""
    steps = [one.step for one in record.steps]
    marked = [step for step in steps if step.callout]
    if sorted(step.callout or 0 for step in marked) != list(callouts()):
        yield STEPS, "не у каждой выноски (1)–(13) ровно один шаг"
    if [step.position for step in steps] != list(range(1, len(steps) + 1)):
        yield STEPS, "шаги занумерованы не подряд"
    guided = [(callout, load_guide().section_of(callout).number) for callout in callouts()]
    if [(step.callout, step.section) for step in marked] != guided:
        yield STEPS, "выноски (1)–(13) идут не в порядке и не в разделах инструкции"
    for step in marked:
        if f"({step.callout})" not in step.text:
            yield STEPS, f"в словах шага {step.position} другая выноска"


def worded(record: Record) -> Iterator[Fault]:
    """The steps are those of the pack's features: scenario by scenario, word for word."""
    written = {
        scenario
        for name, data in record.files.items()
        if name.startswith(f"{FEATURES}/")
        for scenario in _scenarios(data)
    }
    walked: dict[tuple[int, str], list[PlannedStep]] = {}
    for one in record.steps:
        walked.setdefault((one.step.section, one.step.scenario), []).append(one.step)
    for (section, name), steps in walked.items():
        callouts = {f"@callout-{step.callout}" for step in steps if step.callout}
        words = tuple(f"{step.keyword} {step.text}" for step in steps)
        may_be = ({_GUIDE, *callouts}, *({tag} for tag in _VARIANTS))
        if not any(
            (name, frozenset({*tags, f"@section-{section}"}), words) in written for tags in may_be
        ):
            yield STEPS, f"сценария «{name}» с такими шагами и выносками нет в features/"


Written = tuple[str, frozenset[str], tuple[str, ...]]
"""A scenario's name, its tags that matter here, and its steps."""


@cache
def _scenarios(feature: bytes) -> tuple[Written, ...]:
    """The scenarios of a feature; none for a file that is none. The packs of a campaign hold the
    same features."""
    try:
        document: Any = Parser().parse(feature.decode("utf-8"))
    except (ParserError, UnicodeDecodeError):
        return ()
    parsed = document.get("feature") or {"children": []}
    return tuple(
        (
            one["name"],
            frozenset(
                tag["name"]
                for tag in (*parsed["tags"], *one["tags"])
                if tag["name"].startswith((_GUIDE, *_VARIANTS, "@section-", "@callout-"))
            ),
            tuple(f"{step['keyword'].strip()} {step['text']}" for step in one["steps"]),
        )
        for child in parsed["children"]
        if (one := child.get("scenario"))
    )


def ordered(record: Record) -> Iterator[Fault]:
    """A step that says that it gave, took or kept access did so by the order and the settings."""
    before = record.settings("before")
    if before is None:
        return
    try:
        acts = make_plan(before, record.order).acts
    except RunFailed:
        return  # said already: no plan follows from these
    for step in (one.step for one in record.steps):
        if step.act is not None and step.act is not acts.get(step.section):
            yield (
                STEPS,
                f"шаг {step.position} — «{step.act}», а из заказа и настроек следует другое",
            )


def _xml(data: bytes) -> ET.Element:
    """Raises ParseError; ValueError for a document type, which could swell, or another encoding,
    which could hide one."""
    if not data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>') or b"<!DOCTYPE" in data:
        raise ValueError("DOCTYPE")
    return ET.fromstring(data)  # noqa: S314 - no document type, so no entities


def _tree(element: ET.Element) -> tuple[Any, ...]:
    """What an element says, without the blanks that only indent it."""
    text = "" if len(element) else element.text or ""
    return element.tag, element.attrib, text, [_tree(child) for child in element]
