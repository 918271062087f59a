"""Reading for a plan: who reads cannot write, whatever the page or the program would like."""

from __future__ import annotations

from typing import Any

import pytest

from sigex_runbook.planning import looking
from sigex_runbook.run.employee import Employee
from sigex_runbook.run.options import Options
from tests.service import Service
from tests.sigex_runbook.evidence.sealed import SIGNER


def test_whoever_plans_can_send_nothing_but_questions(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Past the page; on it the save guard lets nothing pass that nobody pressed."""
    look, seen = looking._look, []

    def tempted(employee: Employee, *more: Any) -> Any:
        record = look(employee, *more)
        with pytest.raises(RuntimeError, match="would change"):
            employee.api.write_document_settings("1jpAOexzXjfy8s13", {})
        saved = employee.site.page.evaluate(
            """() => fetch("/api/organizationSettings", {method: "POST", body: "{}"})
                 .then(() => "passed", () => "stopped")"""
        )
        seen.append(saved)
        return record

    monkeypatch.setattr(looking, "_look", tempted)
    looking.read_plan(service.order(), Options(service.target, deadline_seconds=60), SIGNER)
    assert seen == ["stopped"]
