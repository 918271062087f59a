"""What was done is never lost: cells executed again, doubtful packs, full disks, dead kernels."""

from __future__ import annotations

import errno
import json
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.errors import NotSealed, RunFailed, UsageError
from sigex_runbook.core.verdict import SAVED_WORDS, Saved, VerdictKind
from sigex_runbook.evidence.attest.ledger import EntryKind, read_ledger
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.run.completion import complete
from sigex_runbook.run.gathering import Gathering
from sigex_runbook.run.options import Options
from sigex_runbook.run.result import Result
from sigex_runbook.run.run import run
from sigex_runbook.run.runbook import Runbook
from sigex_runbook.run.secrets import private
from sigex_runbook.run.sign_in import sign_in_of
from tests.commands import sealed_well
from tests.performing import CAMPAIGN
from tests.service import EVERYTHING, NOTHING, ORGANISATION, Service
from tests.sigex_runbook.run.test_runbook import saves


@dataclass
class Begun:
    """A run whose cells a test executes as it likes."""

    gathering: Gathering
    runbook: Runbook
    waiting: list[str]
    told: list[object] = field(default_factory=list)

    @property
    def evidence(self) -> Path:
        return self.gathering.draft.evidence

    def cell(self, cell: Callable[[], Any]) -> Any:
        """What a cell shows or complains of, as a notebook goes on after either."""
        try:
            return cell()
        except (RunFailed, UsageError) as error:
            self.told.append(error)
            return error

    def walk(self, before: Callable[[int], object] = lambda _: None) -> None:
        """The rest of the guide; `before` is told the number of each section, then 9."""
        self.cell(lambda: self.runbook.section(1))
        self.cell(self.runbook.plan)
        for number in range(2, 9):
            before(number)
            self.cell(partial(self.runbook.section, number))
        before(9)
        self.cell(self.runbook.verify)
        self.runbook.close()
        self.waiting.clear()

    def complete(self) -> Result:
        return complete(self.gathering, make_sealer())


@pytest.fixture
def begun(service: Service, waiting: list[str], tmp_path: Path) -> Iterator[Begun]:
    order, options = service.order(), Options(service.target, deadline_seconds=90)
    gathering = Gathering.begin(
        order, options, sign_in_of(order), outputs=tmp_path, campaign=CAMPAIGN
    )
    tell, redactor = gathering.confidences.tell, gathering.redactor
    runbook = Runbook(order, options, gathering.draft, tell=tell, redactor=redactor).open()
    yield Begun(gathering, runbook, waiting)
    runbook.close()


def next_run_holds(service: Service, outputs: Path) -> None:
    """Another run of the same campaign is sealed as if nothing had been."""
    options = Options(service.target, deadline_seconds=90)
    result = run(
        service.order(),
        options,
        outputs=outputs,
        campaign=CAMPAIGN,
        sealer=make_sealer(),
        inline=True,
    )
    assert result.verdict.kind is VerdictKind.PASSED, result.verdict.reasons
    assert sealed_well(result.pack)


# Cells


def test_a_cell_executed_again_shows_its_result_again(service: Service, begun: Begun) -> None:
    runbook = begun.runbook
    first = runbook.section(1)
    assert runbook.section(1) is first
    plan = runbook.plan()
    assert runbook.plan() is plan
    begun.walk(before=lambda n: n > 2 and begun.cell(lambda: runbook.section(n - 1)))
    assert begun.told == []
    assert runbook.section(1) is first  # also when the run is over
    assert runbook.verify() is runbook.verify()
    result = begun.complete()
    assert (result.verdict.kind, saves(service)) == (VerdictKind.PASSED, 1)
    assert sealed_well(result.pack)


def test_a_cell_whose_turn_it_is_not_changes_nothing(service: Service, begun: Begun) -> None:
    runbook = begun.runbook
    for early in (runbook.verify, runbook.plan, lambda: runbook.section(8)):
        with pytest.raises(UsageError, match="очередь ячейки «Раздел 1»"):
            early()
    begun.walk()
    assert begun.complete().verdict.kind is VerdictKind.PASSED
    assert service.granted() == EVERYTHING


def test_a_failed_cell_fails_again_in_the_same_words(service: Service, begun: Begun) -> None:
    service.emulator.world.add_information_system(
        str(begun.gathering.order.organisation.bin),
        begun.gathering.order.information_system.description,
    )
    begun.cell(lambda: begun.runbook.section(1))
    first, again = begun.cell(begun.runbook.plan), begun.cell(begun.runbook.plan)
    assert first is again
    assert "закончен" in str(begun.cell(lambda: begun.runbook.section(2)))
    assert sealed_well(begun.complete().pack)


# Doubtful packs


def test_a_success_that_contradicts_itself_is_sealed_as_failed(
    service: Service, begun: Begun, tmp_path: Path
) -> None:
    def lose(number: int) -> None:
        if number == 5:
            (begun.evidence / "api" / "003.json").unlink()

    begun.walk(before=lose)
    result = begun.complete()
    assert (result.verdict.kind, result.saved) == (VerdictKind.FAILED, Saved.YES)
    assert "E_STATE evidence/api" in result.verdict.reasons[0]
    assert sealed_well(result.pack)
    assert "E_STATE" in (result.pack / "evidence" / "report.html").read_text("utf-8")
    next_run_holds(service, tmp_path)


def test_what_holds_in_no_way_is_set_aside_and_nobody_waits(
    service: Service, begun: Begun, tmp_path: Path
) -> None:
    begun.walk()
    (begun.evidence / "strange.bin").write_bytes(b"no run leaves this")
    with pytest.raises(NotSealed) as error:
        begun.complete()
    assert error.value.saved == Saved.YES
    assert SAVED_WORDS[Saved.YES] in str(error.value)
    ledger = read_ledger(tmp_path / CAMPAIGN)
    assert ledger is not None
    assert [(one.entry, one.run) for one in ledger.entries] == [
        (EntryKind.ASIDE, begun.gathering.draft.run_id)
    ]
    next_run_holds(service, tmp_path)


def test_what_a_killed_kernel_left_half_written_is_taken_away(begun: Begun) -> None:
    begun.cell(lambda: begun.runbook.section(1))
    begun.runbook.close()
    with (begun.evidence / "steps.ndjson").open("ab") as steps:
        steps.write(b'{"duration_ms":1')
    (begun.evidence / "api" / "777.json.new").write_bytes(b"{")
    assert sealed_well(begun.complete().pack)


# The disk


def full(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, "full")


@pytest.mark.parametrize(("section", "saved"), [(3, Saved.NO), (8, Saved.NO), (9, Saved.YES)])
def test_a_disk_that_fills_up_stops_the_run_and_is_told(
    service: Service,
    begun: Begun,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    section: int,
    saved: Saved,
) -> None:
    """Before the save nothing is saved that could not be recorded."""

    def fill(number: int) -> None:
        if number == section:
            for name in ("write_whole", "append_whole"):
                monkeypatch.setattr(f"sigex_runbook.evidence.pack.draft.{name}", full)

    begun.walk(before=fill)
    assert any("на диске нет места" in str(one) for one in begun.told)
    assert service.granted() == (EVERYTHING if saved is Saved.YES else NOTHING)
    with pytest.raises(NotSealed, match="на диске нет места") as error:
        begun.complete()
    assert error.value.saved == saved
    assert (begun.evidence / "steps.ndjson").is_file()
    monkeypatch.undo()
    next_run_holds(service, tmp_path)


def test_room_that_is_back_in_time_is_used(
    service: Service, begun: Begun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel met a full disk; when the pack is completed there is room again."""
    store = PackDraft.write_json

    def once(self: PackDraft, relative: str, *rest: Any, **more: Any) -> Path:
        if relative == "state/after.json":
            with self._recording(relative):
                full()
        return store(self, relative, *rest, **more)

    monkeypatch.setattr(PackDraft, "write_json", once)
    begun.walk()
    result = begun.complete()
    assert (result.verdict.kind, result.saved) == (VerdictKind.FAILED, Saved.YES)
    assert "на диске нет места" in result.verdict.reasons[0]
    assert sealed_well(result.pack)


def test_a_folder_that_is_gone_is_not_made_again(service: Service, begun: Begun) -> None:
    def remove(number: int) -> None:
        if number == 4:
            shutil.rmtree(begun.gathering.draft.folder)

    begun.walk(before=remove)
    assert any("этой папки больше нет" in str(one) for one in begun.told)
    assert service.granted() == NOTHING
    with pytest.raises(NotSealed, match="Собранное пропало") as error:
        begun.complete()
    assert error.value.saved == Saved.NO
    assert not begun.gathering.draft.folder.exists()


# The kernel, and what it leaves


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    monkeypatch.setattr(private, "_SHORT", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def begin(service: Service, outputs: Path) -> Result:
    options = Options(service.target, deadline_seconds=90)
    return run(service.order(), options, outputs=outputs, campaign="c", sealer=make_sealer())


@pytest.mark.parametrize(
    ("kernel", "told"),
    [
        pytest.param("exit 1", "сразу завершился", id="dies"),
        pytest.param("exec sleep 60", "не ответил вовремя", id="silent"),
        pytest.param(None, "такого файла нет", id="absent"),
    ],
)
def test_a_kernel_that_does_not_come_leaves_a_sealed_pack(
    service: Service,
    tmp_path: Path,
    temporary: Path,
    monkeypatch: pytest.MonkeyPatch,
    kernel: str | None,
    told: str,
) -> None:
    python = tmp_path / "python"
    if kernel is not None:
        python.write_text(f"#!/bin/sh\n{kernel}\n", "utf-8")
        python.chmod(0o755)
    monkeypatch.setattr("sigex_runbook.run.own_kernel.sys.executable", str(python))
    monkeypatch.setattr("sigex_runbook.run.kernel._START_SECONDS", 2)
    killed = tmp_path / "outputs" / "c" / ORGANISATION / "killed.partial"
    for name in ("held", "alias.key"):
        (killed / "work").mkdir(parents=True, exist_ok=True)
        (killed / "work" / name).touch()
    result = begin(service, tmp_path / "outputs")
    assert list(killed.iterdir()) == [], "what is private of a killed run stays"
    assert (result.verdict.kind, result.saved) == (VerdictKind.FAILED, Saved.NO)
    assert told in result.verdict.reasons[0]
    assert sealed_well(result.pack)
    assert list(temporary.iterdir()) == []


def test_a_browsers_socket_fits_below_the_private_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A window of Chromium does not open where its path is too long, as macOS makes it."""
    for system in (str(tmp_path), private._SHORT):
        monkeypatch.setattr("tempfile.tempdir", system)
        with private.private_folder() as folder:
            assert str(Path(folder).parent) == private._SHORT
            assert len(f"{folder}/org.chromium.Chromium.XXXXXX/SingletonSocket") < 104
            assert stat.S_IMODE(Path(folder).stat().st_mode) == 0o700
        assert not Path(folder).exists()


def test_another_kernel_of_that_name_and_a_profile_do_not_matter(
    service: Service, tmp_path: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And while the run lasts, nobody else reads what it keeps; nothing of it stays."""
    spec = tmp_path / "jupyter" / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(
        json.dumps({"argv": ["false"], "display_name": "another", "language": "python"}), "utf-8"
    )
    startup = tmp_path / "ipython" / "profile_default" / "startup" / "00.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("import os; os._exit(3)", "utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(spec.parents[2]))
    monkeypatch.setenv("IPYTHONDIR", str(startup.parents[2]))
    monkeypatch.setenv("PYTHONSTARTUP", str(startup))
    outputs, seen = tmp_path / "outputs", set()
    remember = service.emulator.world.remember_sign_in

    def look(*how: Any, **more: Any) -> Any:
        [draft] = outputs.glob("c/*/*.partial")
        assert (draft / "work" / "alias.key").is_file()
        for top in (draft, *temporary.iterdir()):
            seen.add(stat.S_IMODE(top.stat().st_mode) & 0o777)
        seen.update(
            stat.S_IMODE(path.stat().st_mode) & 0o077 for path in draft.rglob("*") if path.is_file()
        )
        return remember(*how, **more)

    monkeypatch.setattr(service.emulator.world, "remember_sign_in", look)
    result = begin(service, outputs)
    assert result.verdict.kind is VerdictKind.PASSED, result.verdict.reasons
    assert seen == {0o700, 0}
    assert list(temporary.iterdir()) == []
    assert list(result.pack.parent.iterdir()) == [result.pack]
