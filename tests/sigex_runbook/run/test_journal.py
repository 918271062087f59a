"""The service's own journal is a witness of each run: of what was saved, and that nothing was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.api.client import Api
from sigex_runbook.core.access import Json
from sigex_runbook.core.verdict import Saved, VerdictKind
from tests.performing import perform
from tests.service import EVERYTHING, ORGANISATION, Service


def noted(pack: Path) -> Any:
    return json.loads((pack / "evidence" / "state" / "audit.json").read_text("utf-8"))


def test_one_entry_of_this_employee_tells_of_a_run_that_saved_and_none_of_an_idle_one(
    service: Service, tmp_path: Path
) -> None:
    result = perform(service, service.order(), tmp_path)
    assert result.verdict.kind is VerdictKind.PASSED, result.verdict.reasons
    assert any("одна новая запись" in reason for reason in result.verdict.reasons)
    audit = noted(result.pack)
    (event,) = audit["events"]
    assert event["by_employee"] is True
    assert audit["unread"] is None
    assert not [number for number in service.people_numbers() if number in json.dumps(audit)]

    idle = perform(service, service.order(), tmp_path)
    assert (idle.verdict.kind, idle.nothing_to_do) == (VerdictKind.PASSED, True)
    assert any("новых записей в журнале сервиса нет" in said for said in idle.verdict.reasons)
    assert noted(idle.pack)["events"] == []


@pytest.mark.parametrize(("fault", "found"), [("save-twice", 2), ("save-audit-missing", 0)])
def test_another_number_of_entries_fails_the_run(
    service: Service, tmp_path: Path, fault: str, found: int
) -> None:
    service.emulator.world.faults.set(ORGANISATION, fault)
    try:
        result = perform(service, service.order(), tmp_path)
    finally:
        service.emulator.world.faults.clear()
    assert (result.verdict.kind, result.saved) == (VerdictKind.FAILED, Saved.YES)
    assert f"журнале сервиса {found}, а должно быть 1" in result.verdict.reasons[0]
    assert len(noted(result.pack)["events"]) == found


def test_a_journal_that_is_refused_fails_nothing_and_is_told(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(api: Api, _: int) -> Json:
        return api._call("GET", "/api/organizationSettingsAudit?lastEventId=refused")

    monkeypatch.setattr(Api, "settings_audit", refused)
    result = perform(service, service.order(), tmp_path)
    assert (result.verdict.kind, service.granted()) == (VerdictKind.PASSED, EVERYTHING)
    assert any("журнал изменений не сверен" in reason for reason in result.verdict.reasons)
    report = (result.pack / "evidence" / "report.html").read_text("utf-8")
    assert "журнал изменений не сверен: сервис его не показал" in report
