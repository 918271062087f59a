"""The shape of the repository: its top level, its pins, and what must never be written down."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]

CARD = {"README.md", "notebooks", "features", "steps", "pyproject.toml", "outputs"}
BESIDE = {"src", "tests", "docs", "Makefile", "constraints.txt", "CHANGELOG.md"}


def tracked() -> list[Path]:
    """Every file that git keeps, as it stands in the working tree."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[Path, str]]:
    """Tracked files that are text."""
    found = []
    for path in tracked():
        try:
            found.append((path.relative_to(ROOT), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_the_top_level_is_the_owners_card() -> None:
    names = {path.relative_to(ROOT).parts[0] for path in tracked()}
    visible = {name for name in names if not name.startswith(".")}
    assert visible >= CARD
    assert visible <= CARD | BESIDE


def rooms(package: str) -> list[Path]:
    """A package's folder and every folder of it that holds code."""
    top = ROOT / "src" / package
    return [top, *(d for d in top.rglob("*") if d.is_dir() and any(d.glob("*.py")))]


def test_at_the_top_of_the_runbook_lie_rooms_and_nothing_else() -> None:
    top = ROOT / "src" / "sigex_runbook"
    assert {path.name for path in top.glob("*.py")} == {"__init__.py", "__main__.py", "notebook.py"}


@pytest.mark.parametrize("package", ["sigex_emulator", "sigex_runbook"])
def test_a_room_is_seen_by_the_contracts_and_holds_at_most_twenty_files(package: str) -> None:
    for room in rooms(package):
        files = [path for path in room.iterdir() if path.is_file()]
        assert room / "__init__.py" in files, "import-linter does not see a room without one"
        assert len(files) <= 20, f"{room.relative_to(ROOT)}: {len(files)}"


@pytest.mark.parametrize("package", ["sigex_emulator", "sigex_runbook"])
def test_tests_mirror_the_package(package: str) -> None:
    """A folder of tests is named like the room it tests, or holds a corpus of its own."""
    mirror = ROOT / "tests" / package
    folders = {d.relative_to(mirror) for d in mirror.rglob("*") if any(d.glob("test_*.py"))}
    known = {room.relative_to(ROOT / "src" / package) for room in rooms(package)}
    assert folders - known == ({Path("evidence/corpus")} if package == "sigex_runbook" else set())


def test_outputs_keep_only_their_readme() -> None:
    kept = [path.name for path in tracked() if path.relative_to(ROOT).parts[0] == "outputs"]
    assert kept == ["README.md"]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        (
            "a package registry",
            r"py" r"pi\.org|python" r"hosted|registry\.np" r"mjs|conda\.an" r"aconda",
        ),
        ("an index option", r"--(extra-)?index" r"-url|--find" r"-links|--trusted" r"-host"),
        ("a place of one machine", r"(?<![\w.])/(root|work|opt|home/\w+|Users/\w+)/"),
    ],
)
def test_no_file_names(what: str, pattern: str) -> None:
    """Tests may: they make up such places to see them redacted."""
    named = [(path, text) for path, text in texts() if path.parts[0] != "tests"]
    culprits = [str(path) for path, text in named if re.search(pattern, text)]
    assert not culprits, f"{what} is named in {culprits}"


def normal(name: str) -> str:
    """A distribution's name as pip compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]

    assert [pin for pin in pins if not re.fullmatch(r"[\w.-]+==[\w.]+", pin)] == []
    names = [normal(pin.partition("==")[0]) for pin in pins]
    assert len(names) == len(set(names))
    wanted = {normal(re.split(r"[\[<>=!~; ]", need)[0]) for need in asked}
    assert wanted - set(names) == set()


@pytest.mark.parametrize("python", ["3.11.2", "3.12.0", "3.13.0"])
def test_every_pin_fits_each_python_we_promise(python: str) -> None:
    """3.11.2 is Debian 12's: a pin found by a newer 3.11 may ask for more than that."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line.partition("==") for line in lines if line and not line.startswith("#")]
    unfit = []
    for name, _, pinned in pins:
        try:
            found = metadata(name)
        except PackageNotFoundError:  # another system's, such as pexpect on Windows
            continue
        assert found["Version"] == pinned, f"{name} {found['Version']} is installed, not {pinned}"
        needs = str(found.json.get("requires_python") or "")
        if not SpecifierSet(needs).contains(python):
            unfit.append(f"{name} {pinned} needs Python {needs}")
    assert unfit == []


def test_the_readmes_commands_exist() -> None:
    made = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {"run", "test", "lint", "bench"} <= set(made)
    assert set(re.findall(r"`make ([a-z]+)", readme)) <= set(made)


def test_ci_runs_the_readmes_commands() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "\nmake lint\nmake test\n" in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
