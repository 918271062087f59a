"""The wheel as its users have it: alone in a bare environment, far from any checkout.

The environment borrows the packages of this one and no more: the program is the wheel's. Where the
tests run as root, all of it belongs to a user without rights.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sigex_runbook.evidence.report.origin import program_digest
from sigex_runbook.site.browser import find_browser

ROOT = Path(__file__).parents[1]
PACKAGES = Path(sysconfig.get_path("purelib"))
RUNS = f"python{sys.version_info.major}.{sys.version_info.minor}"
FIRST = "200240002381"
"""The organisation of the sample order."""


@dataclass(frozen=True)
class Newcomer:
    """Somebody who has installed the wheel; `desk` is the folder where he works."""

    desk: Path
    environment: Path
    environ: dict[str, str]
    user: int | None

    def call(
        self, *words: str | Path, desk: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """A command, at the desk unless another is given."""
        command, *arguments = map(str, words)
        found = self.environment / "bin" / command
        return subprocess.run(
            [found if found.exists() else command, *arguments],
            cwd=desk or self.desk,
            env=self.environ,
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
            capture_output=True,
            encoding="utf-8",
            check=False,
            timeout=170,
        )

    def own(self, folder: Path) -> Path:
        """Give a folder and all in it to this user."""
        for path in (folder, *folder.rglob("*")):
            if self.user is not None:
                os.chown(path, self.user, self.user)
        return folder


def python_for(user: int | None, *needed: Path) -> str | None:
    """A Python of this version that the user may run, if he may also read what is needed."""
    same = f"import os, sys; sys.exit('{RUNS}' != 'python%d.%d' % sys.version_info[:2]"
    reads = f"{same} or not all(os.access(one, os.R_OK) for one in {[*map(str, needed)]}))"
    for python in (getattr(sys, "_base_executable", sys.executable), f"/usr/bin/{RUNS}"):
        try:
            asked = subprocess.run(
                [python, "-I", "-c", reads], cwd="/", user=user, extra_groups=None, check=False
            )
        except OSError:
            continue
        if asked.returncode == 0:
            return str(python)
    return None


@pytest.fixture(scope="module")
def newcomer() -> Iterator[Newcomer]:
    """One build, one installation."""
    browser = find_browser().path
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    python = python_for(user, PACKAGES, browser)
    if python is None:  # a checkout in root's own home: nobody else may read it
        user, python = None, sys.executable
    with tempfile.TemporaryDirectory(prefix="wheel-", ignore_cleanup_errors=True) as made:
        home = Path(made)
        desk = home / "Мои документы (тест)"
        (home / "tmp").mkdir()
        desk.mkdir()
        environ = {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PATH": f"{home / 'venv' / 'bin'}:{os.defpath}",
            "SIGEX_RUNBOOK_BROWSER": str(browser),
            "TMPDIR": str(home / "tmp"),
        }
        one = Newcomer(desk, home / "venv", environ, user)
        built = subprocess.run(
            [
                *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"),
                *("--no-build-isolation", "--wheel-dir", home, ROOT),
            ],
            check=False,
            capture_output=True,
            encoding="utf-8",
        )
        assert built.returncode == 0, built.stderr
        one.own(home)
        (wheel,) = home.glob("*.whl")
        installer = PACKAGES / "pip" / "__pip-runner__.py"
        for words in (
            (python, "-m", "venv", "--without-pip", one.environment),
            ("python", installer, "install", "--quiet", "--no-deps", "--no-index", wheel),
        ):
            done = one.call(*words)
            assert done.returncode == 0, done.stderr
        (packages,) = one.environment.glob("lib/*/site-packages")
        (packages / "borrowed.pth").write_text(str(PACKAGES), encoding="utf-8")
        yield one


@pytest.fixture(scope="module")
def pack(newcomer: Newcomer) -> Path:
    """The sealed pack of one run, in `outputs` of the current folder."""
    done = newcomer.call("sigex-runbook", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = (newcomer.desk / "outputs" / "single" / FIRST).iterdir()
    return found


def test_the_program_is_the_wheels_and_the_same_as_the_checkouts(newcomer: Newcomer) -> None:
    """One digest: a pack of either can be made again by the other."""
    done = newcomer.call(
        "python",
        "-c",
        "import sigex_runbook, sigex_emulator, os\n"
        "from sigex_runbook.evidence.report.origin import program_digest as digest\n"
        "print(sigex_runbook.__file__, sigex_emulator.__file__, digest(), os.geteuid())",
    )
    runbook, emulator, digest, user = done.stdout.split()
    assert Path(runbook).is_relative_to(newcomer.environment)
    assert Path(emulator).is_relative_to(newcomer.environment)
    assert digest == program_digest()
    assert int(user) == (os.geteuid() if newcomer.user is None else newcomer.user)


def test_a_run_leaves_its_results_where_it_was_started(newcomer: Newcomer, pack: Path) -> None:
    said = json.loads((pack / "evidence" / "run.json").read_text("utf-8"))
    assert said["verdict"]["kind"] == "PASSED"
    assert said["program"]["revision"] is None
    assert (newcomer.desk / "outputs" / "index.html").is_file()
    carried = {path.name for path in (pack / "evidence" / "features").iterdir()}
    assert carried == {path.name for path in (ROOT / "features").glob("*.feature")}


def test_its_pack_is_verified_and_told_again(newcomer: Newcomer, pack: Path) -> None:
    trust = newcomer.call("sigex-runbook", "key").stdout
    (named,) = (word for word in trust.splitlines() if "trust.json" in word)
    file = named[named.index("/") :].rstrip(".")
    done = newcomer.call("sigex-runbook", "verify", pack, "--trust", file, "--pictures")
    assert done.returncode == 3, done.stdout + done.stderr  # whole; no trusted time
    told = newcomer.call("sigex-runbook", "report", pack, "--language", "en", "--output", "en.html")
    assert told.returncode == 0, told.stderr
    assert (newcomer.desk / "en.html").is_file()


def test_the_living_guide_shows_its_pictures(newcomer: Newcomer, pack: Path) -> None:
    done = newcomer.call("sigex-runbook", "guide")
    assert (done.returncode, done.stdout.strip()) == (0, "Живая инструкция: guide.html")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("sigex-runbook mutants save-not-stored", "Выживших и ложных тревог нет"),
        ("sigex-runbook doctor", "sigex_runbook/project: пришёл вместе с программой"),
        ("sigex-runbook sample-order", "sigex-access-order/1"),
        ("sigex-runbook facts --section 3.5", "3.5"),
        ("python -m sigex_runbook --version", "sigex-runbook "),
        ("python -m sigex_emulator --list-faults", "save-not-stored"),
        ("sigex-emulator --list-faults", "save-not-stored"),
    ],
)
def test_it_works(newcomer: Newcomer, words: str, said: str) -> None:
    done = newcomer.call(*words.split())
    assert done.returncode == 0, done.stdout + done.stderr
    assert said in done.stdout


@pytest.fixture
def own_project(newcomer: Newcomer) -> Iterator[Path]:
    """A copy of the project of the owner of a guide."""
    with tempfile.TemporaryDirectory(dir=newcomer.desk) as made:
        project = Path(made) / "проект"
        for part in ("features", "steps", "notebooks"):
            shutil.copytree(ROOT / part, project / part)
        newcomer.own(Path(made))
        yield project


def test_an_owner_of_a_guide_points_at_sentences_of_his_own(
    newcomer: Newcomer, own_project: Path
) -> None:
    """Performed are his words, and the pack holds them."""
    feature = next((own_project / "features").glob("8_*.feature"))
    text = feature.read_text("utf-8")
    feature.write_text(text.replace("Сценарий: ", "Сценарий: Наш "), "utf-8")
    done = newcomer.call(
        "sigex-runbook", "run", "--json", "--project", own_project, "--outputs", "own"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    evidence = Path(json.loads(done.stdout.splitlines()[0])["pack"]) / "evidence"
    assert "Сценарий: Наш " in (evidence / "features" / feature.name).read_text("utf-8")
    assert '"Наш ' in (evidence / "steps.ndjson").read_text("utf-8")


def test_whoever_stands_in_a_project_performs_it(newcomer: Newcomer, own_project: Path) -> None:
    done = newcomer.call("sigex-runbook", "doctor", desk=own_project / "steps")
    assert f"[ да] Проект: {own_project}: в нём текущая папка" in done.stdout


@pytest.mark.parametrize(
    ("lost", "said"),
    [
        ("notebooks", "нет notebooks/runbook.ipynb"),
        ("features/8_saving.feature", "каждой выноске"),
        ("browser", "SIGEX_RUNBOOK_BROWSER указывает"),
        ("rights", "записать нельзя"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_made(
    newcomer: Newcomer, own_project: Path, lost: str, said: str
) -> None:
    """By the check-up and by the run in the same words, with what to do."""
    outputs, home = own_project.parent / "outputs", own_project.parent / "home"
    environ = newcomer.environ | {"HOME": str(home)}
    if lost == "browser":
        environ["SIGEX_RUNBOOK_BROWSER"] = str(own_project / "chrome")
    elif lost == "rights":
        outputs = Path("/proc/outputs")
    elif (own_project / lost).is_dir():
        shutil.rmtree(own_project / lost)
    else:
        (own_project / lost).unlink()
    one = Newcomer(newcomer.desk, newcomer.environment, environ, newcomer.user)
    for verb in ("doctor", "run"):
        done = one.call("sigex-runbook", verb, "--project", own_project, "--outputs", outputs)
        assert done.returncode == 2, done.stdout + done.stderr
        assert said in done.stdout + done.stderr
    assert not outputs.exists()
    assert not (home / ".local").exists(), "a signing key was made for a run that cannot begin"


def test_the_emulator_starts_with_nothing_of_the_runbooks(newcomer: Newcomer) -> None:
    """Neither the runbook itself nor what it needs for notebooks, browsers, tests and evidence."""
    foreign = {
        *("sigex_runbook", "playwright", "pytest", "pytest_bdd", "rich"),
        *("papermill", "nbconvert", "nbformat", "nbclient", "IPython", "jupyter_client", "jinja2"),
        *("ipykernel", "pypdfium2", "pyhanko", "securesystemslib", "rfc8785", "font_roboto"),
    }
    done = newcomer.call(
        "python",
        "-c",
        "import sys, tempfile, pathlib, sigex_emulator.command\n"
        "with sigex_emulator.Emulator(directory=pathlib.Path(tempfile.mkdtemp())): pass\n"
        "print(*sys.modules)",
    )
    assert done.returncode == 0, done.stderr
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "sigex_emulator" in loaded
    assert loaded & foreign == set()
