"""What a run needs of this machine, looked at point by point and explained."""

from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from sigex_runbook.core.error_causes import why
from sigex_runbook.core.errors import RunbookError
from sigex_runbook.core.network.proxies import exceptions, proxy_for, without_password
from sigex_runbook.evidence.pack.layout import PARTIAL
from sigex_runbook.evidence.pack.room import check_room
from sigex_runbook.evidence.verify.population import left_over
from sigex_runbook.site.browser import Browser, consider, find_browser, inspect
from sigex_runbook.site.browser_candidates import Machine

_OLDEST_PYTHON = (3, 11)
_SETUP = "Выполните: sigex-runbook setup"
_SOMEWHERE = {scheme: f"{scheme}://sigex.kz" for scheme in ("https", "http")}


@dataclass(frozen=True, slots=True)
class Finding:
    """One point of the check-up; `ok` is None for a remark that decides nothing."""

    point: str
    ok: bool | None
    found: str


def check_up(outputs: Path) -> Iterator[Finding]:
    """Every point, in the order in which they matter, as soon as it is known."""
    yield _python()
    yield _packages()
    yield from _browser()
    yield _visible_browser()
    yield _outputs(outputs)
    yield from drafts_left(outputs)
    yield _loopback()
    yield proxy_used()


def _python() -> Finding:
    here = sys.version_info[:3]
    found = f"{'.'.join(map(str, here))}, {sys.executable}"
    return Finding("Python", here >= _OLDEST_PYTHON, found)


def _packages() -> Finding:
    """The packages that the project itself asks for; the developers' ones do not matter here."""
    again = "Установите программу заново той же командой pip install."
    try:
        from packaging.requirements import Requirement
    except ImportError:
        return Finding("Пакеты", False, f"установлены не все. {again}")
    wrong: list[str] = []
    wanted = [Requirement(line) for line in requires("sigex-runbook") or ()]
    wanted = [need for need in wanted if need.marker is None or need.marker.evaluate()]
    for need in wanted:
        try:
            installed = version(need.name)
        except PackageNotFoundError:
            wrong.append(f"нет {need.name}")
            continue
        if not need.specifier.contains(installed, prereleases=True):
            wrong.append(f"{need.name} {installed}, нужен {need.specifier}")
    if wrong:
        return Finding("Пакеты", False, f"{'; '.join(wrong)}. {again}")
    return Finding("Пакеты", True, f"все {len(wanted)} на месте")


def _browser() -> Iterator[Finding]:
    """Every browser that was considered, the one chosen, and what it can show."""
    machine = Machine()
    for candidate in consider(machine=machine):
        number, problem = inspect(candidate, machine=machine)
        text = problem or f"годится, версия {number or 'неизвестна'}"
        yield Finding(
            "  кандидат", None, f"{candidate.path} [{candidate.kind}, {candidate.why}]: {text}"
        )
    try:
        browser = find_browser(machine=machine)
    except RunbookError as error:
        yield Finding("Браузер", False, str(error))
        return
    yield Finding(
        "Браузер", True, f"{browser.path}, версия {browser.version or 'неизвестна'}: {browser.why}"
    )
    yield _letters(browser)


def _letters(browser: Browser) -> Finding:
    try:
        from .letters import missing_letters

        missing = missing_letters(browser)
    except (RunbookError, ImportError) as error:
        return Finding("Запуск браузера", False, str(error))
    if missing:
        return Finding("Шрифты", False, f"браузер не показывает буквы {missing}. {_SETUP}")
    return Finding("Шрифты", True, "браузер запускается и показывает русские и казахские буквы")


def _visible_browser() -> Finding:
    try:
        browser = find_browser(visible=True)
    except RunbookError as error:
        return Finding("Окно (--visible)", None, f"{error} Нужно только для --visible.")
    return Finding("Окно (--visible)", None, f"{browser.path}, версия {browser.version}")


def _outputs(folder: Path) -> Finding:
    try:
        check_room(folder)
    except RunbookError as error:
        return Finding("Папка результатов", False, str(error))
    return Finding("Папка результатов", True, f"{folder}: запись разрешена")


def drafts_left(folder: Path) -> Iterator[Finding]:
    """Drafts of runs that go on, were broken off or set aside: none keeps another waiting."""
    try:
        drafts = sorted(folder.glob(f"*/*/*{PARTIAL}"))
    except OSError:
        return  # said above
    for draft in drafts:
        told = f"{draft.relative_to(folder)}{left_over(draft)}: доказательством не служит"
        yield Finding("  незаверенный запуск", None, f"{told}, другим запускам не мешает")


def _loopback() -> Finding:
    """The embedded emulator answers on 127.0.0.1: one byte must get there."""
    try:
        with closing(socket.create_server(("127.0.0.1", 0))) as server:
            server.settimeout(5)
            with closing(socket.create_connection(server.getsockname(), timeout=5)) as client:
                accepted, _ = server.accept()
                with closing(accepted):
                    client.sendall(b"!")
                    accepted.settimeout(5)
                    heard = accepted.recv(1) == b"!"
    except OSError as error:
        advice = "Разрешите соединения с 127.0.0.1 в межсетевом экране."
        return Finding("Сеть 127.0.0.1", False, f"не работает ({why(error)}). {advice}")
    return Finding("Сеть 127.0.0.1", heard, "работает" if heard else "байт не дошёл")


def proxy_used() -> Finding:
    """What stands between this machine and a service; it is the same for browser and program."""
    try:
        used = {scheme: proxy_for(address) for scheme, address in _SOMEWHERE.items()}
    except RunbookError as error:
        return Finding("Прокси", False, str(error))
    told = [f"{name} — {without_password(proxy)}" for name, proxy in used.items() if proxy]
    around = f"; мимо него: {', '.join(exceptions())}" if exceptions() else ""
    if not told:
        return Finding("Прокси", None, f"не используется{around}")
    return Finding("Прокси", None, f"{', '.join(told)} (кроме этой машины{around})")
