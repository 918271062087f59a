"""All cells of the notebook in this process; the pack is finished whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sigex_runbook.core.errors import RunFailed
from sigex_runbook.core.order import Order
from sigex_runbook.evidence.sealing.sealer import Sealer
from sigex_runbook.evidence.sealing.wiring import make_sealer
from sigex_runbook.evidence.verify.verification import Question, verify_pack
from sigex_runbook.run.completion import complete
from sigex_runbook.run.gathering import Gathering
from sigex_runbook.run.options import Options
from sigex_runbook.run.result import Result
from sigex_runbook.run.runbook import Runbook
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
    before_section: Meddle | None = None,
) -> Result:
    """A run's result, whose pack both verifiers find right and which gives its report again;
    `before_section` may meddle with the service on the way."""
    options = Options(service.target, deadline_seconds=90)
    gathering = Gathering.begin(order, options, outputs=folder, campaign=CAMPAIGN)
    tell, redactor = gathering.confidences.tell, gathering.redactor
    runbook = Runbook(order, options, gathering.draft, tell=tell, redactor=redactor)
    try:
        for number in range(1, 9):
            if before_section is not None:
                before_section(number)
            runbook.section(number)
            if number == 1:
                runbook.plan()
        if before_section is not None:
            before_section(VERIFICATION)
        runbook.verify()
    except RunFailed:
        pass
    finally:
        runbook.close()
    result = complete(gathering, sealer or make_sealer())
    if sealer is None:
        assert sealed_well(result.pack)
        return result
    found = verify_pack(result.pack, Question(sealer.own_trust(), pictures=True))
    assert found.findings == ()
    assert found.redrawn is not None
    assert found.redrawn.report
    return result
