"""Nobody who was ordered or excluded is missing from what is sealed."""

from __future__ import annotations

import pytest

from sigex_runbook.batch.population import members
from sigex_runbook.batch.state import Phase, Standing
from sigex_runbook.evidence.attest.statement import Member, State
from tests.builders import ORGANISATION


@pytest.mark.parametrize(
    ("phase", "reason", "state", "told"),
    [
        (Phase.PLANNED, None, State.FAILED, "Заказ не начат"),
        (Phase.SAVED, None, State.FAILED, "не доведён до конца"),
        (Phase.FAILED, "Сервис отказал.", State.FAILED, "Сервис отказал."),
        (Phase.LEFT_OUT, "Ключа нет.", State.FAILED, "Ключа нет."),
        (Phase.EXCLUDED, "ликвидирована", State.EXCLUDED, "ликвидирована"),
    ],
)
def test_who_has_no_pack_has_a_reason(
    phase: Phase, reason: str | None, state: State, told: str
) -> None:
    [one] = members([Standing("a.yaml", ORGANISATION, phase, reason=reason)])
    assert (one.organisation_bin, one.state) == (ORGANISATION, state)
    assert told in (one.reason or "")


def test_who_is_done_is_told_of_by_the_ledger() -> None:
    found: list[Member] = list(members([Standing("a.yaml", ORGANISATION, Phase.PLACED)]))
    assert found == []
