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

from sigex_runbook.core.environment import Environment
from sigex_runbook.evidence.attest.findings import Status
from sigex_runbook.evidence.index.index import Checks, render_index, write_index
from sigex_runbook.evidence.index.outputs import Campaign, Entry, Outputs, Stage
from sigex_runbook.site.browser import find_browser
from sigex_runbook.site.browser_launch import launch
from tests.sigex_runbook.evidence.sealed import RUN, A, Place, bin_of

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
        environment=Environment("https://localhost:8443" if number % 7 else "https://sigex.kz"),
        reason="Раздел 8: не сохранено" if number % 3 == 2 else None,
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
        if self._inside and tag in ("td", "th"):
            self._inside = False
            text, look = self.rows[-1][-1]
            self.rows[-1][-1] = " ".join(text.split()), look

    def handle_data(self, data: str) -> None:
        if self._inside:
            text, look = self.rows[-1][-1]
            self.rows[-1][-1] = text + data, look

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
    verdict = Cells(both[0]).of(rows[Status.FAILED].organisation_bin)[4]
    assert verdict == ("Выполнено на эмуляторе так записано, но записи верить нельзя", "idle")
    verified = Cells(both[0]).of(rows[Status.VERIFIED].organisation_bin)[4]
    assert verified == ("Выполнено на https://sigex.kz", "good")


def test_beside_a_verdict_stands_where_it_was_and_why() -> None:
    html = render_index((Campaign("к", (entry(2), entry(7))),), None, made_at=NOW)
    verdicts = [Cells(html).of(bin_of(number))[4] for number in (2, 7)]
    assert verdicts == [
        ("Не выполнено на эмуляторе Раздел 8: не сохранено", "bad"),
        ("Выполнено, но проверено не всё на https://sigex.kz", "half"),
    ]


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
    place = Environment(f"https://{evil}")
    row = entry(
        *(1,),
        system=evil,
        verdict=evil,
        changes=(evil,),
        reason=evil,
        campaign=evil,
        environment=place,
    )
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
    form.get_by_label("БИН, информационная система или причина").fill("  кадровый   ПОРТАЛ ")
    assert rows(page) == len([e for e in wanted if e.system == "Кадровый портал"])
    form.get_by_label("БИН, информационная система или причина").fill(bin_of(17))
    assert rows(page) == 1
    form.get_by_role("button", name="Показать все").click()
    form.get_by_label("Целостность").select_option("не проверено")
    assert rows(page) == 498


def test_a_campaign_counts_its_runs_and_those_who_have_none(tmp_path: Path) -> None:
    """Organisations of the list are those with a run, the excluded and the not begun, no others."""
    others = (
        Entry("к", bin_of(601), Stage.EXCLUDED, reason="Реорганизация"),
        Entry("к", bin_of(602), Stage.EXCLUDED, reason="Тұжырым жоқ"),
        Entry("к", bin_of(603), Stage.NOT_BEGUN, reason="Ключа нет"),
        Entry("к", bin_of(1), Stage.UNFINISHED, RUN),
    )
    runs = tuple(entry(number, campaign="к") for number in range(6))
    html = render_index((Campaign("к", (*runs, *others), 9, NOW),), None, made_at=NOW)
    [counted] = [row for row in Cells(html).rows if row[0][0] == "к"]
    assert [text for text, _ in counted[1:9]] == ["9", "2", "1", "7", "2", "2", "2", "1"]
    assert Cells(html).of(bin_of(602))[4] == ("исключена Тұжырым жоқ", "idle")
    assert Cells(html).of(bin_of(603))[4] == ("не начат Ключа нет", "bad")


@pytest.fixture
def some(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Few runs, and one who has none with a reason in Kazakh."""
    left = Entry("2026-весна", bin_of(700), Stage.EXCLUDED, reason="Ұйым таратылуда: хат № 12-қ")
    [one, *rest] = campaigns(12)
    path = tmp_path / "index.html"
    listed = (replace(one, entries=(*one.entries, left)), *rest)
    path.write_text(render_index(listed, None, made_at=NOW), encoding="utf-8")
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(path.as_uri())
    yield page
    page.close()


def test_who_is_excluded_is_found_by_verdict_and_by_the_reason(some: Page) -> None:
    form = some.locator("#filters")
    form.get_by_label("Вердикт").select_option("исключена")
    assert some.locator("#runs tbody tr:visible th").all_inner_texts() == [bin_of(700)]
    form.get_by_role("button", name="Показать все").click()
    form.get_by_label("БИН, информационная система или причина").fill("ұйым ТАРАТЫЛУДА")
    expect(some.get_by_role("status")).to_have_text("Строк: 1 из 13")
    form.get_by_label("Вердикт").select_option("Выполнено")
    expect(some.get_by_role("status")).to_contain_text("Строк: 0 из 13. Под эти условия")


def test_on_a_telephone_every_value_is_seen_without_scrolling_aside(some: Page) -> None:
    cells = some.locator("#runs tbody td, #runs tbody th").all()
    assert len(cells) == 13 * 8
    for cell in cells:
        box = cell.bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    labels = some.locator("#runs tbody tr").first.locator("td").all()
    assert all(one.get_attribute("data-label") for one in labels)


def test_the_filters_are_reached_and_used_with_the_keyboard_alone(some: Page) -> None:
    for _ in range(2):  # past the table of campaigns
        some.keyboard.press("Tab")
    some.keyboard.type("портал")
    expect(some.get_by_role("status")).to_have_text("Строк: 3 из 13")
    for _ in range(2):
        some.keyboard.press("Tab")
    some.keyboard.press("ArrowDown")
    expect(some.get_by_role("status")).not_to_have_text("Строк: 3 из 13")


def test_going_back_shows_what_the_form_says(some: Page) -> None:
    form = some.locator("#filters")
    form.get_by_label("Вердикт").select_option("исключена")
    some.goto("about:blank")
    some.go_back()
    chosen = form.get_by_label("Вердикт").input_value()
    expect(some.get_by_role("status")).to_have_text(
        "Строк: 1 из 13" if chosen == "исключена" else "Строк: 13"
    )


def test_on_paper_no_column_is_cut_off(some: Page) -> None:
    width = 718  # A4 upright between margins of 10 mm
    some.set_viewport_size({"width": width, "height": 1000})
    some.emulate_media(media="print")
    cells = some.locator("table td, table th").all()
    assert len(cells) > 13 * 8
    boxes = [cell.bounding_box() for cell in cells]
    assert [box for box in boxes if box is None or box["x"] + box["width"] > width] == []


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


def test_a_campaign_with_a_page_of_its_own_leads_there() -> None:
    plain, paged = campaigns(2)
    html = render_index((plain, replace(paged, name="лето", has_page=True)), None, made_at=NOW)
    there = [unquote(one) for one in Cells(html).addresses if one.endswith("index.html")]
    assert there == ["лето/index.html"]
