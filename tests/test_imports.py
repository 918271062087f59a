"""The import directions: they hold, and `lint-imports` notices each kind of trespass."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).parent / "lint-imports"


TRESPASSES = (
    ("sigex_runbook.core.order", "sigex_runbook.site.browser"),
    ("sigex_runbook.core.plan", "sigex_runbook.cli.main"),
    ("sigex_runbook.run.run", "sigex_runbook.trials.mutants"),
    ("sigex_runbook.run.run", "sigex_runbook.probe.walk"),
    ("sigex_runbook.probe.walk", "sigex_runbook.trials.mutants"),
    ("sigex_runbook.planning.looking", "sigex_runbook.reperform.answer"),
    ("sigex_runbook.planning.looking", "sigex_runbook.batch.state"),
    ("sigex_runbook.batch.orders", "sigex_runbook.reperform.pack"),
    ("sigex_runbook.site.browser", "sigex_runbook.signing.bridge"),
    ("sigex_runbook.signing.bridge", "sigex_runbook.api"),
    ("sigex_runbook.evidence.pack.draft", "sigex_runbook.site.browser"),
    ("sigex_runbook.evidence.pack.draft", "sigex_runbook.evidence.attest.statement"),
    ("sigex_runbook.evidence.report.page", "sigex_runbook.evidence.verify.verification"),
    ("sigex_runbook.evidence.sealing.sealing", "sigex_runbook.core.verdict"),
    ("sigex_runbook.evidence.attest.statement", "sigex_runbook.core.record"),
    ("sigex_runbook.site.browser", "sigex_emulator.world.world"),
    ("sigex_runbook.run.campaign", "sigex_emulator"),
    ("sigex_runbook.site.browser", "steps.saving"),
    ("sigex_emulator.world.world", "sigex_runbook.core.organisation"),
    ("sigex_emulator.world.world", "sigex_emulator.api.routes"),
    ("steps.saving", "sigex_emulator.world.world"),
    ("steps.saving", "sigex_runbook.evidence.pack.draft"),
)
"""Who imports what it must not: at least one against each contract."""

CIRCLE = ("sigex_runbook.core.access", "sigex_runbook.core.plan")
"""`plan` is made of `access`: the other way round would close a circle inside a room."""

HOMELESS = ("sigex_runbook", "sigex_runbook/evidence", "sigex_emulator")
"""Where a module without a place in the contracts is put."""


def copy(place: Path) -> Path:
    """The code in a place where it may be spoiled."""
    for name in ("src", "steps"):
        shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


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


def spoil(place: Path, importer: str, imported: str) -> None:
    root = place if importer.startswith("steps") else place / "src"
    module = root.joinpath(*importer.split(".")).with_suffix(".py")
    text = module.read_text(encoding="utf-8")
    module.write_text(f"{text}\nimport {imported}\n", encoding="utf-8")


def complaint(place: Path) -> str:
    answer = lint(place)
    assert answer.returncode == 1
    return " ".join(answer.stdout.split())


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of code with every trespass at once."""
    place = copy(tmp_path_factory.mktemp("spoiled"))
    for importer, imported in TRESPASSES:
        spoil(place, importer, imported)
    return complaint(place)


def test_the_directions_hold(tmp_path: Path) -> None:
    answer = lint(copy(tmp_path))
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize(("importer", "imported"), TRESPASSES)
def test_a_trespass_is_noticed(spoiled: str, importer: str, imported: str) -> None:
    assert f"- {importer} -> {imported} (l." in spoiled


def test_every_contract_is_broken_by_one_of_them(spoiled: str) -> None:
    kept = re.search(r"Contracts: (\d+) kept", spoiled)
    assert kept is not None
    assert int(kept[1]) == 0, spoiled


def test_a_circle_and_modules_without_a_place_are_noticed(tmp_path: Path) -> None:
    place = copy(tmp_path)
    spoil(place, *CIRCLE)
    for room in HOMELESS:
        homeless = place / "src" / room / "helpers.py"
        homeless.write_text('"""No noun."""\n', encoding="utf-8")
    said = complaint(place)
    assert "No cycles are allowed in sigex_runbook.core." in said
    for room in HOMELESS:
        assert f"{room.replace('/', '.')}.helpers" in said
