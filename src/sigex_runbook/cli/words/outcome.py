"""What `sigex-runbook run` says of each order: sentences for a person, or a JSON object a line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from sigex_runbook.core.environment import Environment
from sigex_runbook.core.errors import NotSealed, RunbookError, UsageError
from sigex_runbook.core.terminal_safe import visible, visible_lines

if TYPE_CHECKING:
    from sigex_runbook.core.order import Order
    from sigex_runbook.evidence.sealing.campaign import Closed
    from sigex_runbook.run.campaign import Event
    from sigex_runbook.run.result import Result

RESULTS, EVENTS = "results", "events"
"""What is said as JSON: a line an order, or one for each thing that happens."""

_LEFT_OUT = {
    "order": None,
    "organisation_bin": None,
    "verdict": "FAILED",
    "section": None,
    "callout": None,
    "message": None,
    "nothing_to_do": False,
    "saved": "no",
    "pack": None,
    "environment": None,
    "target": None,
}
"""What is said as JSON of an order without a pack: every order has these keys, in this order."""


def tell(event: Event, *, as_json: str | None) -> None:
    """What happened, as soon as it has."""
    from sigex_runbook.evidence.sealing.campaign import Closed
    from sigex_runbook.run.campaign import Begun, Finished, LeftOut, NotListed

    match event:
        case Finished(name, result):
            _tell_result(name, result, as_json=as_json)
        case LeftOut(name, order, error, target):
            tell_left_out(name, order, error, target, as_json=as_json)
        case Closed():
            _tell_closed(event, as_json=as_json)
        case Begun(name, order) if not as_json:
            print(f"{name}: БИН {order.organisation.bin} — выполняется…", flush=True)
        case NotListed(why) if not as_json:
            print(f"Список запусков не обновлён ({why}): sigex-runbook index.")


def _tell_result(name: str, result: Result, *, as_json: str | None) -> None:
    """How the run of an order ended, where it was and where its evidence is."""
    from sigex_runbook.core.verdict import VERDICT_WORDS, saving_words

    verdict = result.verdict
    if as_json:
        _print_order(
            as_json,
            order=name,
            organisation_bin=result.organisation_bin,
            verdict=verdict.kind,
            section=verdict.section,
            callout=verdict.callout,
            message="; ".join(verdict.reasons),
            nothing_to_do=result.nothing_to_do,
            saved=result.saved,
            pack=str(result.pack),
            **_place(result.target),
        )
        return
    where = Environment(result.target).where
    print(f"{name}: БИН {result.organisation_bin} — {VERDICT_WORDS[verdict.kind]} ({where}).")
    for reason in verdict.reasons:
        print(visible(f"  {reason}"))
    print(f"  {saving_words(result.saved, nothing_to_do=result.nothing_to_do)}")
    report = result.pack / "evidence" / "report.html"
    print(f"  Доказательства: {report if report.is_file() else result.pack}", flush=True)


def tell_left_out(
    name: str, order: Order | None, error: RunbookError, target: str | None, *, as_json: str | None
) -> None:
    """Why an order left no pack."""
    if as_json:
        _print_order(
            as_json,
            order=name,
            organisation_bin=str(order.organisation.bin) if order else None,
            message=str(error),
            saved=error.saved if isinstance(error, NotSealed) else "no",
            **_place(target),
        )
    else:
        how = "не начато" if isinstance(error, UsageError) else "не завершено"
        if target and not isinstance(error, UsageError):
            how += f" ({Environment(target).where})"
        whose = f": БИН {order.organisation.bin}" if order else ""
        print(visible_lines(f"{name}{whose} — {how}. {error}"), flush=True)


def _tell_closed(closed: Closed, *, as_json: str | None) -> None:
    """Who is excluded from the campaign, now or earlier, and why; what to send to verifiers."""
    from sigex_runbook.evidence.attest.statement import State

    excluded = [one for one in closed.population if one.state is State.EXCLUDED]
    if as_json:
        for one in excluded:
            _print_order(
                as_json,
                organisation_bin=one.organisation_bin,
                verdict="EXCLUDED",
                message=one.reason,
            )
        return
    if excluded:
        print(f"Исключены из кампании: {len(excluded)}.")
        for one in excluded:
            print(visible(f"  {one.organisation_bin} — {one.reason}"), flush=True)
    print(f"Голова реестра кампании: {closed.head}")
    if closed.unstamped:
        print(f"Без метки времени: {closed.unstamped}. Позже: sigex-runbook stamp.")


def _place(target: str | None) -> dict[str, str | None]:
    """The address, and what stands there; of an order that was refused earlier, neither."""
    return {"environment": Environment(target).kind if target else None, "target": target}


def _print_order(as_json: str, **fields: object) -> None:
    event = {"event": "result"} if as_json == EVENTS else {}
    print_json(**event, **{**_LEFT_OUT, **fields})


def print_json(**line: object) -> None:
    """One object a line, in one piece: several threads may speak."""
    sys.stdout.write(visible(json.dumps(line, ensure_ascii=False)) + "\n")
    sys.stdout.flush()
