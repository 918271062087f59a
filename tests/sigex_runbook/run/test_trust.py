"""Ways in which a run could say PASSED although the truth is otherwise, each found open once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import papermill
import pytest
from papermill.exceptions import PapermillExecutionError

from sigex_runbook.core.errors import EnvironmentMissing, RunFailed
from sigex_runbook.core.project import VARIABLE, find_project
from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.notebook import open_run
from sigex_runbook.run.employee import Employee
from sigex_runbook.run.options import Options
from sigex_runbook.run.runbook import Runbook
from sigex_runbook.run.secrets.channel import Confidences
from tests.commands import sealed_well
from tests.service import NOTHING, Service


@pytest.fixture
def runbook(service: Service, tmp_path: Path) -> Iterator[Runbook]:
    order = service.order()
    draft = PackDraft.create(tmp_path, "test", order.organisation.bin, "run")
    opened = Runbook(
        order, Options(service.target, deadline_seconds=90), draft, tell=Confidences().tell
    ).open()
    yield opened
    opened.close()


@pytest.fixture
def own_features(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the project's features and steps that a test may spoil."""
    root = tmp_path / "project"
    for part in ("features", "steps", "notebooks"):
        shutil.copytree(find_project().root / part, root / part)
    monkeypatch.setenv(VARIABLE, str(root))
    return root / "features"


def test_features_that_lost_a_section_do_not_start(
    service: Service, tmp_path: Path, own_features: Path
) -> None:
    """Section 8 would tick quietly what section 4 did not show."""
    feature = next(own_features.glob("4_*.feature"))
    text = feature.read_text("utf-8").replace("@guide @callout-5 @callout-6", "@alternative")
    feature.write_text(text, "utf-8")
    order = service.order()
    draft = PackDraft.create(tmp_path, "test", order.organisation.bin, "run")
    with pytest.raises(EnvironmentMissing, match="каждой выноске"):
        Runbook(order, Options(service.target), draft, tell=Confidences().tell).open()
    assert service.granted() == NOTHING


def test_a_step_that_skips_itself_stops_the_run_before_saving(
    service: Service, runbook: Runbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A skip fires no hook of pytest-bdd's; nothing failed, and nothing was done."""

    def skip(self: Employee, callout: int) -> None:
        pytest.skip("not today")

    monkeypatch.setattr(Employee, "tick", skip)
    runbook.section(1)
    runbook.plan()
    runbook.section(2)
    runbook.section(3)
    with pytest.raises(RunFailed, match="хотя ошибки не было") as stopped:
        runbook.section(4)
    assert (stopped.value.section, stopped.value.callout) == (4, 6)
    assert service.granted() == NOTHING


def test_a_feature_edited_between_two_runs_of_one_process_is_not_remembered(
    service: Service, tmp_path: Path, own_features: Path
) -> None:
    """pytest-bdd keeps parsed features; the record must not hold a sentence that did not run."""

    def sign_in(run_id: str) -> None:
        order = service.order()
        draft = PackDraft.create(tmp_path, "test", order.organisation.bin, run_id)
        runbook = Runbook(
            order, Options(service.target, deadline_seconds=90), draft, tell=Confidences().tell
        ).open()
        try:
            runbook.section(1)
        finally:
            runbook.close()

    sign_in("first")
    feature = next(own_features.glob("1_*.feature"))
    text = feature.read_text("utf-8")
    feature.write_text(
        text.replace("он вошёл от имени организации из заказа", "небо зелёное"), "utf-8"
    )
    with pytest.raises(RunFailed, match="небо зелёное"):
        sign_in("second")


@pytest.mark.parametrize("options", ["--timeout=60", "-k nothing", "-x --co"])
def test_an_operators_pytest_options_do_not_reach_a_run(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: str
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", options)
    order = service.order()
    draft = PackDraft.create(tmp_path, "test", order.organisation.bin, "run")
    runbook = Runbook(
        order, Options(service.target, deadline_seconds=90), draft, tell=Confidences().tell
    ).open()
    try:
        assert len(runbook.section(1).steps) == 4
    finally:
        runbook.close()


def test_a_verification_that_broke_off_is_no_green_verdict(
    runbook: Runbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in islice(runbook.walk(), 9):
        pass  # all but the verification
    real = PackDraft.write_json

    def full_disk(self: PackDraft, relative: str, *args: object, **kwargs: object) -> Path:
        if relative == "verification.json":
            raise OSError(28, "No space left on device")
        return real(self, relative, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(PackDraft, "write_json", full_disk)
    with pytest.raises(RunFailed):
        runbook.verify()
    assert runbook.verdict().verdict.kind is VerdictKind.FAILED


def test_a_notebook_by_hand_needs_no_parameters_and_leaves_a_pack(tmp_path: Path) -> None:
    """The cells as a person runs them: the sample order, an emulator that ends with the run."""
    run = open_run(outputs=str(tmp_path))
    for _ in run.walk():
        pass
    shown = run.verdict()
    assert shown.verdict.kind is VerdictKind.PASSED
    [pack] = (tmp_path / "notebook" / "200240002381").iterdir()
    assert not pack.name.endswith(".partial")
    assert shown.evidence is not None
    assert shown.evidence.place == str(pack)
    assert sealed_well(pack)
    told = json.loads((pack / "evidence" / "run.json").read_text("utf-8"))
    assert told["verdict"]["kind"] == "PASSED"
    assert "запуск вела другая программа" in told["without_notebook"]
    assert run.verdict().verdict.kind is VerdictKind.PASSED  # asked again, it says the same


def test_an_order_that_cannot_be_opened_leaves_no_emulator_behind(tmp_path: Path) -> None:
    import threading

    before = threading.active_count()
    with pytest.raises(Exception, match="не найден"):
        open_run(order=str(tmp_path / "none.yaml"), outputs=str(tmp_path))
    assert threading.active_count() == before


def test_a_parameter_that_the_notebook_does_not_know_is_refused() -> None:
    """papermill itself only warns, and a misspelt target would be the embedded emulator."""
    source = find_project().notebook
    with pytest.raises(PapermillExecutionError) as refused:
        papermill.execute_notebook(
            str(source), None, parameters={"targt": "https://x"}, progress_bar=False
        )
    assert refused.value.ename == "UsageError"
    assert "targt" in refused.value.evalue
