"""Which orders of a batch are performed by one command, and when it has seen enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.organisation import Bin
from sigex_runbook.run.campaign import Named

from .state import UNDER_WAY, BatchState, Phase

FAILED = "failed"
"""In place of numbers: whose last run failed, or came to no end."""

_DONE = frozenset({Phase.PLACED})
_FAILED = frozenset({Phase.FAILED, Phase.LEFT_OUT, *UNDER_WAY})


@dataclass(frozen=True, slots=True)
class Choice:
    """Orders that are not done yet, a failed one among them; `again` also those that are done.

    `organisations` and `failed` narrow it down, `limit` is how many are begun at most, `stop_after`
    the failures after which no other is begun.
    """

    organisations: frozenset[str] = frozenset()
    failed: bool = False
    again: bool = False
    limit: int | None = None
    stop_after: int | None = None

    def __post_init__(self) -> None:
        """Raises UsageError for a number that chooses nothing."""
        for option, number in (("--limit", self.limit), ("--stop-after", self.stop_after)):
            if number is not None and number < 1:
                raise UsageError(f"{option} {number} не подходит: укажите число не меньше 1.")

    @classmethod
    def read(
        cls,
        only: str | None,
        *,
        again: bool = False,
        limit: int | None = None,
        stop_after: int | None = None,
    ) -> Self:
        """What the command says; `only` is `failed` or numbers with commas. Raises UsageError."""
        failed, numbers = only == FAILED, frozenset[str]()
        if only is not None and not failed:
            try:
                numbers = frozenset(Bin(one.strip()).text for one in only.split(","))
            except ValueError as error:
                raise UsageError(
                    f"--only «{only}» не подходит: {error} Нужно {FAILED} или номера (БИН) через "
                    "запятую."
                ) from error
        return cls(numbers, failed, again, limit, stop_after)

    def check(self, orders: Sequence[Named], *, resume: bool) -> None:
        """Raises UsageError for a number that nobody ordered, and for failures before any run."""
        if self.failed and not resume:
            raise UsageError(
                "--only failed — для начатой кампании: добавьте --resume. Ничего не начато."
            )
        unknown = self.organisations - {order.organisation.bin.text for _, order in orders}
        if unknown:
            raise UsageError(
                f"Организаций из --only нет среди заказов: {', '.join(sorted(unknown))}. Проверьте "
                "номера; ничего не начато."
            )

    def of(self, orders: Sequence[Named], state: BatchState) -> list[Named]:
        """The chosen ones, in their order."""
        return [named for named in orders if self._takes(named, state)][: self.limit]

    def _takes(self, named: Named, state: BatchState) -> bool:
        name, order = named
        phase = state.of(name).phase
        if self.failed:
            return phase in _FAILED
        if self.organisations and order.organisation.bin.text not in self.organisations:
            return False
        return self.again or phase not in _DONE
