"""What is known of each order of a batch: how it stands by the state, what the ledger and its pack
say of it. Nothing here is verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from pathlib import Path

from sigex_runbook.batch.population import reason_of
from sigex_runbook.batch.state import BatchState, Phase, Standing
from sigex_runbook.core.exclusions import Exclusion
from sigex_runbook.core.record import Act, Outcome, StepRecord
from sigex_runbook.core.verdict import VERDICT_WORDS
from sigex_runbook.evidence.attest.ledger import EntryKind, Ledger, read_ledger
from sigex_runbook.evidence.pack.layout import EVIDENCE, STEPS
from sigex_runbook.evidence.pack.read import steps_of
from sigex_runbook.run.campaign import Named


class Ending(StrEnum):
    """How an order stands at the end of a command. The first three have a pack."""

    PASSED = "PASSED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    NOT_ENDED = "NOT_ENDED"
    NOT_BEGUN = "NOT_BEGUN"


ENDING_WORDS = {
    **{Ending(kind.value): words for kind, words in VERDICT_WORDS.items()},
    Ending.NOT_ENDED: "Не завершено",
    Ending.NOT_BEGUN: "Не начато",
}


@dataclass(frozen=True, slots=True)
class Passage:
    """One of the guide's sections in a run; `idle` when there was nothing to change in it."""

    section: int
    outcome: Outcome
    seconds: float
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """One order. `pack` is its folder in the campaign's, `digest` that of its attestation, both by
    the ledger; `passages` are empty when the pack does not lie here."""

    order: str
    organisation_bin: str
    name: str | None
    ending: Ending
    section: int | None = None
    reason: str | None = None
    run: str | None = None
    pack: str | None = None
    digest: str | None = None
    worker: str | None = None
    began: datetime | None = None
    ended: datetime | None = None
    passages: tuple[Passage, ...] = ()

    @property
    def seconds(self) -> float | None:
        """How long the run took its worker."""
        if self.began is None or self.ended is None:
            return None
        return max(timedelta(0), self.ended - self.began).total_seconds()


@dataclass(frozen=True, slots=True)
class Accounts:
    """All of a campaign's, in the order of the input."""

    campaign: str
    target: str
    made_at: datetime
    orders: tuple[Account, ...]
    excluded: tuple[Exclusion, ...]
    head: str | None = None

    def count(self, ending: Ending) -> int:
        """How many ended so."""
        return sum(1 for one in self.orders if one.ending is ending)


def accounts(
    state: BatchState,
    orders: Sequence[Named],
    excluded: Sequence[Exclusion],
    *,
    campaign: Path,
    target: str,
    made_at: datetime,
) -> Accounts:
    """Read the batch's state, the ledger of the campaign's folder and the steps of each pack."""
    ledger = read_ledger(campaign) or Ledger((), (), ())
    digests = {
        (one.organisation, one.run): one.attestation
        for one in ledger.entries
        if one.entry is EntryKind.RUN
    }
    spans = _spans(state.history())
    told = []
    for name, order in orders:
        standing = state.of(name)
        whose, run = standing.organisation, standing.run
        digest = digests.get((whose, run))
        pack = f"{whose}/{run}" if digest else None
        worker, began, ended = spans.get(name, (None, None, None))
        told.append(
            Account(
                name,
                whose,
                order.organisation.name,
                ending := _ending(standing, packed=digest is not None),
                standing.section,
                standing.reason or (None if ending is Ending.PASSED else reason_of(standing)),
                run,
                pack,
                digest,
                worker,
                began,
                ended,
                passages(campaign / pack) if pack else (),
            )
        )
    return Accounts(campaign.name, target, made_at, tuple(told), tuple(excluded), ledger.head)


def _ending(standing: Standing, *, packed: bool) -> Ending:
    match standing.phase:
        case Phase.PLACED:
            return Ending.PARTIAL if standing.exit_code else Ending.PASSED
        case Phase.FAILED if packed:
            return Ending.FAILED
        case Phase.PLANNED | Phase.LEFT_OUT | Phase.EXCLUDED:
            return Ending.NOT_BEGUN
        case _:
            return Ending.NOT_ENDED


_Span = tuple[str | None, datetime | None, datetime | None]
_OVER = frozenset({Phase.SEALED, Phase.PLACED, Phase.FAILED, Phase.LEFT_OUT})
"""Of a sealed run whose coordinator was killed the later words come when it is gone on with."""


def _spans(history: Iterable[Standing]) -> dict[str, _Span]:
    """Who had each order's last run, from when until when; it may have no end."""
    found: dict[str, _Span] = {}
    for one in history:
        at = datetime.fromisoformat(one.at) if one.at else None
        worker, began, ended = found.get(one.order, (None, None, None))
        if one.phase is Phase.BEGUN:
            found[one.order] = (one.worker, at, None)
        elif one.phase in _OVER and began is not None and ended is None:
            found[one.order] = (worker, began, at)
    return found


def passages(pack: Path) -> tuple[Passage, ...]:
    """The sections of a run as its pack has them; none when that cannot be read."""
    try:
        steps = steps_of((pack / EVIDENCE / STEPS).read_text(encoding="utf-8"))
        return tuple(_passages(steps))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()


def _passages(steps: Iterable[StepRecord]) -> Iterator[Passage]:
    in_order = sorted(steps, key=lambda one: one.step.section)
    for section, group in groupby(in_order, key=lambda one: one.step.section):
        parts = list(group)
        outcomes = {one.outcome for one in parts}
        worst = next(
            (one for one in (Outcome.FAILED, Outcome.NOT_RUN) if one in outcomes), Outcome.PASSED
        )
        ran = sum(one.duration_ms or 0 for one in parts) / 1000
        yield Passage(section, worst, ran, any(one.step.act is Act.KEEP for one in parts))
