"""Pages on paper: HTML printed by the browser as a tagged PDF with an outline."""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any, Self
from weakref import WeakKeyDictionary

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.core.own_thread import OwnThread

from .browser_launch import launch

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SECONDS = 60.0
"""For printing one report, which takes about two, and for opening the browser before; the
browser's own printing has no limit."""


class Printer:
    """A browser that prints, on a thread of its own, and stays open until it is closed.

    One that hangs is given up, and the next print gets another.
    """

    def __init__(self) -> None:
        """`seconds` is how long one print may take."""
        self.seconds: float = SECONDS
        self._press = _Press()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._press.thread.end()
        self._press.thread.join(self.seconds)

    def start(self) -> Future[Any]:
        """Begin to open the browser, so that it is there when something is to be printed."""
        return self._press.thread.ask(self._press.open)

    def print(self, html: str) -> bytes:
        """The HTML as an A4 PDF. Nothing in it runs, and nothing is loaded.

        Raises EnvironmentMissing without a browser that starts, or when it does not come to print
        in time; UsageError when the browser that was named is not there.
        """
        press = self._press
        answer = press.thread.ask(lambda: press.print(html))
        try:
            return answer.result(self.seconds)
        except TimeoutError:
            if answer.done():
                raise
        press.thread.end()  # whenever it comes to itself, or with this process
        self._press = _Press()
        raise late_print(self.seconds)


_sheets: WeakKeyDictionary[Browser, Page] = WeakKeyDictionary()
"""The page of each browser in which reports are laid out: a new one costs as much as the print."""


def pdf_of(browser: Browser, html: str) -> bytes:
    """The HTML as an A4 PDF; nothing in it runs, and nothing is loaded, and nothing of it stays.
    Raises Playwright's Error."""
    page = _sheets.pop(browser, None)
    if page is None or page.is_closed():
        page = browser.new_context(java_script_enabled=False, offline=True).new_page()
        browser.once("disconnected", _forget)
    try:
        page.set_content(html)
        pdf = page.pdf(format="A4", prefer_css_page_size=True, tagged=True, outline=True)
        page.set_content("")
    except BaseException:
        with suppress(Exception):  # of a browser that is gone there is nothing left to close
            page.context.close()
        raise
    _sheets[browser] = page
    return pdf


def _forget(browser: Browser) -> None:
    _sheets.pop(browser, None)


def not_printed(error: Exception) -> EnvironmentMissing:
    """What is said when the browser cannot print."""
    return EnvironmentMissing(
        f"Браузер не напечатал отчёт ({why(error)}). Проверьте машину командой: "
        "sigex-runbook doctor"
    )


def late_print(seconds: float) -> EnvironmentMissing:
    """What is said when the browser does not come to print."""
    return EnvironmentMissing(
        f"Браузер не напечатал отчёт за {seconds:g} с. То же самое есть в report.html: "
        "откройте его и напечатайте из браузера. Проверьте машину командой: sigex-runbook "
        "doctor"
    )


class _Press:
    """One browser and its thread."""

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._browser: Browser | None = None
        self.thread = OwnThread("printer", self._work)
        self.thread.start()

    # On the thread

    def _work(self) -> None:
        self.thread.serve()
        self._close()

    def open(self) -> Browser:
        """The browser, opened when it is not."""
        from playwright.sync_api import sync_playwright

        if self._browser is None:
            playwright = self._opened.enter_context(sync_playwright())
            self._browser = self._opened.enter_context(launch(playwright))
        return self._browser

    def print(self, html: str) -> bytes:
        """The HTML as a PDF; a browser that has died is opened again. Raises EnvironmentMissing."""
        from playwright.sync_api import Error

        try:
            return pdf_of(self.open(), html)
        except Error:  # it may have died while it waited
            self._close()
        try:
            return pdf_of(self.open(), html)
        except Error as error:
            raise not_printed(error) from error

    def _close(self) -> None:
        self._browser = None
        with suppress(Exception):  # of a browser that is gone there is nothing left to close
            self._opened.close()
