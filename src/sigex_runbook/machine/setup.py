"""Put what is missing on the machine: a browser, and fonts for its letters.

The order is that of docs/adr/0005: what is there, then Playwright's own download, then the package
manager where we may use it. Each step has a limit of time and speaks only of its outcome.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from sigex_runbook.core.errors import EnvironmentMissing
from sigex_runbook.site.browser import Browser, find_browser

from . import packages
from .letters import missing_letters
from .program import Outcome, run_quietly
from .softhsm import install_softhsm

Say = Callable[[str], None]

_DOWNLOAD_SECONDS = 300.0
_CONNECT_MILLISECONDS = "8000"


def set_up(say: Say, *, tests: bool = False) -> Browser:
    """Install what is missing and return the browser that runs will use.

    With `tests` also what only the test suite needs. Does nothing where nothing is missing. Raises
    EnvironmentMissing with the next action.
    """
    browser = _present()
    if browser is None:
        browser = _install_browser(say)
    say(f"Браузер: {browser.path}, версия {browser.version or 'неизвестна'} ({browser.why}).")
    if missing_letters(browser):
        _install_fonts(browser, say)
    say("Шрифты: русские и казахские буквы видны.")
    if tests:
        say(f"Токен для тестов: {install_softhsm(say).library}.")
    return browser


def _present() -> Browser | None:
    try:
        return find_browser()
    except EnvironmentMissing:
        return None


def _install_browser(say: Say) -> Browser:
    """A browser that starts, from Playwright or from the package manager."""
    say("Браузера нет. Скачиваю его средствами Playwright…")
    download = _playwright("install", "chromium-headless-shell")
    if not download.ok:
        say(f"  не получилось: {download.complaint}")
    elif browser := _present():
        return browser
    else:
        say("  скачан, но не запускается: не хватает системных библиотек.")
    manager = packages.usable_manager()
    if manager is None:
        raise EnvironmentMissing(
            "Браузера нет, а поставить его можно только с правами администратора. "
            f"Поставьте его и повторите sigex-runbook setup: {packages.by_hand()}"
        )
    say(f"Ставлю браузер через {manager.name} (это может занять несколько минут)…")
    updated = manager.update_lists()
    if not updated.ok:
        say(f"  список пакетов не обновлён: {updated.complaint}")
    for package in manager.browsers:
        added = manager.add(package)
        if added.ok and (browser := _present()):
            say(f"  установлен пакет {package}.")
            return browser
        say(f"  пакет {package} не подошёл: {added.complaint}")
    if download.ok and _is_root() and _playwright("install-deps", "chromium-headless-shell").ok:
        browser = _present()
        if browser is not None:
            say("  установлены системные библиотеки для скачанного браузера.")
            return browser
    raise EnvironmentMissing(
        "Браузер поставить не удалось. Проверьте доступ в интернет и повторите "
        f"sigex-runbook setup или поставьте браузер сами: {packages.by_hand()}"
    )


def _install_fonts(browser: Browser, say: Say) -> None:
    """Fonts for Russian and Kazakh, seen by the browser afterwards."""
    manager = packages.usable_manager()
    if manager is not None:
        say(f"Букв не хватает. Ставлю шрифты через {manager.name}…")
        manager.update_lists()
        for package in manager.fonts:
            added = manager.add(package)
            say(f"  {package}: {'установлен' if added.ok else added.complaint}")
    missing = missing_letters(browser)
    if missing:
        raise EnvironmentMissing(
            f"Браузер не показывает буквы {missing}: нет шрифта. Поставьте шрифты DejaVu и "
            f"повторите sigex-runbook setup: {packages.by_hand()}"
        )


def _playwright(*words: str) -> Outcome:
    """Playwright's own installer, told not to wait long for a network that is not there."""
    patience = "PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT"
    return run_quietly(
        (sys.executable, "-m", "playwright", *words),
        seconds=_DOWNLOAD_SECONDS,
        environ={patience: os.environ.get(patience, _CONNECT_MILLISECONDS)},
    )


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
