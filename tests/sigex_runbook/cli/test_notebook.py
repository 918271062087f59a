"""`sigex-runbook notebook` as an operator meets it: JupyterLab itself, looked at in a browser."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import pytest
from playwright.sync_api import Locator, Page, sync_playwright
from playwright.sync_api import expect as expect_that

from sigex_runbook.core.project import find_project
from sigex_runbook.site.browser_launch import launch
from tests.commands import PROGRAM, sealed_well
from tests.service import ORGANISATION

_MILLISECONDS = 240_000
_FREE = ("--allow-root", "--no-browser", "--ServerApp.port=0")
_OUT_OF_VIEW = """() => [...document.querySelectorAll(
  '.jp-OutputArea-output, .jp-RenderedMarkdown')]
  .filter(one => one.scrollWidth > one.clientWidth).map(one => one.innerText)"""
_IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
_ALIGNED = """() => [...new Set([...document.querySelectorAll('.jp-OutputArea :is(td, th)')]
  .map(one => getComputedStyle(one).textAlign))]"""
_PICTURES = """() => [...document.querySelectorAll('.jp-OutputArea img')].map(one => one.alt)"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """JupyterLab with the copy that the command has made; where the copy is."""
    own = {name: str(tmp_path / name) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    environment = os.environ | {f"JUPYTER_{name}": place for name, place in own.items()}
    environment["JUPYTERLAB_WORKSPACES_DIR"] = str(tmp_path / "workspaces")
    command = [*PROGRAM, "notebook", "--campaign", "spring"]
    command += ["--outputs", str(tmp_path / "outputs"), *(f"--jupyter={one}" for one in _FREE)]
    with (tmp_path / "log").open("w+", encoding="utf-8") as log:
        server = psutil.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            told = _wait_for(tmp_path / "RUNTIME_DIR", server)
            [copy] = (tmp_path / "outputs" / "notebooks").iterdir()
            yield f"{told['url']}lab/tree/notebooks/{quote(copy.name)}?token={told['token']}"
        finally:
            family = [*server.children(recursive=True), server]
            for one in reversed(family):
                one.terminate()
            psutil.wait_procs(family, timeout=20)


def _wait_for(runtime: Path, server: psutil.Popen) -> dict[str, str]:
    """What Jupyter leaves for other programs once it listens."""
    while server.poll() is None:
        for found in runtime.glob("jpserver-*.json"):
            try:
                told: dict[str, str] = json.loads(found.read_text(encoding="utf-8"))
            except ValueError:  # half written
                continue
            return told
        time.sleep(0.1)
    pytest.fail("JupyterLab has ended")


@pytest.mark.timeout(600)
def test_all_cells_in_jupyterlab_read_as_a_document(address: str, tmp_path: Path) -> None:
    source = find_project().notebook
    before = source.read_bytes()
    with sync_playwright() as playwright, launch(playwright) as browser:
        page = browser.new_page(viewport={"width": 1366, "height": 900})
        page.set_default_timeout(_MILLISECONDS)
        page.goto(address)
        cell(page, "run.verdict()").wait_for()
        page.locator(_IDLE).wait_for()  # what is asked before there is a kernel, JupyterLab forgets
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).first.click()
        verdict = cell(page, "run.verdict()").locator(".jp-OutputArea")
        expect_that(verdict).to_contain_text("Доказательства:", timeout=_MILLISECONDS)
        expect_that(verdict).to_contain_text("Выполнено (PASSED)")
        assert page.evaluate(_ALIGNED) == ["left"]
        pictures = page.evaluate(_PICTURES)
        assert [re.findall(r"выноска (\d+)\.", words) for words in pictures] == [
            [str(number)] for number in range(1, 14)
        ]
        _repeat_a_cell(page)

        verdict.get_by_role("link", name="отчёт").click()
        report = page.frame_locator("iframe").get_by_text("Выполнено (PASSED)").first
        report.wait_for()

        page.get_by_role("tab", name=re.compile("runbook-")).click()
        page.set_viewport_size({"width": 390, "height": 844})
        page.keyboard.press("Control+b")
        expect_that(page.locator("#jp-left-stack")).to_be_hidden()
        assert page.evaluate(_OUT_OF_VIEW) == []
    [pack] = (tmp_path / "outputs" / "spring" / ORGANISATION).iterdir()
    assert sealed_well(pack, redrawn=False)
    assert (pack / "evidence" / "runbook.ipynb").exists()
    assert source.read_bytes() == before


def _repeat_a_cell(page: Page) -> None:
    """It shows the same, also when the run is over."""
    section = cell(page, "run.section(4)")
    shown = section.locator(".jp-OutputArea").text_content()
    prompt = section.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    section.locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")
    expect_that(prompt).not_to_have_text(before)
    expect_that(prompt).not_to_have_text("[*]:")
    assert section.locator(".jp-OutputArea").text_content() == shown != ""


def cell(page: Page, source: str) -> Locator:
    code = page.locator(".jp-InputArea-editor", has_text=source)
    return page.locator(".jp-CodeCell", has=code).first
