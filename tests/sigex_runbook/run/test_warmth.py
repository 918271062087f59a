"""What is kept warm serves run after run, and nothing of one is there for the next."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sigex_runbook.core.deadline import Deadline
from sigex_runbook.core.errors import DeadlinePassed, ServiceUnavailable
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.privacy.redaction import Redactor
from sigex_runbook.run.employee import Assignment, Employee, open_employee
from sigex_runbook.run.options import Options
from sigex_runbook.run.scenarios.recorder import Recorder
from sigex_runbook.run.scenarios.runner import ScenarioRunner
from sigex_runbook.run.sign_in import sign_in_of
from sigex_runbook.run.warmth import Warmth, kept, session_for
from sigex_runbook.site.browser import find_browser
from tests.service import Service

PLANT = "() => { localStorage.planted = 'x'; document.cookie = 'planted=x'; window.name = 'x'; }"
FOUND = "() => [localStorage.planted ?? '', document.cookie, window.name]"


@pytest.fixture
def own(service: Service) -> Iterator[Warmth]:
    """One that a test may spoil."""
    with kept(service.target) as warmth:
        yield warmth


def runner(
    warmth: Warmth, service: Service, folder: Path, *, seconds: float = 60
) -> ScenarioRunner:
    order, deadline = service.order(), Deadline(seconds)
    draft = PackDraft.create(folder, "test", order.organisation.bin, f"run-{seconds}-{id(folder)}")
    redactor = Redactor(order.organisation.bin)
    recorder = Recorder(draft, redactor, {}, environment=service.target.address, deadline=deadline)
    assignment = Assignment(order, service.target, sign_in_of(order), deadline, recorder)
    session = warmth.session()
    return ScenarioRunner(
        session, lambda browser: open_employee(browser, assignment), recorder, deadline, kept=True
    )


def test_a_run_finds_nothing_of_the_one_before(
    own: Warmth, service: Service, tmp_path: Path
) -> None:
    def planted(employee: Employee) -> int:
        employee.ensure_signed_in()
        employee.site.page.evaluate(PLANT)
        return len(employee.site.page.context.cookies())

    def left(employee: Employee) -> tuple[object, object]:
        employee.ensure_start()
        return employee.site.page.evaluate(FOUND), employee.site.page.context.cookies()

    first, second = (runner(own, service, tmp_path / name) for name in ("a", "b"))
    first.start()
    assert first.do(planted) == 2
    first.stop()
    assert not service.emulator.world.sessions
    second.start()
    assert second.do(left) == (["", "", ""], [])
    second.stop()
    assert own.session() is own.session()


def test_a_browser_that_died_is_another_for_the_next(own: Warmth) -> None:
    session = own.session()
    session.with_browser(lambda browser: browser.close()).result()
    assert own.print("<p>отчёт</p>").startswith(b"%PDF")
    assert own.session() is not session


def test_a_page_that_holds_the_thread_is_left_behind(
    own: Warmth, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigex_runbook.run.scenarios.runner._PARTING_SECONDS", 0.0)
    monkeypatch.setattr("sigex_runbook.run.warmth._PARTING_SECONDS", 0.0)
    release = threading.Event()
    held = own.session()  # its start is no part of the run's time
    late = runner(own, service, tmp_path, seconds=6)
    late.start()
    try:
        with pytest.raises(DeadlinePassed):
            late.do(lambda _: release.wait())
        late.stop()
        assert own.session() is not held
    finally:
        release.set()


def test_only_runs_of_its_kind_are_served(own: Warmth, service: Service, tmp_path: Path) -> None:
    """A run is given a copy of the CA, so that not its path counts."""
    browser = find_browser()
    assert session_for(Options(service.target), browser) == (own.session(), True)
    assert service.target.ca is not None
    copied = tmp_path / "ca.pem"
    copied.write_bytes(service.target.ca.read_bytes())
    same = Options(replace(service.target, ca=copied))
    assert session_for(same, browser) == (own.session(), True)
    foreign = tmp_path / "foreign.pem"
    foreign.write_bytes(service.target.ca.read_bytes() + b"\n")
    for other in (
        Options(replace(service.target, ca=foreign)),
        Options(service.target, visible=True),
        Options(replace(service.target, mtls_address=None)),
    ):
        session, is_kept = session_for(other, browser)
        assert session is not own.session()
        assert not is_kept


def test_a_browser_that_has_served_its_time_is_another(
    own: Warmth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sigex_runbook.run.warmth._MOST_RUNS", 2)
    first = own.session()
    assert own.session() is first
    assert own.session() is not first
    assert not first.thread.alive


def test_a_browser_that_trusts_a_key_which_the_service_no_longer_has_is_another(
    own: Warmth, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> str:
        raise ServiceUnavailable("никто не отвечает")

    first = own.session()
    monkeypatch.setattr("sigex_runbook.run.warmth.server_pin", away)
    assert own.session() is first
    monkeypatch.setattr("sigex_runbook.run.warmth.server_pin", lambda *_: "another")
    assert own.session() is not first


def test_the_authorities_file_is_found_from_another_folder(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ca = service.target.ca
    assert ca is not None
    monkeypatch.chdir(ca.parent)
    with kept(replace(service.target, ca=Path(ca.name))) as warmth:
        monkeypatch.chdir(tmp_path)
        assert warmth.serves(Options(service.target))
        assert warmth.session().usable
