"""Package managers of systems that have one, and what our needs are called there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .program import Outcome, run_quietly

_SECONDS = 300.0
_SUDO_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PackageManager:
    """One package manager: how to ask it, and the names that it knows."""

    name: str
    install: tuple[str, ...]
    browsers: tuple[str, ...]
    fonts: tuple[str, ...]
    softhsm: str
    spoken: str
    refresh: tuple[str, ...] = ()
    prefix: tuple[str, ...] = ()

    def add(self, package: str) -> Outcome:
        """Install one package, asking nothing."""
        return self._run((*self.install, package))

    def update_lists(self) -> Outcome:
        """Learn what can be installed, where that is a step of its own."""
        return self._run(self.refresh) if self.refresh else Outcome(0, "")

    def _run(self, command: Sequence[str]) -> Outcome:
        return run_quietly((*self.prefix, *command), seconds=_SECONDS)


_APT_OPTIONS = ("-o", "DPkg::Lock::Timeout=60", "-o", "Acquire::Retries=2")
_KNOWN = (
    PackageManager(
        name="apt-get",
        spoken="apt-get install",
        refresh=("apt-get", *_APT_OPTIONS, "update"),
        install=("apt-get", *_APT_OPTIONS, "install", "-y", "--no-install-recommends"),
        browsers=("chromium-headless-shell", "chromium"),
        fonts=("fonts-dejavu-core",),
        softhsm="softhsm2",
        prefix=("env", "DEBIAN_FRONTEND=noninteractive"),
    ),
    PackageManager(
        name="dnf",
        spoken="dnf install",
        install=("dnf", "install", "-y"),
        browsers=("chromium-headless", "chromium"),
        fonts=("dejavu-sans-fonts",),
        softhsm="softhsm",
    ),
    PackageManager(
        name="pacman",
        spoken="pacman -S",
        install=("pacman", "-Sy", "--noconfirm", "--needed"),
        browsers=("chromium",),
        fonts=("ttf-dejavu",),
        softhsm="softhsm",
    ),
)


def usable_manager() -> PackageManager | None:
    """This system's package manager, if there is one and we may install with it."""
    for manager in _KNOWN:
        if shutil.which(manager.name) is None:
            continue
        if os.geteuid() == 0:
            return manager
        if run_quietly(("sudo", "-n", "true"), seconds=_SUDO_SECONDS).ok:
            return replace(manager, prefix=("sudo", "-n", *manager.prefix))
        return None
    return None


def by_hand() -> str:
    """How a person who may become root gets what we need here."""
    for manager in _KNOWN:
        if shutil.which(manager.name) is not None:
            return " ".join(("sudo", manager.spoken, manager.browsers[-1], *manager.fonts))
    return "подойдёт Google Chrome"


def softhsm_by_hand() -> str:
    """How a person gets SoftHSM, which only the tests need."""
    for manager in _KNOWN:
        if shutil.which(manager.name) is not None:
            return f"sudo {manager.spoken} {manager.softhsm}"
    return "brew install softhsm или установщик SoftHSM2 для Windows, каталог bin в PATH"
