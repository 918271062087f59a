"""The steps as JUnit XML, for readers that are machines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from sigex_runbook.core.record import Outcome, StepRecord

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(records: Sequence[StepRecord]) -> str:
    """One test suite a scenario, one test case a step; a step that did not run is skipped."""
    root = ET.Element("testsuites", name="SIGEX")
    _count(root, records)
    for (section, scenario), group in groupby(
        records, key=lambda record: (record.step.section, record.step.scenario)
    ):
        steps = list(group)
        suite = ET.SubElement(root, "testsuite", name=_text(f"Раздел {section}. {scenario}"))
        _count(suite, steps)
        for record in steps:
            _add_case(suite, record)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _count(element: ET.Element, records: Sequence[StepRecord]) -> None:
    outcomes = [record.outcome for record in records]
    element.set("tests", str(len(outcomes)))
    element.set("failures", str(outcomes.count(Outcome.FAILED)))
    element.set("errors", "0")
    element.set("skipped", str(outcomes.count(Outcome.NOT_RUN)))
    element.set("time", _seconds(sum(record.duration_ms or 0 for record in records)))


def _add_case(suite: ET.Element, record: StepRecord) -> None:
    step = record.step
    case = ET.SubElement(
        suite,
        "testcase",
        classname=_text(f"section-{step.section}.{step.scenario}"),
        name=_text(f"{step.position:03d} {step.keyword} {step.text}"),
        time=_seconds(record.duration_ms or 0),
    )
    match record.outcome:
        case Outcome.FAILED:
            message = _text(record.message or "без пояснения")
            ET.SubElement(case, "failure", message=message).text = message
        case Outcome.NOT_RUN:
            ET.SubElement(case, "skipped", message="not_run")
        case Outcome.PASSED:
            pass
    if record.note:
        ET.SubElement(case, "system-out").text = _text(record.note)


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.3f}"


def _text(text: str) -> str:
    """The text without characters that XML 1.0 forbids."""
    return _NOT_XML.sub("\ufffd", text)
