"""All cells of the notebook in this process; the pack is finished whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.guide import load_guide
from sigex_runbook.core.order import Order
from sigex_runbook.evidence.sealing.sealer import Sealer
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.evidence.verify.verification import Question, verify_pack
from sigex_runbook.run.completion import complete
from sigex_runbook.run.employee import Employee
from sigex_runbook.run.gathering import Gathering
from sigex_runbook.run.options import Options
from sigex_runbook.run.result import Result
from sigex_runbook.run.runbook import Runbook
from sigex_runbook.run.sign_in import sign_in_of
from tests.commands import sealed_well
from tests.service import Service

Meddle = Callable[[int], None]
CAMPAIGN = "spring"
VERIFICATION = 9
"""The number by which `before_section` is told that the sections are over."""


def perform(
    service: Service,
    order: Order,
    folder: Path,
    *,
    sealer: Sealer | None = None,
    before_section: Meddle = lambda _: None,
) -> Result:
    """A run's result, whose pack both verifiers find right; one sealed with a sealer of its own
    also gives its report again. `before_section` may meddle with the service on the way."""
    options = Options(service.target, deadline_seconds=90)
    gathering = Gathering.begin(
        order, options, sign_in_of(order), outputs=folder, campaign=CAMPAIGN
    )
    tell, redactor = gathering.confidences.tell, gathering.redactor
    runbook = Runbook(order, options, gathering.draft, tell=tell, redactor=redactor).open()
    try:
        before_section(1)
        for place, _ in enumerate(runbook.walk()):
            if 0 < place < VERIFICATION:  # after the plan, and after each section from the second
                before_section(place + 1)
    except RunFailed:
        pass
    finally:
        runbook.close()
    result = complete(gathering, sealer or make_sealer())
    if sealer is None:
        assert sealed_well(result.pack, redrawn=False)
        return result
    found = verify_pack(result.pack, Question(sealer.own_trust(), pictures=True))
    assert found.findings == ()
    assert found.redrawn is not None
    assert found.redrawn.report
    return result


def walk_guide(employee: Employee) -> None:
    """All eight sections as their features say, with no record kept."""
    walk_to_blocks(employee)
    walk_blocks(employee)


def walk_to_blocks(employee: Employee) -> None:
    """The first three sections."""
    employee.ensure_start()
    employee.site.click(1)
    employee.sign()
    employee.check_organisation()
    employee.site.click(2)
    employee.site.click(3)
    employee.site.await_settings()
    employee.site.click(4)
    employee.site.await_access_control()


def walk_blocks(employee: Employee) -> None:
    """The others, by whoever has signed in."""
    for section in load_guide().sections[3:7]:
        employee.ensure_access_control()
        expand, tick = section.callouts
        employee.site.expand_at(expand.number)
        employee.tick(tick.number)
    employee.ensure_ticks()
    employee.save(13)
    employee.site.reload()
    assert employee.ticks() == employee.wanted_ticks()
