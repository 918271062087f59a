"""Pages on paper: HTML printed by the browser as a tagged PDF with an outline."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Self

from sigex_runbook.errors import EnvironmentMissing
from sigex_runbook.reasons import why

from .browser import launch

if TYPE_CHECKING:
    from playwright.sync_api import Browser


class Printer:
    """A browser that prints, on a thread of its own, and stays open until it is closed.

    A thread of its own, since Playwright refuses one with an event loop, as a notebook's kernel
    has.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="printer")
        self._opened = ExitStack()
        self._browser: Browser | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.submit(self._close)
        self._thread.shutdown()

    def start(self) -> Future[object]:
        """Begin to open the browser, so that it is there when something is to be printed."""
        return self._thread.submit(self._open)

    def print(self, html: str) -> bytes:
        """The HTML as an A4 PDF. Nothing in it runs, and nothing is loaded.

        Raises EnvironmentMissing without a browser that starts, or when it does not come to print;
        UsageError when the browser that was named is not there.
        """
        return self._thread.submit(self._print, html).result()

    # On the thread

    def _open(self) -> Browser:
        from playwright.sync_api import sync_playwright

        if self._browser is None:
            playwright = self._opened.enter_context(sync_playwright())
            self._browser = self._opened.enter_context(launch(playwright))
        return self._browser

    def _print(self, html: str) -> bytes:
        from playwright.sync_api import Error

        try:
            return self._pdf(html)
        except Error:  # it may have died while it waited, of the same Ctrl+C that ended the run
            self._close()
        try:
            return self._pdf(html)
        except Error as error:
            raise EnvironmentMissing(
                f"Браузер не напечатал отчёт ({why(error)}). Проверьте машину командой: "
                "sigex-runbook doctor"
            ) from error

    def _pdf(self, html: str) -> bytes:
        with self._open().new_context(java_script_enabled=False, offline=True) as context:
            page = context.new_page()
            page.set_content(html)
            return page.pdf(format="A4", prefer_css_page_size=True, tagged=True, outline=True)

    def _close(self) -> None:
        self._browser = None
        with suppress(Exception):  # of a browser that is gone there is nothing left to close
            self._opened.close()
