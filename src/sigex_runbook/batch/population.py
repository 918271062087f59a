"""What is sealed of those orders of a batch that have no pack, so that nobody is missing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sigex_runbook.evidence.attest.statement import Member, State

from .state import Phase, Standing

_NOT_BEGUN = "Заказ не начат: программу остановили раньше."
_NOT_ENDED = "Заказ начат и не доведён до конца: программу остановили."


def members(standings: Iterable[Standing]) -> Iterator[Member]:
    """Everybody who is not done, with a reason; a pack that the ledger knows outweighs it."""
    for one in standings:
        match one.phase:
            case Phase.PLACED:
                continue
            case Phase.EXCLUDED:
                yield Member(one.organisation, State.EXCLUDED, reason=one.reason)
            case _:
                yield Member(one.organisation, State.FAILED, reason=reason_of(one))


def reason_of(standing: Standing) -> str:
    """Why an order is not done."""
    usual = _NOT_BEGUN if standing.phase is Phase.PLANNED else _NOT_ENDED
    return standing.reason or usual
