"""A page on paper: HTML printed by the browser as a tagged PDF with an outline."""

from __future__ import annotations

from .browser import Browser, launch


def print_pdf(html: str, browser: Browser | None = None) -> bytes:
    """The HTML as an A4 PDF. Nothing in it runs, and nothing is loaded.

    Not for a thread with a running event loop. Raises EnvironmentMissing without a browser that
    starts, or when it does not come to print.
    """
    from playwright.sync_api import Error, sync_playwright

    from sigex_runbook.errors import EnvironmentMissing

    with sync_playwright() as playwright, launch(playwright, browser=browser) as running:
        try:
            page = running.new_context(java_script_enabled=False, offline=True).new_page()
            page.set_content(html)
            return page.pdf(prefer_css_page_size=True, tagged=True, outline=True)
        except Error as error:
            first = error.message.strip().splitlines()[0]
            raise EnvironmentMissing(
                f"Браузер не напечатал отчёт ({first}). Проверьте машину командой: "
                "sigex-runbook doctor"
            ) from error
