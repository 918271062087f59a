"""The runbook without a kernel: what it finds, what it refuses, and what it must not believe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sigex_runbook.core.access import AccessBlock
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.record import Outcome
from sigex_runbook.core.verdict import VerdictKind
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.run.options import Options
from sigex_runbook.run.result import Result
from sigex_runbook.run.runbook import Runbook
from sigex_runbook.run.secrets.channel import Confidences
from tests.performing import VERIFICATION, perform
from tests.service import EVERYTHING, NOTHING, ORGANISATION, SYSTEM, Service


def outcomes(result: Result) -> list[Outcome]:
    import json

    lines = (result.pack / "evidence" / "steps.ndjson").read_text("utf-8").splitlines()
    return [Outcome(json.loads(line)["outcome"]) for line in lines]


def saves(service: Service) -> int:
    """How often the settings were posted, by the service's own log."""
    return sum(
        1
        for request in service.emulator.world.requests
        if request.method == "POST" and request.path == "/api/organizationSettings"
    )


def test_the_guide_grants_all_four_saves_once_and_has_nothing_to_do_the_second_time(
    service: Service, tmp_path: Path
) -> None:
    result = perform(service, service.order(), tmp_path)
    assert result.verdict.kind is VerdictKind.PASSED, result.verdict.reasons
    assert service.granted() == EVERYTHING
    assert saves(service) == 1
    assert set(outcomes(result)) == {Outcome.PASSED}
    # The last tries come after the employee's session, which ends once.
    asked = [(one.port, one.method, one.path) for one in service.emulator.world.requests]
    farewell = len(asked) - 1 - asked[::-1].index(("people", "POST", "/api/auth"))
    assert {port for port, *_ in asked[farewell + 1 :]} == {"systems"}
    assert len(asked[farewell + 1 :]) == 2 * len(AccessBlock)

    service.emulator.world.requests.clear()
    again = perform(service, service.order(), tmp_path)
    assert again.verdict.kind is VerdictKind.PASSED, again.verdict.reasons
    assert again.nothing_to_do
    assert saves(service) == 0


def test_only_the_ordered_blocks_move(service: Service, tmp_path: Path) -> None:
    world = service.emulator.world
    world.grant(ORGANISATION, "documentsList", SYSTEM)
    order = service.order(
        {
            "documentsAccess: granted": "documentsAccess: leave",
            "documentsList: granted": "documentsList: revoked",
            "organizationSettings: granted": "organizationSettings: leave",
        }
    )
    result = perform(service, order, tmp_path)
    assert result.verdict.kind is VerdictKind.PASSED, result.verdict.reasons
    assert service.granted() == NOTHING | {"documentsSettings": (0,)}


def test_another_organisations_certificate_stops_the_run_before_anything(
    service: Service, tmp_path: Path
) -> None:
    order = service.order({f"keys/{ORGANISATION}/": "keys/000740000728/"})
    result = perform(service, order, tmp_path)
    assert (result.verdict.kind, result.verdict.section) == (VerdictKind.FAILED, 1)
    assert "000740000728" in result.verdict.reasons[0]
    assert service.granted() == NOTHING
    assert outcomes(result)[3] is Outcome.FAILED
    assert set(outcomes(result)[4:]) == {Outcome.NOT_RUN}


def test_an_employee_without_the_right_is_told_what_is_needed(
    service: Service, tmp_path: Path
) -> None:
    order = service.order({"employee-settings.": "employee."})
    result = perform(service, order, tmp_path)
    assert (result.verdict.kind, result.verdict.section) == (VerdictKind.FAILED, 2)
    assert "правом их изменять" in result.verdict.reasons[0]
    assert set(outcomes(result)[4:]) == {Outcome.NOT_RUN}


@pytest.mark.parametrize(
    ("arrange", "told"),
    [
        pytest.param(
            lambda world: world.add_information_system(ORGANISATION, SYSTEM),
            "носят 2 информационные системы",
            id="twice",
        ),
        pytest.param(
            lambda world: world.set_disabled(ORGANISATION, SYSTEM, disabled=True),
            "отключён",
            id="disabled",
        ),
    ],
)
def test_an_unclear_information_system_is_never_ticked(
    service: Service, tmp_path: Path, arrange: Callable[[Any], object], told: str
) -> None:
    arrange(service.emulator.world)
    result = perform(service, service.order(), tmp_path)
    assert result.verdict.kind is VerdictKind.FAILED
    assert told in result.verdict.reasons[0]
    assert service.granted() == NOTHING


def test_an_unknown_information_system_names_the_known_ones(
    service: Service, tmp_path: Path
) -> None:
    first = f"information-systems/{ORGANISATION}/1"
    order = service.order(
        {
            f"description: {SYSTEM}": "description: Нет такой",
            first: "information-systems/000740000728/1",
        }
    )
    result = perform(service, order, tmp_path)
    assert result.verdict.kind is VerdictKind.FAILED
    assert f"«{SYSTEM}»" in result.verdict.reasons[0]
    assert service.granted() == NOTHING


def test_a_save_that_stores_nothing_is_caught_by_the_screen(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = service.emulator.world
    real = world.save_settings

    def forget(*args: Any, **kwargs: Any) -> Any:
        before = world.settings_of(ORGANISATION)
        assert before is not None
        answer = real(*args, **kwargs)
        world.put_settings(ORGANISATION, before)
        return answer

    monkeypatch.setattr(world, "save_settings", forget)
    result = perform(service, service.order(), tmp_path)
    assert (result.verdict.kind, result.verdict.section) == (VerdictKind.FAILED, 8)
    assert "после новой загрузки" in result.verdict.reasons[0]


def test_a_save_that_moves_something_else_is_caught_by_the_whole_object(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = service.emulator.world
    real = world.save_settings

    def overreach(*args: Any, **kwargs: Any) -> Any:
        answer = real(*args, **kwargs)
        world.grant(ORGANISATION, "packagesAccess", "Кадровый портал")
        return answer

    monkeypatch.setattr(world, "save_settings", overreach)
    result = perform(service, service.order(), tmp_path)
    assert (result.verdict.kind, result.verdict.section) == (VerdictKind.FAILED, 8)
    assert "packagesAccess" in result.verdict.reasons[0]


def test_a_right_granted_meanwhile_to_the_control_system_is_caught(
    service: Service, tmp_path: Path
) -> None:
    def meddle(number: int) -> None:
        if number == 5:
            service.emulator.world.grant(ORGANISATION, "documentsAccess", "Кадровый портал")

    result = perform(service, service.order(), tmp_path, before_section=meddle)
    assert result.verdict.kind is VerdictKind.FAILED


def test_what_moves_after_the_last_section_is_caught_by_the_whole_object(
    service: Service, tmp_path: Path
) -> None:
    """Section 8 has seen the settings as ordered; the verification looks at all of them again."""

    def meddle(number: int) -> None:
        if number == VERIFICATION:
            service.emulator.world.grant(ORGANISATION, "packagesAccess", "Кадровый портал")

    result = perform(service, service.order(), tmp_path, before_section=meddle)
    assert (result.verdict.kind, result.verdict.section) == (VerdictKind.FAILED, None)
    assert result.verdict.reasons[0].startswith("настройки отличаются от ожидаемых: packagesAccess")
    assert set(outcomes(result)) == {Outcome.PASSED}


def test_a_document_changed_meanwhile_is_not_changed_back(service: Service, tmp_path: Path) -> None:
    """An information system writes the document's settings back: those that are in force now."""
    world = service.emulator.world
    document = service.order().probe_document
    assert document is not None

    def meddle(number: int) -> None:
        if number == VERIFICATION:
            held = world.documents[document]
            changed = replace(held, settings={**held.settings, "signaturesLimit": 7})
            world.documents[document] = changed

    result = perform(service, service.order(), tmp_path, before_section=meddle)
    assert result.verdict.kind is VerdictKind.PASSED, result.verdict.reasons
    assert world.documents[document].settings["signaturesLimit"] == 7


def test_without_the_systems_key_the_verdict_is_partial(service: Service, tmp_path: Path) -> None:
    text = service.order_text()
    kept = [line for line in text.splitlines() if not line.strip().startswith("key:")]
    from sigex_runbook.core.order import parse_order

    order = parse_order("\n".join(kept), path=Path("order.yaml"))
    result = perform(service, order, tmp_path)
    assert result.verdict.kind is VerdictKind.PARTIAL
    assert result.exit_code == 3
    assert service.granted() == EVERYTHING


def test_cells_out_of_order_are_refused(service: Service, tmp_path: Path) -> None:
    draft = PackDraft.create(tmp_path, "test", service.order().organisation.bin, "run")
    runbook = Runbook(
        service.order(), Options(service.target), draft, tell=Confidences().tell
    ).open()
    try:
        with pytest.raises(UsageError, match="по порядку"):
            runbook.section(4)
    finally:
        runbook.close()
    assert service.granted() == NOTHING
