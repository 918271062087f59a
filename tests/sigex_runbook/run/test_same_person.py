"""A session may become another's while the run lasts: nothing is saved in it, nor believed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.api.client import Api, Identity
from sigex_runbook.core.verdict import Saved, VerdictKind
from tests.performing import VERIFICATION, perform
from tests.service import EVERYTHING, NOTHING, OTHER_ORGANISATION, Service
from tests.sigex_runbook.run.test_runbook import saves

SAVING = 8
COLLEAGUE, STRANGER = "IIN850212400123", "IIN760314301234"


class Becoming:
    """The service answers with another identity from a section on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, section: int, **changes: Any) -> None:
        self.answered: list[str] = []
        self._now = False
        self._section = section
        real = Api.identity

        def identity(api: Api) -> Identity:
            found = real(api)
            self.answered.append(found.user_id)
            return replace(found, **changes) if self._now else found

        monkeypatch.setattr(Api, "identity", identity)

    def meddle(self, section: int) -> None:
        self._now = section >= self._section


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"user_id": COLLEAGUE}, "другой сотрудник"),
        ({"user_id": STRANGER, "organisation_bin": OTHER_ORGANISATION}, OTHER_ORGANISATION),
        ({"user_id": STRANGER, "organisation_bin": None}, "без организации"),
    ],
    ids=["colleague", "another organisation", "private person"],
)
def test_nothing_is_saved_in_a_session_that_became_anothers(
    service: Service,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    told: str,
) -> None:
    becoming = Becoming(monkeypatch, SAVING, **changes)
    result = perform(service, service.order(), tmp_path, before_section=becoming.meddle)
    verdict = result.verdict
    assert (verdict.kind, verdict.section, verdict.callout) == (VerdictKind.FAILED, 8, 13)
    assert told in verdict.reasons[0]
    assert "Ничего не сохранено" in verdict.reasons[0]
    assert (saves(service), service.granted(), result.saved) == (0, NOTHING, Saved.NO)
    for number in (COLLEAGUE, STRANGER):
        assert number not in verdict.reasons[0]


def test_what_is_read_in_a_session_that_became_anothers_proves_nothing(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    becoming = Becoming(monkeypatch, VERIFICATION, user_id=COLLEAGUE)
    result = perform(service, service.order(), tmp_path, before_section=becoming.meddle)
    assert (result.verdict.kind, result.verdict.section) == (VerdictKind.FAILED, None)
    assert "не сверены" in result.verdict.reasons[0]
    assert (service.granted(), result.saved) == (EVERYTHING, Saved.YES)


def test_who_is_signed_in_is_asked_at_the_plan_before_saving_and_after(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    becoming = Becoming(monkeypatch, VERIFICATION + 1)
    seen: list[int] = []

    def meddle(section: int) -> None:
        seen.append(len(becoming.answered))

    result = perform(service, service.order(), tmp_path, before_section=meddle)
    assert result.verdict.kind is VerdictKind.PASSED, result.verdict.reasons
    at_plan, before_saving, after_saving = seen[1], seen[SAVING - 1], seen[VERIFICATION - 1]
    assert 0 < at_plan <= before_saving < after_saving < len(becoming.answered)
