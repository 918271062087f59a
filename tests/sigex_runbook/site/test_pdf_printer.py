"""The printer: one browser for many pages, on whatever thread, and again when it has died."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pypdfium2
import pytest

from sigex_runbook.core.errors import EnvironmentMissing, UsageError
from sigex_runbook.site.pdf_printer import Printer

PAGE = '<!doctype html><html lang="kk"><title>Т</title><h1>Ұйым әңгімесі</h1>'


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(page.get_textpage().get_text_bounded() for page in document)


def family() -> set[psutil.Process]:
    return set(psutil.Process().children(recursive=True))


def alive_since(before: set[psutil.Process]) -> list[psutil.Process]:
    return [p for p in family() - before if p.status() != psutil.STATUS_ZOMBIE]


def browser_since(before: set[psutil.Process]) -> list[psutil.Process]:
    browser = [p for p in alive_since(before) if "--headless" in " ".join(p.cmdline())]
    assert browser
    return browser


@pytest.fixture
def printer() -> Iterator[Printer]:
    with Printer() as opened:
        yield opened


def test_it_prints_on_a4_where_an_event_loop_runs_and_leaves_nothing_behind() -> None:
    before = family()

    async def in_a_kernel() -> bytes:
        with Printer() as opened:
            opened.start()
            return opened.print(PAGE)

    pdf = asyncio.run(in_a_kernel())
    assert words(pdf) == "Ұйым әңгімесі"
    width, height = pypdfium2.PdfDocument(pdf)[0].get_size()
    assert (width, height) == pytest.approx((595, 842), abs=1.5)
    assert not alive_since(before)


def test_a_browser_that_died_while_it_waited_is_opened_again(printer: Printer) -> None:
    before = family()
    assert words(printer.print(PAGE))
    browser = browser_since(before)
    for process in browser:
        with suppress(psutil.NoSuchProcess):  # gone with the one that was killed before
            process.kill()
    psutil.wait_procs(browser)
    assert words(printer.print(PAGE)) == "Ұйым әңгімесі"


def test_a_browser_that_hangs_is_given_up_and_another_prints() -> None:
    before = family()
    with Printer() as printer:
        assert words(printer.print(PAGE))
        browser = browser_since(before)
        for process in browser:
            process.suspend()
        printer.seconds = 0.5
        with pytest.raises(EnvironmentMissing, match=r"за 0\.5 с.*report\.html"):
            printer.print(PAGE)
        printer.seconds = 60
        assert words(printer.print(PAGE)) == "Ұйым әңгімесі"
        for process in browser:
            process.resume()
    for thread in threading.enumerate():
        if thread.name == "printer":
            thread.join(60)  # the one that was given up has come to itself
    assert not alive_since(before)


def test_without_a_browser_it_says_so_each_time(
    printer: Printer, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("SIGEX_RUNBOOK_BROWSER", f"{tmp_path}/none")
    printer.start()
    for _ in range(2):
        with pytest.raises(UsageError, match="SIGEX_RUNBOOK_BROWSER"):
            printer.print(PAGE)


def test_nothing_in_a_page_runs(printer: Printer) -> None:
    script = "<script>document.body.textContent = 'ran'</script>"
    assert words(printer.print(f"{PAGE}{script}")) == "Ұйым әңгімесі"
