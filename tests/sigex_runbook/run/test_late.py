"""A run never takes longer than it may, and says what it was that took too long."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import pytest
from playwright.sync_api import Browser

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import DeadlinePassed, RunFailed
from sigex_runbook.core.verdict import SAVED_WORDS, Saved
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.run.completion import complete
from sigex_runbook.run.gathering import Gathering
from sigex_runbook.run.options import Options
from sigex_runbook.run.runbook import Runbook
from sigex_runbook.run.scenarios.recorder import Recorder
from sigex_runbook.run.scenarios.runner import ScenarioRunner
from sigex_runbook.run.scenarios.session import ScenarioSession
from sigex_runbook.run.sign_in import sign_in_of
from tests.service import ORGANISATION, Service


class Movable(Deadline):
    """A deadline that a test brings about."""

    made: ClassVar[list[Movable]] = []

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.made.append(self)

    def come(self) -> None:
        self._end = 0.0


def test_a_service_that_never_answers_the_save_is_a_matter_of_time(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigex_runbook.run.runbook.Deadline", Movable)
    monkeypatch.setattr("sigex_runbook.site.pages.screen._PAGE_MS", 2_000)
    order = service.order()
    options = Options(service.target, deadline_seconds=90)
    gathering = Gathering.begin(
        order, options, sign_in_of(order), outputs=tmp_path, campaign="test"
    )
    tell, redactor = gathering.confidences.tell, gathering.redactor
    runbook = Runbook(order, options, gathering.draft, tell=tell, redactor=redactor).open()
    for _ in islice(runbook.walk(), 8):
        pass  # up to the last section, which saves
    world = service.emulator.world
    real = Recorder.saving

    def saving(self: Recorder, saved: Saved) -> None:
        real(self, saved)
        Movable.made[-1].come()

    monkeypatch.setattr(Recorder, "saving", saving)
    world.faults.set(ORGANISATION, "save-hangs")
    try:
        with pytest.raises(RunFailed) as stopped:
            runbook.section(8)
    finally:
        world.faults.clear()
        runbook.close()
    told = str(stopped.value)
    assert "не уложился в 90 с" in told
    assert SAVED_WORDS[Saved.UNKNOWN] in told
    assert (stopped.value.section, stopped.value.callout) == (8, 13)
    result = complete(gathering, make_sealer())
    assert (result.verdict.section, result.verdict.callout) == (8, 13)
    assert result.saved is Saved.UNKNOWN


def test_a_browser_that_does_not_come_up_does_not_hold_a_run_for_ever(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No wait of a page's own script has a limit either: whoever asks must not wait for ever."""
    release = threading.Event()

    @contextmanager
    def hung() -> Iterator[Browser]:
        release.wait()
        yield from ()  # nobody waits any more

    monkeypatch.setattr("sigex_runbook.run.scenarios.runner._PARTING_SECONDS", 0.0)
    order = service.order()
    draft = PackDraft.create(tmp_path, "test", order.organisation.bin, "run")
    deadline = Deadline(0.2)
    recorder = Recorder(
        draft, Redactor(order.organisation.bin), {}, environment="https://x", deadline=deadline
    )
    runner = ScenarioRunner(
        ScenarioSession(hung), lambda _: pytest.fail("nobody comes"), recorder, deadline
    )
    try:
        with pytest.raises(DeadlinePassed, match=re.escape("не уложился в 0.2 с")):
            runner.start()
        runner.stop()
    finally:
        release.set()
        recorder.close()


def test_an_error_after_the_deadline_is_told_as_what_it_is() -> None:
    late, early = Movable(60), Movable(60)
    late.come()
    broken = RunFailed("Не найдено.", section=4, callout=6)
    told: Any = late.cause(broken)
    assert isinstance(told, DeadlinePassed)
    assert (told.section, told.callout) == (4, 6)
    assert early.cause(broken) is broken
