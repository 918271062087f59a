"""The browser that shows the site: found, started, and told whom to trust.

One function decides which browser is used (`find_browser`) and one list says what was considered
(`consider`), so that `sigex-runbook doctor` explains exactly what a run would do. A headless shell
comes first wherever it is from: it does the same work 1.7 times faster than a full browser.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

from sigex_runbook.errors import EnvironmentMissing, ServiceUnavailable, UsageError
from sigex_runbook.reasons import why

if TYPE_CHECKING:
    from cryptography import x509
    from playwright.sync_api import Browser as RunningBrowser
    from playwright.sync_api import Playwright

OVERRIDE = "SIGEX_RUNBOOK_BROWSER"

_VERSION_SECONDS = 20.0
_CONNECT_SECONDS = 10.0
_NEXT_ACTION = "Выполните: sigex-runbook setup"
_WINDOW_ACTION = (
    "Поставьте Google Chrome или Chromium (в Debian и Ubuntu: sudo apt-get install chromium) или "
    f"укажите свой в {OVERRIDE}."
)
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")


class BrowserKind(StrEnum):
    """What kind of Chromium it is."""

    HEADLESS_SHELL = "headless-shell"
    CHROMIUM = "chromium"
    CHROME = "chrome"
    EDGE = "edge"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser a run uses, and why this one."""

    path: Path
    kind: BrowserKind
    version: str
    why: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A browser that was considered; `problem` says why it cannot be used, if it cannot."""

    path: Path
    kind: BrowserKind
    why: str
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """What the search depends on: the operating system, the environment and the home folder."""

    platform: str = sys.platform
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    home: Path = field(default_factory=Path.home)

    def which(self, name: str) -> Path | None:
        """The program of that name on the search path."""
        found = shutil.which(name, path=self.environ.get("PATH", ""))
        return Path(found) if found else None

    def folder(self, variable: str) -> Path | None:
        """A folder that an environment variable names."""
        value = self.environ.get(variable)
        return Path(value) if value else None


class LaunchOptions(TypedDict):
    """Keyword arguments of Playwright's `chromium.launch`, sync and async alike."""

    executable_path: str
    headless: bool
    chromium_sandbox: bool
    args: list[str]


# --- finding ---------------------------------------------------------------------------------


def find_browser(*, visible: bool = False, machine: Machine | None = None) -> Browser:
    """The browser to use: the first candidate that starts.

    `visible` asks for one that can open a window. Raises EnvironmentMissing when there is none,
    and UsageError when the operator's own choice cannot be used (it is never replaced silently).
    """
    machine = machine or Machine()
    if visible and machine.platform == "linux" and not any(map(machine.environ.get, _DISPLAYS)):
        raise EnvironmentMissing(
            f"Окно браузера показать негде: {' и '.join(_DISPLAYS)} не заданы. Запустите программу "
            "на рабочем столе или командой «xvfb-run» (пакет xvfb), либо уберите --visible."
        )
    broken: list[str] = []
    for candidate in consider(visible=visible, machine=machine):
        version, problem = inspect(candidate, machine=machine)
        if problem is None:
            return Browser(candidate.path, candidate.kind, version, candidate.why)
        if candidate.kind is BrowserKind.NAMED:
            raise UsageError(
                f"{OVERRIDE} указывает на {candidate.path}, но {problem}; "
                "исправьте путь или уберите эту переменную."
            )
        broken.append(f"{candidate.path} ({problem})")
    wanted = "Браузер, который умеет открыть окно," if visible else "Браузер Chromium или Chrome"
    found = f"; не подошли: {', '.join(broken)}" if broken else ""
    action = _WINDOW_ACTION if visible else _NEXT_ACTION
    raise EnvironmentMissing(f"{wanted} не найден{found}. {action}")


def consider(*, visible: bool = False, machine: Machine | None = None) -> Iterator[Candidate]:
    """Every browser on this machine in the order of preference, usable or not."""
    machine = machine or Machine()
    named = machine.environ.get(OVERRIDE)
    if named:
        yield _named(Path(named))
        return
    if not visible:
        yield from _system(machine, BrowserKind.HEADLESS_SHELL)
        yield from _playwrights(machine, BrowserKind.HEADLESS_SHELL)
    for kind in (BrowserKind.CHROMIUM, BrowserKind.CHROME, BrowserKind.EDGE):
        yield from _system(machine, kind)
    yield from _playwrights(machine, BrowserKind.CHROMIUM)


def inspect(candidate: Candidate, *, machine: Machine | None = None) -> tuple[str, str | None]:
    """The candidate's version, and what keeps it from starting (None: nothing does)."""
    if candidate.problem is not None:
        return "", candidate.problem
    if (machine or Machine()).platform == "win32":
        # There `--version` opens a window; the installer keeps the version as a folder's name.
        return _version_beside(candidate.path), None
    try:
        answer = subprocess.run(  # noqa: S603 - the path is a browser that we found
            [candidate.path, "--version"],
            capture_output=True,
            timeout=_VERSION_SECONDS,
            check=False,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"не запускается: {why(error)}"
    version = re.search(r"\d+(\.\d+)+", answer.stdout)
    if answer.returncode != 0 or version is None:
        last = answer.stderr.strip().splitlines()[-1:] or [f"код {answer.returncode}"]
        return "", f"не запускается: {last[0][:200]}"
    return version.group(), None


def _named(path: Path) -> Candidate:
    """The operator's choice, checked: a file that may be executed."""
    problem = None
    if not path.is_file():
        problem = "такого файла нет"
    elif not os.access(path, os.X_OK):
        problem = "этот файл нельзя запустить"
    return Candidate(path, BrowserKind.NAMED, f"так задано в {OVERRIDE}", problem)


_ON_PATH = {
    BrowserKind.HEADLESS_SHELL: ("chromium-headless-shell", "chrome-headless-shell"),
    BrowserKind.CHROMIUM: ("chromium", "chromium-browser"),
    BrowserKind.CHROME: ("google-chrome", "google-chrome-stable"),
    BrowserKind.EDGE: ("microsoft-edge", "microsoft-edge-stable"),
}
_MAC_APPS = {
    BrowserKind.CHROMIUM: "Chromium",
    BrowserKind.CHROME: "Google Chrome",
    BrowserKind.EDGE: "Microsoft Edge",
}
_WINDOWS_PROGRAMS = {
    BrowserKind.CHROMIUM: "Chromium/Application/chrome.exe",
    BrowserKind.CHROME: "Google/Chrome/Application/chrome.exe",
    BrowserKind.EDGE: "Microsoft/Edge/Application/msedge.exe",
}


def _system(machine: Machine, kind: BrowserKind) -> Iterator[Candidate]:
    """Browsers that the system's own installer put where it usually does."""
    for name in _ON_PATH[kind]:
        path = machine.which(name)
        if path is not None:
            yield _on_path(path, kind)
            break
    places: list[Path | None] = []
    if machine.platform == "darwin" and kind in _MAC_APPS:
        app = _MAC_APPS[kind]
        roots = (Path("/Applications"), machine.home / "Applications")
        places = [root / f"{app}.app/Contents/MacOS/{app}" for root in roots]
    elif machine.platform == "win32" and kind in _WINDOWS_PROGRAMS:
        variables = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        folders = [machine.folder(variable) for variable in variables]
        places = [folder / _WINDOWS_PROGRAMS[kind] for folder in folders if folder]
    for place in places:
        if place is not None and place.is_file():
            yield Candidate(place, kind, "установлен в системе")


def _on_path(path: Path, kind: BrowserKind) -> Candidate:
    """A program of the search path, by its real file where Debian puts a shell script before it."""
    behind = path.parent.parent / "lib" / "chromium" / path.name
    if kind is BrowserKind.HEADLESS_SHELL and behind.is_file():
        # The script does not `exec`: killing it would leave the browser running.
        path = behind
    problem = None
    if _is_snap(path):
        # A snap sees neither our temporary folders nor Playwright's pipe.
        problem = "это пакет snap, он не видит временных папок"
    return Candidate(path, kind, "установлен в системе", problem)


def _is_snap(path: Path) -> bool:
    if "snap" in path.resolve().parts[:3] or path.resolve().name == "snap":
        return True
    with path.open("rb") as file:
        start = file.read(4096)
    return start.startswith(b"#!") and b"/snap/" in start


_PLAYWRIGHT_FOLDERS = {
    BrowserKind.HEADLESS_SHELL: "chromium_headless_shell-*",
    BrowserKind.CHROMIUM: "chromium-*",
}
_PLAYWRIGHT_PROGRAMS = {
    BrowserKind.HEADLESS_SHELL: (
        "chrome-headless-shell-*/chrome-headless-shell",
        "chrome-headless-shell-*/chrome-headless-shell.exe",
        "chrome-*/headless_shell",
        "chrome-*/headless_shell.exe",
    ),
    BrowserKind.CHROMIUM: (
        "chrome-linux*/chrome",
        "chrome-win*/chrome.exe",
        "chrome-mac*/*.app/Contents/MacOS/*",
    ),
}


def _playwrights(machine: Machine, kind: BrowserKind) -> Iterator[Candidate]:
    """Browsers that Playwright downloaded, the newest first."""
    registry = playwright_registry(machine)
    folders = [
        folder
        for folder in registry.glob(_PLAYWRIGHT_FOLDERS[kind])
        if (folder / "INSTALLATION_COMPLETE").exists()
    ]
    for folder in sorted(folders, key=_revision, reverse=True):
        for pattern in _PLAYWRIGHT_PROGRAMS[kind]:
            for path in sorted(folder.glob(pattern)):
                yield Candidate(path, kind, "скачан библиотекой Playwright")


def _revision(folder: Path) -> int:
    digits = folder.name.rpartition("-")[2]
    return int(digits) if digits.isdigit() else 0


def playwright_registry(machine: Machine) -> Path:
    """The folder that Playwright downloads browsers to, by its own rules."""
    chosen = machine.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if chosen == "0":
        import playwright  # costs 150 ms, needed for this rare setting alone

        package = Path(playwright.__file__).parent
        return package / "driver" / "package" / ".local-browsers"
    if chosen:
        return Path(chosen)
    if machine.platform == "win32":
        local = machine.folder("LOCALAPPDATA") or machine.home / "AppData" / "Local"
        return local / "ms-playwright"
    if machine.platform == "darwin":
        return machine.home / "Library" / "Caches" / "ms-playwright"
    return (machine.folder("XDG_CACHE_HOME") or machine.home / ".cache") / "ms-playwright"


def _version_beside(path: Path) -> str:
    """The highest version among the folders beside a Windows browser, "" when there is none."""
    names = [p.name for p in path.parent.iterdir() if re.fullmatch(r"\d+(\.\d+)+", p.name)]
    return max(names, key=lambda name: [int(part) for part in name.split(".")], default="")


# --- starting --------------------------------------------------------------------------------


def launch_arguments(*, pins: Sequence[str] = ()) -> list[str]:
    """Chromium's flags beyond Playwright's own: no traffic of its own, the same letters everywhere.

    `pins` are the server keys to trust beside the system's authorities (`spki_pin`, `server_pin`).
    """
    flags = [
        "--disable-quic",  # one transport, the one that the evidence describes
        "--disable-domain-reliability",
        "--no-pings",
        "--font-render-hinting=none",
    ]
    if pins:
        flags.append(f"--ignore-certificate-errors-spki-list={','.join(pins)}")
    return flags


def launch_options(
    browser: Browser, *, pins: Sequence[str] = (), visible: bool = False
) -> LaunchOptions:
    """What to pass to `chromium.launch`, for callers with a Playwright of their own."""
    return LaunchOptions(
        executable_path=str(browser.path),
        headless=not visible,
        chromium_sandbox=not _is_root(),  # Chromium refuses its sandbox to root
        args=launch_arguments(pins=pins),
    )


def launch(
    playwright: Playwright,
    *,
    browser: Browser | None = None,
    pins: Sequence[str] = (),
    visible: bool = False,
) -> RunningBrowser:
    """Start the browser (found when not given); the caller closes it.

    An ordinary user gets Chromium's sandbox where the kernel allows it and none where it does not:
    containers and some distributions forbid the user namespaces that it is made of.
    """
    from playwright.sync_api import Error  # keeps the command line quick

    browser = browser or find_browser(visible=visible)
    options = launch_options(browser, pins=pins, visible=visible)
    try:
        return playwright.chromium.launch(**options)
    except Error as error:
        if not (options["chromium_sandbox"] and "sandbox" in str(error).lower()):
            raise EnvironmentMissing(_did_not_start(browser, error)) from error
    options["chromium_sandbox"] = False
    try:
        return playwright.chromium.launch(**options)
    except Error as error:
        raise EnvironmentMissing(_did_not_start(browser, error)) from error


def _did_not_start(browser: Browser, error: Exception) -> str:
    return (
        f"Браузер {browser.path} не запустился ({why(error)}). "
        "Проверьте машину командой: sigex-runbook doctor"
    )


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


# --- trust -----------------------------------------------------------------------------------


def spki_pin(certificate_pem: bytes) -> str:
    """The pin of a certificate's public key: base64 of SHA-256 over its SubjectPublicKeyInfo."""
    from cryptography import x509  # keeps the command line quick

    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError as error:
        raise UsageError(
            "Файл не содержит сертификата в формате PEM; проверьте файл, переданный в --ca."
        ) from error
    return _pin(certificate)


def server_pin(address: str, ca_pem: bytes) -> str:
    """The pin of the key that the server at `address` proves to own, once `ca_pem` vouches for it.

    Pin this one, never the authority's key: Chromium compares a pin with every certificate of the
    sent chain and checks no signature when one matches, so anybody who appends the (public)
    authority's certificate to a chain of his own would pass (docs/adr/0003).
    """
    from cryptography import x509  # keeps the command line quick

    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname:
        raise UsageError(f"Адрес «{address}» должен начинаться с https:// и содержать имя узла.")
    spki_pin(ca_pem)  # refuses what is no certificate, in our words
    context = ssl.create_default_context(cadata=ca_pem.decode("ascii"))
    target = (parts.hostname, parts.port or 443)
    try:
        with (
            socket.create_connection(target, timeout=_CONNECT_SECONDS) as raw,
            context.wrap_socket(raw, server_hostname=parts.hostname) as secured,
        ):
            certificate = secured.getpeercert(binary_form=True)
    except ssl.SSLCertVerificationError as error:
        raise UsageError(
            f"Сертификат узла {parts.netloc} не подтверждён файлом из --ca"
            "; проверьте, тот ли это файл и тот ли адрес."
        ) from error
    except OSError as error:
        raise ServiceUnavailable(
            f"Узел {parts.netloc} не отвечает ({why(error)}); проверьте адрес и запущен ли сервис."
        ) from error
    if certificate is None:
        raise ServiceUnavailable(f"Узел {parts.netloc} не показал сертификата; проверьте адрес.")
    return _pin(x509.load_der_x509_certificate(certificate))


def _pin(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives import serialization

    key = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(hashlib.sha256(key).digest()).decode("ascii")
