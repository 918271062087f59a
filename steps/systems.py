"""What the information systems themselves are served, over mTLS."""

from __future__ import annotations

from pytest_bdd import given, then, when

from sigex_runbook.core.access import AccessSettings, Json
from sigex_runbook.core.verdict import Answer, CheckResult, Probe, judge_probes
from sigex_runbook.run.employee import Employee
from sigex_runbook.run.mtls_probes import probe_document, probe_systems

Document = tuple[str, Json] | None
"""The order's document with its settings, if one is ordered."""


@given("до сохранения информационным системам во всём отказано", target_fixture="refused")
@given("before saving the information systems are refused everything", target_fixture="refused")
def refused_before(employee: Employee) -> list[Probe]:
    document = probe_document(employee.api, employee.order)
    probes = _probes(employee, "before", employee.plan.before, document)
    assert {probe.answer for probe in probes} == {Answer.REFUSED}, judge_probes(probes).detail
    return probes


@when("заканчивает свой сеанс", target_fixture="document")
@when("ends their session", target_fixture="document")
def end_session(employee: Employee) -> Document:
    document = probe_document(
        employee.api, employee.order
    )  # as it is now: only the employee can tell
    employee.sign_out()
    return document


@then("информационная система обслужена во всём заказанном, а другая ни в чём")
@then("the information system is served all that was ordered, and the other one nothing")
def served_as_ordered(employee: Employee, refused: list[Probe], document: Document) -> None:
    check = judge_probes([*refused, *_probes(employee, "after", employee.plan.expected, document)])
    assert check.result is CheckResult.AGREES, check.detail


def _probes(
    employee: Employee, moment: str, settings: AccessSettings, document: Document
) -> list[Probe]:
    return probe_systems(
        employee.order,
        employee.plan,
        employee.target,
        moment=moment,
        settings=settings,
        document=document,
    )
