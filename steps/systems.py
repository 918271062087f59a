"""What the information systems themselves are served, over mTLS."""

from __future__ import annotations

from pytest_bdd import given, then

from sigex_runbook.access import AccessSettings
from sigex_runbook.probing import probe_document, probe_systems
from sigex_runbook.stage import Stage
from sigex_runbook.verdict import Answer, CheckResult, Probe, judge_probes


@given("до сохранения информационным системам во всём отказано", target_fixture="refused")
@given("before saving the information systems are refused everything", target_fixture="refused")
def refused_before(stage: Stage) -> list[Probe]:
    probes = _probes(stage, "before", stage.plan.before)
    assert {probe.answer for probe in probes} == {Answer.REFUSED}, judge_probes(probes).detail
    return probes


@then("информационная система обслужена во всём заказанном, а другая ни в чём")
@then("the information system is served all that was ordered, and the other one nothing")
def served_as_ordered(stage: Stage, refused: list[Probe]) -> None:
    check = judge_probes([*refused, *_probes(stage, "after", stage.plan.expected)])
    assert check.result is CheckResult.AGREES, check.detail


def _probes(stage: Stage, moment: str, settings: AccessSettings) -> list[Probe]:
    document = probe_document(stage.api, stage.order)
    return probe_systems(
        stage.order, stage.plan, stage.target, moment=moment, settings=settings, document=document
    )
