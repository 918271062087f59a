"""What a command with several orders comes to: a line an organisation, then the totals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sigex_runbook.core.environment import Environment
from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.terminal_safe import visible

from .outcome import EVENTS, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from sigex_runbook.core.order import Order
    from sigex_runbook.run.campaign import Finished, LeftOut, Named

_NOT_BEGUN, _NOT_ENDED = "NOT_BEGUN", "NOT_ENDED"


def tell_total(
    orders: Sequence[Named],
    ended: Sequence[Finished | LeftOut],
    *,
    as_json: str | None,
    brief: bool = False,
) -> None:
    """The end of all; `brief` has a line for those alone who did not pass. A program that reads
    results alone has been told of each order already."""
    counted = Counter(_kind(one) for one in ended)
    if as_json == EVENTS:
        print_json(event="total", orders=len(orders), **counted)
    elif as_json is None and ended:
        from rich.console import Console

        words, where = _words(), Environment(ended[0].target).where
        told = "; ".join(f"{words[one].lower()} — {counted[one]}" for one in words if counted[one])
        console = Console(highlight=False, markup=False)  # 80 columns where there is no terminal
        rows = [one for one in ended if one.exit_code or not brief]
        if rows:
            console.print(_table(dict(orders), rows))
        console.print(f"Заказов {len(orders)} ({where}): {told}.")


def _table(orders: dict[str, Order], ended: Sequence[Finished | LeftOut]) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    words = _words()
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for head, narrowest in (("БИН", 12), ("Кто", 12), ("Итог", 13), ("Раздел", 6), ("Причина", 20)):
        table.add_column(head, min_width=narrowest, overflow="fold")
    for one in ended:
        organisation = orders[one.name].organisation
        section, reason = _why(one)
        who = organisation.name or one.name
        row = (str(organisation.bin), who, words[_kind(one)], section, reason)
        table.add_row(*(Text(visible(text)) for text in row))
    return table


def ending_words(one: Finished | LeftOut) -> str:
    """How an order ended, where it broke and why, in a line."""
    section, reason = _why(one)
    place = f"раздел {section}" if section else ""
    return ", ".join(filter(None, (_words()[_kind(one)].lower(), place, reason)))


def _why(one: Finished | LeftOut) -> tuple[str, str]:
    """The section where it broke, and the first sentence of the first reason: all of them have been
    told, and stand in the report."""
    from sigex_runbook.core.verdict import Failure, VerdictKind
    from sigex_runbook.run.campaign import LeftOut

    if isinstance(one, LeftOut):
        return "", _first_sentence(str(one.error))
    verdict = one.result.verdict
    if verdict.kind is VerdictKind.PASSED:
        return "", "менять было нечего" if one.result.nothing_to_do else ""
    place = Failure("", verdict.section, verdict.callout)
    section = f"{verdict.section or ''}" + (f" ({verdict.callout})" if verdict.callout else "")
    reasons = (*verdict.reasons, "")
    return section, _first_sentence(reasons[0].removeprefix(str(place)))


def _first_sentence(text: str) -> str:
    return text.split(". ", 1)[0].rstrip(".")


def _kind(one: Finished | LeftOut) -> str:
    from sigex_runbook.run.campaign import Finished

    if isinstance(one, Finished):
        return one.result.verdict.kind.value
    return _NOT_BEGUN if isinstance(one.error, UsageError) else _NOT_ENDED


def _words() -> dict[str, str]:
    from sigex_runbook.core.verdict import VERDICT_WORDS

    ended = {kind.value: words for kind, words in VERDICT_WORDS.items()}
    return {**ended, _NOT_ENDED: "Не завершено", _NOT_BEGUN: "Не начато"}
