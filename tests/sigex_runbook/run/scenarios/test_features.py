"""The features read as a list of steps: what a run is going to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.core.project import find_project
from sigex_runbook.run.scenarios.features import Place, guide_run, planned_run, read_scenarios

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


# -- features that somebody edited


@pytest.mark.parametrize(
    ("was", "written", "line", "words"),
    [
        ("# language", "\ufeff# language", 1, "BOM"),
        ("language: ru", "language: ruu", 1, "не строка сценария"),
        ("  Сценарий:", "  Сценрий:", None, "«Сценрий:"),
        ("    Когда", "    Кгда", None, "не строка сценария"),
        ("  @guide", "  Предыстория:\n    Дано что-то\n\n  @guide", 6, "это не сценарий"),
        ("@section", "@sction", None, "@section-N"),
    ],
)
def test_an_edited_feature_is_refused_with_file_and_line(
    tmp_path: Path, was: str, written: str, line: int | None, words: str
) -> None:
    good = (find_project().features / "4_access_to_documents.feature").read_text("utf-8")
    path = tmp_path / "one.feature"
    path.write_text(good.replace(was, written, 1), encoding="utf-8")
    with pytest.raises(EnvironmentMissing) as refused:
        read_scenarios(tmp_path)
    said = str(refused.value)
    assert f"«{path}», строка {line or ''}" in said
    assert words in said
    assert "\n" not in said


@pytest.mark.parametrize("data", ["# language: ru\nФункция: я".encode("cp1251"), b""])
def test_a_feature_that_is_no_text_of_one_is_named(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "one.feature").write_bytes(data)
    with pytest.raises(EnvironmentMissing, match=r"one\.feature»"):
        read_scenarios(tmp_path)


@pytest.mark.parametrize(
    ("was", "written", "words"),
    [
        (" (6)", "", "4_access_to_documents.feature: (6)"),
        (" (6)", " (7)", "4_access_to_documents.feature, строка 10: выноска (7)"),
    ],
)
def test_features_that_are_not_the_guide_say_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, was: str, written: str, words: str
) -> None:
    home = find_project().root
    for part in ("features", "steps", "notebooks"):
        shutil.copytree(home / part, tmp_path / part)
    path = tmp_path / "features" / "4_access_to_documents.feature"
    path.write_text(path.read_text("utf-8").replace(was, written, 1), encoding="utf-8")
    monkeypatch.setenv("SIGEX_RUNBOOK_PROJECT", str(tmp_path))
    with pytest.raises(EnvironmentMissing) as refused:
        guide_run()
    assert words in str(refused.value)
