"""Which browser is used, that it starts, and whom it trusts."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import sync_playwright

from sigex_runbook.core.errors import EnvironmentMissing, UsageError
from sigex_runbook.site.browser import Browser, consider, find_browser
from sigex_runbook.site.browser_candidates import OVERRIDE, BrowserKind, Machine
from sigex_runbook.site.browser_launch import launch, launch_options

# --- finding ---------------------------------------------------------------------------------


def program(path: Path, body: str = 'echo "Chromium 1.2.3.4"') -> Path:
    """A stand-in for a browser: it answers `--version`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def downloaded(home: Path, name: str, *, complete: bool = True) -> Path:
    """A stand-in for what Playwright downloads, in Playwright's own layout."""
    folder = home / ".cache" / "ms-playwright" / name.partition("/")[0]
    path = program(home / ".cache" / "ms-playwright" / name)
    if complete:
        (folder / "INSTALLATION_COMPLETE").touch()
    return path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """An empty Linux machine."""
    (tmp_path / "bin").mkdir()
    return Machine(
        platform="linux",
        environ={"PATH": f"{tmp_path / 'bin'}", "DISPLAY": ":0"},
        home=tmp_path / "home",
    )


SHELL = "chromium_headless_shell-9/chrome-headless-shell-linux64/chrome-headless-shell"
FULL = "chromium-9/chrome-linux64/chrome"


def test_this_machine_has_a_browser_that_starts() -> None:
    browser = find_browser()
    with sync_playwright() as playwright:
        running = launch(playwright, browser=browser)
        assert running.version.split(".")[0] == browser.version.split(".")[0]
        running.close()


def test_a_browser_is_asked_for_its_version_once_while_it_is_the_same(
    machine: Machine, tmp_path: Path
) -> None:
    """Every order of a batch looks for it."""
    path, asked = tmp_path / "bin" / "chromium", tmp_path / "asked"
    program(path, f"echo once >> {asked}; echo Chromium 1.2.3.4")
    assert find_browser(machine=machine) == find_browser(machine=machine)
    assert asked.read_text() == "once\n"
    program(path, "echo Chromium 1.2.3.5")
    os.utime(path, ns=(0, 0))
    assert find_browser(machine=machine).version == "1.2.3.5"


def test_a_headless_shell_is_preferred_and_a_visible_run_skips_it(
    machine: Machine, tmp_path: Path
) -> None:
    program(tmp_path / "bin" / "chromium")
    shell = program(tmp_path / "bin" / "chromium-headless-shell")

    assert find_browser(machine=machine) == Browser(
        shell, BrowserKind.HEADLESS_SHELL, "1.2.3.4", "установлен в системе"
    )
    assert find_browser(machine=machine, visible=True).path == tmp_path / "bin" / "chromium"


def test_the_order_is_shell_then_system_then_playwright(machine: Machine, tmp_path: Path) -> None:
    expected = [
        program(tmp_path / "bin" / "chromium-headless-shell"),
        downloaded(machine.home, SHELL),
        program(tmp_path / "bin" / "chromium"),
        program(tmp_path / "bin" / "google-chrome"),
        program(tmp_path / "bin" / "microsoft-edge"),
        downloaded(machine.home, FULL),
    ]
    assert [candidate.path for candidate in consider(machine=machine)] == expected


def test_debians_script_is_passed_over_for_the_program_behind_it(
    machine: Machine, tmp_path: Path
) -> None:
    program(tmp_path / "bin" / "chromium-headless-shell")
    behind = program(tmp_path / "lib" / "chromium" / "chromium-headless-shell")
    assert find_browser(machine=machine).path == behind


def test_the_newest_complete_download_is_taken(machine: Machine) -> None:
    downloaded(machine.home, SHELL)
    newest = downloaded(machine.home, SHELL.replace("-9/", "-10/"))
    downloaded(machine.home, SHELL.replace("-9/", "-11/"), complete=False)
    assert find_browser(machine=machine).path == newest


def test_a_browser_that_does_not_start_is_passed_over(machine: Machine, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium-headless-shell", "echo no libnss3 >&2; exit 127")
    good = program(tmp_path / "bin" / "chromium")
    assert find_browser(machine=machine).path == good


def test_a_snap_is_refused(machine: Machine, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium-browser", "exec /snap/bin/chromium")
    with pytest.raises(EnvironmentMissing, match="snap"):
        find_browser(machine=machine)


def test_a_window_without_a_display_is_refused_with_a_way_out(
    machine: Machine, tmp_path: Path
) -> None:
    program(tmp_path / "bin" / "chromium")
    bare = Machine("linux", {"PATH": machine.environ["PATH"]}, machine.home)
    with pytest.raises(EnvironmentMissing, match=r"DISPLAY.*xvfb"):
        find_browser(machine=bare, visible=True)
    assert find_browser(machine=bare).path == tmp_path / "bin" / "chromium"


def test_no_browser_with_a_window_names_the_package(machine: Machine, tmp_path: Path) -> None:
    program(tmp_path / "bin" / "chromium-headless-shell")
    with pytest.raises(EnvironmentMissing, match="apt-get install chromium"):
        find_browser(machine=machine, visible=True)


def test_no_browser_says_what_to_do(machine: Machine) -> None:
    with pytest.raises(EnvironmentMissing, match="sigex-runbook setup"):
        find_browser(machine=machine)


@pytest.mark.parametrize("make", ["nothing", "folder", "plain"])
def test_the_operators_choice_is_refused_clearly_and_never_replaced(
    machine: Machine, tmp_path: Path, make: str
) -> None:
    program(tmp_path / "bin" / "chromium")
    chosen = tmp_path / "chosen"
    if make == "folder":
        chosen.mkdir()
    elif make == "plain":
        chosen.write_text("text", encoding="utf-8")
    machine = Machine("linux", {**machine.environ, OVERRIDE: str(chosen)}, machine.home)
    with pytest.raises(UsageError, match=OVERRIDE):
        find_browser(machine=machine)


def test_the_operators_choice_is_used(machine: Machine, tmp_path: Path) -> None:
    chosen = program(tmp_path / "chosen")
    machine = Machine("linux", {OVERRIDE: str(chosen)}, machine.home)
    assert find_browser(machine=machine).kind is BrowserKind.NAMED


def test_windows_has_edge_and_its_version_is_a_folder(tmp_path: Path) -> None:
    edge = program(tmp_path / "Microsoft" / "Edge" / "Application" / "msedge.exe", "exit 1")
    for version in ("99.0.1.2", "156.0.8078.79"):
        (edge.parent / version).mkdir()
    machine = Machine("win32", {"PATH": "", "PROGRAMFILES(X86)": str(tmp_path)}, tmp_path)
    assert find_browser(machine=machine) == Browser(
        edge, BrowserKind.EDGE, "156.0.8078.79", "установлен в системе"
    )


def test_macos_has_chrome_among_the_users_applications(tmp_path: Path) -> None:
    chrome = program(
        tmp_path / "Applications" / "Google Chrome.app/Contents/MacOS" / "Google Chrome"
    )
    machine = Machine("darwin", {"PATH": ""}, tmp_path)
    assert find_browser(machine=machine, visible=True).path == chrome


# --- starting --------------------------------------------------------------------------------


def test_only_root_goes_without_the_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Browser(Path("x"), BrowserKind.CHROMIUM, "1", "")
    for user, sandbox in ((0, False), (1000, True)):
        monkeypatch.setattr("os.geteuid", lambda user=user: user)
        assert launch_options(browser)["chromium_sandbox"] is sandbox


def test_a_browser_that_dies_at_once_is_named(tmp_path: Path) -> None:
    browser = Browser(program(tmp_path / "dies", "exit 1"), BrowserKind.CHROMIUM, "1", "")
    with sync_playwright() as playwright, pytest.raises(EnvironmentMissing, match="doctor"):
        launch(playwright, browser=browser)


@pytest.mark.skipif(os.name == "nt", reason="no such signal to a process there")
def test_an_interrupt_of_the_whole_group_leaves_the_browser_to_us() -> None:
    """Ctrl-C reaches the driver too; left to itself, it would close the browser."""
    before = set(psutil.Process().children())
    with sync_playwright() as playwright, launch(playwright) as browser:
        page = browser.new_page()
        [driver] = set(psutil.Process().children()) - before
        driver.send_signal(signal.SIGINT)
        for number in range(200):
            assert page.evaluate("number => number", number) == number
        assert browser.is_connected()
