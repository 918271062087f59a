"""The import directions: they hold, and `lint-imports` notices each kind of trespass."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).parent / "lint-imports"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The code in a place where it may be spoiled."""
    for name in ("src", "steps"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(place: Path) -> subprocess.CompletedProcess[str]:
    """`lint-imports` on the code in `place`, not on the installed one."""
    return subprocess.run(
        [COMMAND, "--no-cache"],
        cwd=place,
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": f"{place / 'src'}{os.pathsep}{place}"},
        timeout=60,
    )


def test_the_directions_hold(copy: Path) -> None:
    answer = lint(copy)
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("sigex_runbook.core.order", "sigex_runbook.site.browser"),
        ("sigex_runbook.core.plan", "sigex_runbook.cli.main"),
        ("sigex_emulator.world.world", "sigex_runbook.core.organisation"),
        ("sigex_runbook.site.browser", "sigex_emulator.world.world"),
        ("sigex_runbook.run.run", "sigex_emulator.world.world"),
        ("sigex_runbook.site.browser", "sigex_runbook.signing.bridge"),
        ("sigex_runbook.signing.bridge", "sigex_runbook.api"),
        ("sigex_runbook.evidence.pack.draft", "sigex_runbook.site.browser"),
        ("sigex_runbook.site.browser", "steps.saving"),
        ("steps.saving", "sigex_emulator.world.world"),
        ("steps.saving", "sigex_runbook.evidence.pack.draft"),
    ],
)
def test_a_trespass_is_noticed(copy: Path, importer: str, imported: str) -> None:
    place = copy if importer.startswith("steps") else copy / "src"
    spoiled = place.joinpath(*importer.split(".")).with_suffix(".py")
    text = spoiled.read_text(encoding="utf-8")
    spoiled.write_text(f"{text}\nimport {imported}\n", encoding="utf-8")

    answer = lint(copy)

    assert answer.returncode == 1
    assert f"{importer} -> {imported}" in " ".join(answer.stdout.split())


def test_a_module_without_a_place_is_noticed(copy: Path) -> None:
    (copy / "src" / "sigex_runbook" / "helpers.py").write_text('"""No noun."""\n', encoding="utf-8")
    answer = lint(copy)
    assert answer.returncode == 1
    assert "helpers" in answer.stdout
