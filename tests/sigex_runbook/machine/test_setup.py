"""Set-up, as a process on machines that lack something.

The search path, Playwright's download address and the package manager are stand-ins that lead to
this machine's real browser, so that nothing is installed and no network is needed.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sigex_runbook.site.browser import find_browser

COMMAND = Path(sys.executable).parent / "sigex-runbook"
NOBODY_LISTENS = "http://127.0.0.1:9"


@dataclass
class BareMachine:
    """A machine with nothing but a few shell tools; `bin` is its search path."""

    bin: Path
    registry: Path
    downloads: str = NOBODY_LISTENS
    fonts: Path | None = None

    def call(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Our command on this machine."""
        environ = {
            **os.environ,
            "PATH": str(self.bin),
            "PLAYWRIGHT_BROWSERS_PATH": str(self.registry),
            "PLAYWRIGHT_DOWNLOAD_HOST": self.downloads,
        }
        environ.pop("SIGEX_RUNBOOK_BROWSER", None)
        if self.fonts:
            environ["FONTCONFIG_FILE"] = str(self.fonts)
        return subprocess.run(
            [COMMAND, *words],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env=environ,
            timeout=120,
        )

    def program(self, name: str, body: str) -> None:
        """A program of this machine."""
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        path.chmod(0o755)

    def with_apt(self, package: str) -> Path:
        """Give it an apt-get that knows one package; returns its journal."""
        journal = self.bin.parent / "apt.log"
        browser = find_browser().path
        self.program(
            "apt-get",
            f'echo "$@" >> {journal}\n'
            f'case "$*" in\n'
            f'  *"recommends {package}")'
            f" printf '#!/bin/sh\\nexec {browser} \"$@\"\\n' > {self.bin}/{package};"
            f" chmod +x {self.bin}/{package} ;;\n"
            f"  *update) ;;\n"
            f"  *) echo 'E: Unable to locate package' >&2; exit 100 ;;\n"
            "esac",
        )
        self.program("sudo", 'shift; exec "$@"')
        return journal


@pytest.fixture
def bare(tmp_path: Path) -> BareMachine:
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "env", "chmod", "true"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return BareMachine(folder, tmp_path / "registry")


@pytest.fixture
def download_host() -> Iterator[str]:
    """Playwright's download address: an archive whose browser is this machine's own."""
    browser = find_browser().path

    class Archive(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            stem = self.path.rpartition("/")[2].removesuffix(".zip")
            body = io.BytesIO()
            with zipfile.ZipFile(body, "w") as archive:
                program = zipfile.ZipInfo(f"{stem}/chrome-headless-shell")
                program.external_attr = 0o755 << 16
                archive.writestr(program, f'#!/bin/sh\nexec {browser} "$@"\n')
            self.send_response(200)
            self.send_header("Content-Length", str(body.tell()))
            self.end_headers()
            self.wfile.write(body.getvalue())

        def log_message(self, *args: object) -> None:
            """Silence."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Archive) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_ready_machine_is_left_alone() -> None:
    answer = subprocess.run(
        [COMMAND, "setup"], capture_output=True, check=False, encoding="utf-8", timeout=120
    )
    assert answer.returncode == 0
    assert "Браузер: " in answer.stdout
    assert answer.stdout.endswith("Машина готова.\n")
    assert "Ставлю" not in answer.stdout
    assert answer.stderr == ""


def test_playwrights_own_download_comes_first(bare: BareMachine, download_host: str) -> None:
    bare.downloads = download_host
    journal = bare.with_apt("chromium")

    answer = bare.call("setup")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "скачан библиотекой Playwright" in answer.stdout
    assert not journal.exists()
    assert "Скачиваю" not in bare.call("setup").stdout


def test_without_a_network_the_package_manager_is_asked(bare: BareMachine) -> None:
    journal = bare.with_apt("chromium-headless-shell")

    answer = bare.call("setup")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "не получилось" in answer.stdout
    assert "установлен пакет chromium-headless-shell" in answer.stdout
    asked = [line.split()[-1] for line in journal.read_text(encoding="utf-8").splitlines()]
    assert asked == ["update", "chromium-headless-shell"]


def test_the_full_browser_is_taken_where_there_is_no_headless_shell(bare: BareMachine) -> None:
    bare.with_apt("chromium")
    answer = bare.call("setup")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "пакет chromium-headless-shell не подошёл: E: Unable to locate" in answer.stdout
    assert "установлен пакет chromium." in answer.stdout


def test_where_nothing_helps_it_says_what_to_do(bare: BareMachine) -> None:
    answer = bare.call("setup")
    assert answer.returncode == 2
    assert answer.stderr.startswith("Ошибка: Браузера нет")
    assert "sigex-runbook setup" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_what_tests_need_is_for_those_who_run_them(bare: BareMachine) -> None:
    bare.with_apt("chromium")
    assert bare.call("setup").returncode == 0
    journal = bare.bin.parent / "apt.log"
    assert "softhsm" not in journal.read_text(encoding="utf-8")

    missing = bare.call("setup", "--tests")

    assert missing.returncode == 2
    assert journal.read_text(encoding="utf-8").splitlines()[-1].endswith(" softhsm2")
    assert "softhsm2: E: Unable to locate package" in missing.stdout
    assert missing.stderr.startswith("Ошибка: Для тестов ключа на токене нужен SoftHSM 2")
    assert "sudo apt-get install softhsm2" in missing.stderr


def test_softhsm_is_installed_and_found(bare: BareMachine) -> None:
    bare.program("chromium-headless-shell", f'exec {find_browser().path} "$@"')
    bare.program(
        "apt-get",
        f'case "$*" in *softhsm2) mkdir -p {bare.bin.parent}/lib/x-linux-gnu/softhsm;'
        f" : > {bare.bin.parent}/lib/x-linux-gnu/softhsm/libsofthsm2.so;"
        f" : > {bare.bin}/softhsm2-util; chmod +x {bare.bin}/softhsm2-util ;; esac",
    )
    bare.program("sudo", 'shift; exec "$@"')
    mkdir = shutil.which("mkdir")
    assert mkdir is not None
    (bare.bin / "mkdir").symlink_to(mkdir)

    answer = bare.call("setup", "--tests")

    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "softhsm2: установлен" in answer.stdout
    assert f"{bare.bin.parent}/lib/x-linux-gnu/softhsm/libsofthsm2.so" in answer.stdout
    assert "Ставлю" not in bare.call("setup", "--tests").stdout


def test_letters_without_a_font_are_noticed(bare: BareMachine, tmp_path: Path) -> None:
    bare.program("chromium-headless-shell", f'exec {find_browser().path} "$@"')
    bare.fonts = tmp_path / "fonts.conf"
    bare.fonts.write_text(
        f"<fontconfig><dir>{tmp_path}</dir><cachedir>{tmp_path}/cache</cachedir></fontconfig>",
        encoding="utf-8",
    )
    answer = bare.call("setup")
    assert answer.returncode == 2
    assert "нет шрифта" in answer.stderr


# --- doctor ----------------------------------------------------------------------------------


def test_the_doctor_finds_this_machine_well(tmp_path: Path) -> None:
    answer = subprocess.run(
        [COMMAND, "doctor", "--outputs", tmp_path / "new" / "outputs"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )
    assert answer.returncode == 0, answer.stdout
    assert "[НЕТ]" not in answer.stdout
    assert answer.stdout.endswith("Всё в порядке.\n")
    assert not (tmp_path / "new").exists()


def test_the_doctor_names_every_candidate_and_what_is_missing(bare: BareMachine) -> None:
    bare.program("chromium-headless-shell", "echo libnss3 is missing >&2; exit 127")
    answer = bare.call("doctor")
    assert answer.returncode == 2
    assert "chromium-headless-shell" in answer.stdout
    assert "libnss3 is missing" in answer.stdout
    assert "[НЕТ] Браузер: " in answer.stdout
    assert answer.stderr == ""


def test_the_doctor_says_where_results_cannot_be_written(tmp_path: Path) -> None:
    taken = tmp_path / "outputs"
    taken.write_text("a file where a folder should be", encoding="utf-8")
    answer = subprocess.run(
        [COMMAND, "doctor", "--outputs", taken],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )
    assert answer.returncode == 2
    assert "[НЕТ] Папка результатов" in answer.stdout
