"""What `sigex-runbook run` says of each order: sentences for a person, or a JSON object a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sigex_runbook.core.errors import NotSealed, RunbookError, UsageError
from sigex_runbook.core.terminal_safe import visible, visible_lines

if TYPE_CHECKING:
    from sigex_runbook.core.order import Order
    from sigex_runbook.run.result import Result


def tell(name: str, result: Result, *, as_json: bool) -> None:
    """How the run of an order ended and where its evidence is."""
    from sigex_runbook.core.verdict import SAVED_WORDS, VERDICT_WORDS

    verdict = result.verdict
    if as_json:
        _print_json(
            order=name,
            organisation_bin=result.organisation_bin,
            verdict=verdict.kind,
            section=verdict.section,
            callout=verdict.callout,
            message="; ".join(verdict.reasons),
            nothing_to_do=result.nothing_to_do,
            saved=result.saved,
            pack=str(result.pack),
        )
        return
    idle = (
        " Менять было нечего: всё уже так, как заказано."
        if result.nothing_to_do and result.exit_code == 0
        else ""
    )
    print(f"{name}: БИН {result.organisation_bin} — {VERDICT_WORDS[verdict.kind]}.{idle}")
    for reason in verdict.reasons:
        print(visible(f"  {reason}"))
    if not idle:
        print(f"  {SAVED_WORDS[result.saved]}")
    report = result.pack / "evidence" / "report.html"
    print(f"  Доказательства: {report if report.is_file() else result.pack}", flush=True)


def tell_unbegun(name: str, order: Order | None, error: RunbookError, *, as_json: bool) -> None:
    """Why an order left no pack."""
    from sigex_runbook.core.verdict import Saved

    if as_json:
        _print_json(
            order=name,
            organisation_bin=str(order.organisation.bin) if order else None,
            verdict="FAILED",
            section=None,
            callout=None,
            message=str(error),
            nothing_to_do=False,
            saved=error.saved if isinstance(error, NotSealed) else Saved.NO,
            pack=None,
        )
    else:
        how = "не начато" if isinstance(error, UsageError) else "не завершено"
        whose = f": БИН {order.organisation.bin}" if order else ""
        print(visible_lines(f"{name}{whose} — {how}. {error}"), flush=True)


def _print_json(**fields: object) -> None:
    print(visible(json.dumps(fields, ensure_ascii=False)), flush=True)
