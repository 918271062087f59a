"""The list of all runs: honest about integrity, whole without its script, safe to open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from sigex_runbook.evidence.findings import Status
from sigex_runbook.evidence.index import Checks, render_index, write_index
from sigex_runbook.evidence.outputs import Campaign, Entry, Outputs, Stage
from sigex_runbook.site.browser import find_browser
from sigex_runbook.site.launching import launch

from .sealed import RUN, A, Place, bin_of

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
_AXE = {"resultTypes": ["violations"], "preload": False, "elementRef": False}


def entry(number: int, **changes: object) -> Entry:
    day = 1 + number % 25
    made = Entry(
        "2026-весна" if number % 2 else "2026-осень",
        bin_of(number),
        Stage.SEALED,
        f"202611{day:02d}T120000Z-{number:04x}",
        verdict=("PASSED", "PARTIAL", "FAILED")[number % 3],
        sealed_at=datetime(2026, 11, day, 12, 5, tzinfo=UTC),
        system="Учёт договоров" if number % 5 else "Кадровый портал",
        changes=("Дан доступ: во всех четырёх блоках",),
        reports=("report.html", "report.pdf"),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def campaigns(count: int) -> tuple[Campaign, ...]:
    rows = [entry(number) for number in range(count)]
    names = sorted({row.campaign for row in rows})
    return tuple(
        Campaign(name, tuple(row for row in rows if row.campaign == name), 250, NOW)
        for name in names
    )


class Cells(HTMLParser):
    """The table of runs as text and as classes, by row; and every address of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[tuple[str, str]]] = []
        self.addresses: list[str] = []
        self._inside = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.addresses += [value for key in ("href", "src") if (value := known.get(key))]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append(("", known.get("class") or ""))
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._inside:
            text, look = self.rows[-1][-1]
            self.rows[-1][-1] = text + data.strip(), look

    def of(self, organisation: str) -> list[tuple[str, str]]:
        return next(row for row in self.rows if any(text == organisation for text, _ in row))


def test_nothing_is_green_that_was_not_verified(tmp_path: Path) -> None:
    rows = {status: entry(3 * number) for number, status in enumerate([*Status, None])}
    checks = Checks(
        NOW, packs={row.place: status for status, row in rows.items() if status is not None}
    )
    both = (
        render_index((Campaign("к", tuple(rows.values())),), checks, made_at=NOW),
        render_index((Campaign("к", tuple(rows.values())),), None, made_at=NOW),
    )
    integrity = {status: Cells(both[0]).of(row.organisation_bin)[6] for status, row in rows.items()}
    assert integrity == {
        Status.VERIFIED: ("✓ VERIFIED", "good"),
        Status.FAILED: ("✗ FAILED", "bad"),
        Status.INTEGRITY_ONLY: ("INTEGRITY_ONLY", "half"),
        None: ("не проверено", "idle"),
    }
    for row in rows.values():
        assert Cells(both[1]).of(row.organisation_bin)[6] == ("не проверено", "idle")
    assert "не проверялась" in both[1]


def test_links_are_relative_and_lead_to_the_reports(tmp_path: Path) -> None:
    place = Place(tmp_path / "outputs")
    pack = place.seal().pack
    path = write_index(Outputs(place.outputs))
    assert path == place.outputs / "index.html"
    [address] = Cells(path.read_text("utf-8")).addresses
    assert place.outputs / unquote(address) == pack / "evidence/report.html"
    assert (place.outputs / unquote(address)).is_file()
    assert str(tmp_path) not in path.read_text("utf-8")
    assert sorted(p.name for p in place.outputs.iterdir()) == [place.campaign.name, "index.html"]


def test_a_run_without_report_leads_to_its_folder(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.draft()
    [address] = Cells(write_index(Outputs(tmp_path)).read_text("utf-8")).addresses
    assert (tmp_path / unquote(address) / "evidence").is_dir()


def test_what_files_say_cannot_become_markup() -> None:
    evil = '"><script>alert(1)</script>'
    row = entry(1, system=evil, verdict=evil, changes=(evil,), reason=evil, campaign=evil)
    html = render_index((Campaign(evil, (row,)),), None, made_at=NOW)
    assert "<script>alert" not in html
    assert html.count("<script") == 1


def test_the_file_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader, or a process killed in between, finds the old list or the new one."""
    Place(tmp_path).seal()
    outputs = Outputs(tmp_path)
    before = write_index(outputs).read_bytes()

    def die(*_: object) -> None:
        raise OSError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", die)
        broken.setattr(Path, "replace", die)
        with pytest.raises(OSError, match="killed"):
            write_index(outputs)
    assert (tmp_path / "index.html").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["index.html"]


def test_an_empty_folder_says_how_to_begin(tmp_path: Path) -> None:
    assert "запусков пока нет" in write_index(Outputs(tmp_path)).read_text("utf-8")


# --- in a browser --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with (
        sync_playwright() as playwright,
        launch(playwright, browser=find_browser(visible=False), pins=[], visible=False) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def five_hundred(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("список") / "index.html"
    checks = Checks(NOW, packs={entry(number).place: list(Status)[number % 3] for number in (1, 2)})
    path.write_text(render_index(campaigns(500), checks, made_at=NOW), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def page(browser: Browser, five_hundred: str) -> Iterator[Page]:
    """The list of five hundred; an error on it, or anything asked of a network, fails the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    told: list[str] = []
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("console", lambda message: told.append(message.text))
    page.on("request", lambda request: told.append(request.url))
    page.goto(five_hundred)
    yield page
    assert told == [five_hundred]
    context.close()


def rows(page: Page) -> int:
    return page.locator("#runs tbody tr:visible").count()


def test_filters_leave_what_was_asked_for(page: Page) -> None:
    assert rows(page) == 500
    form = page.locator("#filters")
    wanted = [entry(number) for number in range(500)]
    form.get_by_label("Кампания").select_option("2026-весна")
    assert rows(page) == len([e for e in wanted if e.campaign == "2026-весна"])
    form.get_by_label("Вердикт").select_option("Не выполнено")
    form.get_by_label("С даты").fill("2026-11-10")
    form.get_by_label("По дату").fill("2026-11-12")
    found = [
        e.organisation_bin
        for e in wanted
        if e.campaign == "2026-весна"
        and e.verdict == "FAILED"
        and e.sealed_at is not None
        and 10 <= e.sealed_at.day <= 12
    ]
    shown = page.locator("#runs tbody tr:visible th").all_inner_texts()
    assert sorted(shown) == sorted(found)
    expect(page.get_by_role("status")).to_have_text(f"Строк: {len(found)} из 500")
    form.get_by_role("button", name="Показать все").click()
    expect(page.get_by_role("status")).to_have_text("Строк: 500")
    form.get_by_label("БИН или информационная система").fill("  кадровый   ПОРТАЛ ")
    assert rows(page) == len([e for e in wanted if e.system == "Кадровый портал"])
    form.get_by_label("БИН или информационная система").fill(bin_of(17))
    assert rows(page) == 1
    form.get_by_role("button", name="Показать все").click()
    form.get_by_label("Целостность").select_option("не проверено")
    assert rows(page) == 498


def test_without_its_script_the_list_is_whole_and_shows_no_dead_controls(
    browser: Browser, five_hundred: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(five_hundred)
    assert rows(page) == 500
    expect(page.locator("#filters")).to_be_hidden()
    context.close()


def test_axe_finds_nothing_serious(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    path.write_text(render_index(campaigns(20), None, made_at=NOW), encoding="utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    found = Axe().run(page, options=_AXE).response["violations"]
    page.close()
    assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


def test_the_page_is_never_wider_than_its_window(page: Page) -> None:
    page.set_viewport_size({"width": 480, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 480


def test_a_verification_of_real_packs_is_shown(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.seal()
    checks = Checks(NOW, packs={f"{place.campaign.name}/{A}/{RUN}": Status.VERIFIED})
    html = write_index(Outputs(tmp_path), checks).read_text("utf-8")
    assert Cells(html).of(A)[6] == ("✓ VERIFIED", "good")
