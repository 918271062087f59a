"""The features read as a list of steps: what a run is going to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from sigex_runbook.run.scenarios.features import Place, planned_run, read_scenarios

FEATURE = """# language: ru
@section-{section}
Функция: {section}. Раздел
  Описание.

  @guide @callout-{callout}
  Сценарий: Главный {section}
    Дано начало
    Когда нажимает ({callout})
    И нажимает дважды (два)
    Тогда видит

  @alternative
  Сценарий: Побочный {section}
    Дано начало
    Когда нажимает ({callout})
"""


@pytest.fixture
def features(tmp_path: Path) -> Path:
    """Two features whose file names sort against their sections."""
    for name, section in (("a_later.feature", 10), ("b_sooner.feature", 2)):
        text = FEATURE.format(section=section, callout=section + 1)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_scenarios_come_in_the_guides_order_whatever_the_files_are_called(features: Path) -> None:
    found = read_scenarios(features)
    assert [s.name for s in found] == ["Главный 2", "Побочный 2", "Главный 10", "Побочный 10"]
    assert [s.is_guide for s in found] == [True, False, True, False]


def test_a_scenario_carries_its_features_tags(features: Path) -> None:
    first = read_scenarios(features)[0]
    assert first.tags == {"@section-2", "@guide", "@callout-3"}
    assert first.section == 2


def test_a_run_is_the_guides_steps_numbered_through(features: Path) -> None:
    steps = list(planned_run(features).values())
    assert [s.position for s in steps] == list(range(1, 9))
    assert [s.section for s in steps] == [2] * 4 + [10] * 4
    assert {s.scenario for s in steps} == {"Главный 2", "Главный 10"}


def test_a_step_is_worded_as_in_its_file(features: Path) -> None:
    steps = list(planned_run(features).values())[:4]
    assert [s.keyword for s in steps] == ["Дано", "Когда", "И", "Тогда"]
    assert [s.text for s in steps][1] == "нажимает (3)"


def test_only_a_number_in_brackets_at_the_end_is_a_callout(features: Path) -> None:
    steps = list(planned_run(features).values())[:4]
    assert [s.callout for s in steps] == [None, 3, None, None]


def test_a_place_is_the_files_name_and_the_steps_line(features: Path) -> None:
    """The hooks find a step by it, so it must be the line that pytest-bdd counts."""
    lines = FEATURE.splitlines()
    for place, step in planned_run(features).items():
        wanted = f"{step.keyword} {step.text}"
        number = step.section
        text = lines[place.line - 1].strip().format(section=number, callout=number + 1)
        assert text == wanted
    assert Place("b_sooner.feature", 8) in planned_run(features)
