"""The living guide: every callout with its words and scenario, and no more green than there is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

from sigex_runbook.cli.main import main
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.project import find_project
from sigex_runbook.core.record import Outcome
from sigex_runbook.core.verdict import reach_verdict
from sigex_runbook.evidence.index.last_results import LastResults, last_results
from sigex_runbook.evidence.index.living_guide import living_guide
from sigex_runbook.evidence.pack.canonical import plain
from sigex_runbook.evidence.pack.records import check_of
from sigex_runbook.run.scenarios.features import guide_steps
from sigex_runbook.site.browser_launch import launch
from tests.sigex_runbook.evidence.sealed import CALLOUTS, STARTED, A, B, Place

OLD, NEW, NEWEST = (f"2026112{day}T120000Z-7f3a" for day in (5, 6, 7))
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
FEATURES = find_project().features


def seal(place: Place, run: str, outcome: Outcome, *, organisation: str = A) -> Path:
    """A green run shows all callouts; any other stops at callout 6, with its picture, after 5."""

    def at_callout_6(values: dict[str, Any]) -> None:
        if outcome is not Outcome.PASSED:
            first, second = values["steps"]
            values["steps"] = [first, replace(second, step=replace(second.step, callout=6))]
            checks = [check_of(plain(one)) for one in values["verification.json"]["checks"]]
            values["run.json"]["verdict"] = asdict(reach_verdict(values["steps"], checks))

    place.seal(organisation, run, change=at_callout_6, outcome=outcome)
    return place.campaign / organisation / run


def page(found: LastResults) -> str:
    return living_guide(
        load_guide(),
        guide_steps(FEATURES),
        guide_steps(FEATURES / "en"),
        found,
        made_at=NOW,
    )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An older green run, then a red one."""
    made = Place(tmp_path / "outputs")
    seal(made, OLD, Outcome.PASSED)
    seal(made, NEW, Outcome.FAILED)
    return made


@pytest.fixture
def red(tmp_path: Path) -> Place:
    """A red run alone."""
    made = Place(tmp_path / "red")
    seal(made, NEW, Outcome.FAILED)
    return made


def test_the_last_result_is_the_newest_and_the_picture_the_newest_green_one(place: Place) -> None:
    found = last_results(place.outputs)
    assert {n: (r.run.run_id, r.step.outcome) for n, r in found.results.items()} == {
        **dict.fromkeys(CALLOUTS, (OLD, Outcome.PASSED)),
        5: (NEW, Outcome.PASSED),
        6: (NEW, Outcome.FAILED),
    }
    assert {n: p.run.run_id for n, p in found.pictures.items()} == dict.fromkeys(CALLOUTS, OLD)
    drawn = place.campaign / A / OLD / "evidence/screens/006-annotated.png"
    assert found.pictures[6].png == drawn.read_bytes()


def test_a_green_step_of_a_run_that_failed_gives_no_picture(tmp_path: Path) -> None:
    """The tick was set, but the settings were not: that picture must not teach anybody."""
    place = Place(tmp_path / "outputs")
    pack = seal(place, OLD, Outcome.FAILED)
    steps = pack / "evidence/steps.ndjson"
    steps.write_text(steps.read_text("utf-8").replace('"failed"', '"passed"'), "utf-8")
    found = last_results(place.outputs)
    assert found.results[6].step.outcome is Outcome.PASSED
    assert found.pictures == {}


def test_one_pack_and_one_campaign_can_be_asked_alone(place: Place) -> None:
    seal(place, NEWEST, Outcome.PASSED, organisation=B)
    old = place.campaign / A / OLD
    assert last_results(old).results[6].run.run_id == OLD
    assert last_results(place.campaign).results[6].run.organisation_bin == B


def test_a_step_that_did_not_run_is_no_result(place: Place) -> None:
    seal(place, NEWEST, Outcome.NOT_RUN)
    assert last_results(place.outputs).results[6].run.run_id == NEW


def test_a_spoilt_pack_is_counted_and_passed_over(place: Place) -> None:
    (place.campaign / A / NEW / "evidence" / "steps.ndjson").write_text("{", "utf-8")
    found = last_results(place.outputs)
    assert (found.unreadable, found.results[6].run.run_id) == (1, OLD)
    assert "Не прочитано пакетов: 1" in page(found)


def test_an_unsealed_pack_is_refused(place: Place) -> None:
    pack = place.campaign / A / OLD
    (pack / "attestation.dsse.json").unlink()
    with pytest.raises(UsageError, match="не заверен"):
        last_results(pack)


@pytest.mark.parametrize("number", CALLOUTS)
def test_every_callout_has_words_scenario_and_step_in_both_languages(number: int) -> None:
    html = page(LastResults({}, {}))
    russian, english = guide_steps(FEATURES)[number], guide_steps(FEATURES / "en")[number]
    for text in (
        load_guide().callout(number).wording.ru,
        load_guide().section_of(number).wording.ru,
        russian.scenario,
        russian.text,
        english.scenario,
        english.text,
    ):
        assert str(escape(text, quote=False)) in html.replace("&#39;", "'").replace("&#34;", '"')
    assert f"не показал выноску ({number})" in html


def test_the_guides_words_stand_in_russian_alone_as_they_are() -> None:
    html = page(LastResults({}, {})).replace("&#34;", '"').replace("&#39;", "'")
    for section in load_guide().sections:
        for text in (section.wording, *(mark.wording for mark in section.callouts)):
            assert f">{escape(text.ru, quote=False)}</" in html


def test_what_is_green_or_red_is_said(place: Place) -> None:
    html = page(last_results(place.outputs))
    assert html.count("<img ") == len(CALLOUTS)
    assert "не показал выноску" not in html
    assert html.count("не выполнен</strong>") == 1
    assert "Нет.</dd>" in html
    taken = f"Снято {STARTED:%d.%m.%Y %H:%M} UTC, запуск {OLD} (Выполнено)"
    assert f"{taken}, на эмуляторе</figcaption>" in html
    assert html.count("UTC, на эмуляторе; запуск") == len(CALLOUTS)
    assert "ещё не выполнялся</strong>" not in html
    assert "нет у выносок" not in html


def test_what_is_lacking_is_said(
    red: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "guide.html")
    assert main(["guide", "--results", str(red.outputs), "--out", out]) == 0
    assert "Снимков из успешных запусков: 0 из 13." in capsys.readouterr().out
    html = page(last_results(red.outputs))
    assert "<img " not in html
    assert html.count("не выполнен</strong>") == 1
    assert html.count("ещё не выполнялся</strong>") == len(CALLOUTS) - 2
    lacking = ", ".join(f"({number})" for number in CALLOUTS)
    assert f"нет у выносок: {lacking}." in html


@pytest.fixture
def shown(place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Page]:
    """The page in a browser, as the verb writes it; whatever it asks for is an error."""
    out = tmp_path / "guide.html"
    assert main(["guide", "--results", str(place.outputs), "--out", str(out)]) == 0
    assert "Снимков" not in capsys.readouterr().out, "none is lacking"
    with sync_playwright() as playwright, launch(playwright) as browser:
        opened = browser.new_page(viewport={"width": 480, "height": 800})
        asked: list[str] = []
        opened.on("request", lambda request: asked.append(request.url))
        opened.goto(out.as_uri())
        yield opened
        assert [url for url in asked if not url.startswith("data:")] == [out.as_uri()]


def test_the_page_is_accessible_whole_and_no_wider_than_its_window(shown: Page) -> None:
    options = {"resultTypes": ["violations"], "preload": False, "elementRef": False}
    found = Axe().run(shown, options=options).response["violations"]
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
    assert shown.evaluate("document.documentElement.scrollWidth") <= 480
    assert shown.evaluate("[...document.images].every((one) => one.naturalWidth > 0)")
    assert shown.evaluate("document.scripts.length") == 0


def test_a_folder_that_is_not_there_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["guide", "--results", str(tmp_path / "нет")]) == 2
    assert "нет" in capsys.readouterr().err
    assert not (tmp_path / "guide.html").exists()
