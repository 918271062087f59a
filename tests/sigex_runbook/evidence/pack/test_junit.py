"""The JUnit file says the same as the record."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from sigex_runbook.core.record import Outcome
from sigex_runbook.evidence.pack.junit import junit_xml
from tests.sigex_runbook.evidence.material import step


def parse(text: str) -> ET.Element:
    return ET.fromstring(text.encode())  # noqa: S314 - our own text


def test_one_case_a_step_grouped_by_scenario() -> None:
    text = junit_xml(
        [
            step(1, scenario="Первый"),
            step(2, Outcome.FAILED, scenario="Первый", message="Галочка не встала."),
            step(3, Outcome.NOT_RUN, scenario="Первый"),
            step(4, Outcome.NOT_RUN, section=5, scenario="Второй", note="пояснение"),
        ]
    )
    root = parse(text)
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("4", "1", "2")
    assert [suite.get("name") for suite in root] == ["Раздел 4. Первый", "Раздел 5. Второй"]
    assert root[0].get("time") == "0.084"
    assert [len(suite) for suite in root] == [3, 1]
    failure, skipped = root[0][1].find("failure"), root[0][2].find("skipped")
    assert failure is not None
    assert skipped is not None
    assert failure.get("message") == "Галочка не встала."
    assert skipped.get("message") == "not_run"
    assert root[0][0].find("skipped") is None
    assert root[1][0].findtext("system-out") == "пояснение"


def test_hostile_text_stays_text() -> None:
    text = junit_xml([step(text='<b>&"\x00\x1b', outcome=Outcome.FAILED, message="]]>\ud800")])
    case = parse(text)[0][0]
    assert case.get("name") == '001 Когда <b>&"\ufffd\ufffd'


def test_no_steps_give_an_empty_file_that_is_still_xml() -> None:
    assert parse(junit_xml([])).get("tests") == "0"
