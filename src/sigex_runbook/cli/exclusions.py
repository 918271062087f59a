"""`run --exclude`: who is left out of a campaign, checked before anything is touched."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sigex_runbook.core.errors import UsageError
from sigex_runbook.core.terminal_safe import visible

if TYPE_CHECKING:
    from sigex_runbook.core.exclusions import Exclusion
    from sigex_runbook.core.order import Order
    from sigex_runbook.evidence.attest.statement import Member
    from sigex_runbook.evidence.sealing.sealer import Sealer

ALONE = "single"
"""The campaign of runs that belong to none: it has no population from which to leave somebody."""


def excluded_from(
    campaign: Path, file: Path | None, orders: Sequence[tuple[str, Order]], sealer: Sealer
) -> list[Member]:
    """The members of the population whom the operator leaves out. Raises UsageError, RunFailed."""
    from sigex_runbook.core.exclusions import check_consistent, load_exclusions
    from sigex_runbook.evidence.attest.statement import Member, State
    from sigex_runbook.evidence.sealing.campaign import standing

    exclusions = () if file is None else load_exclusions(file)
    known = standing(campaign)
    check_consistent(
        exclusions,
        {order.organisation.bin.text: name for name, order in orders},
        ran=known.ran,
        earlier=known.excluded,
    )
    _check_private(exclusions, [order for _, order in orders], sealer)
    return [Member(one.bin.text, State.EXCLUDED, reason=one.reason) for one in exclusions]


def check_arguments(args: argparse.Namespace) -> None:
    """An exclusion needs a campaign with somebody to run. Raises UsageError."""
    if args.exclude is None:
        return
    if not args.orders:
        raise UsageError(
            "С --exclude нужен хотя бы один заказ: кампания, из которой исключены все, ничего не "
            "выполняет. Добавьте заказы или уберите --exclude."
        )
    if args.campaign == ALONE:
        raise UsageError(
            "С --exclude назовите кампанию: --campaign ИМЯ. Исключение действует во всей кампании, "
            f"а в «{ALONE}» складываются отдельные запуски."
        )


def _check_private(
    exclusions: Iterable[Exclusion], orders: Iterable[Order], sealer: Sealer
) -> None:
    """A reason is sealed and shown: it holds no number of a person and no secret of an order."""
    from sigex_runbook.evidence.attest.seal_files import CAMPAIGN
    from sigex_runbook.evidence.privacy.leak.rules import IIN
    from sigex_runbook.run.secrets.of_order import secrets_of

    scanners = [sealer.scanner, *(sealer.knowing(secrets_of(order)).scanner for order in orders)]
    for one in exclusions:
        for scanner in scanners:
            for leak in scanner.scan(CAMPAIGN, one.reason.encode(), one.bin.text):
                what = "номер человека (ИИН)" if leak.rule == IIN else f"секрет ({leak.rule})"
                raise UsageError(
                    f"Причина исключения организации {one.bin} содержит {what}, а её увидят все. "
                    "Напишите её без этого; ничего не начато."
                )


def tell_excluded(population: Iterable[Member], *, as_json: bool) -> None:
    """Who is excluded from the campaign, now or earlier, and why."""
    from sigex_runbook.evidence.attest.statement import State

    excluded = [one for one in population if one.state is State.EXCLUDED]
    if as_json:
        for one in excluded:
            fields = {
                "order": None,
                "organisation_bin": one.organisation_bin,
                "verdict": "EXCLUDED",
                "section": None,
                "callout": None,
                "message": one.reason,
                "nothing_to_do": False,
                "saved": "no",
                "pack": None,
            }
            print(visible(json.dumps(fields, ensure_ascii=False)), flush=True)
    elif excluded:
        print(f"Исключены из кампании: {len(excluded)}.")
        for one in excluded:
            print(visible(f"  {one.organisation_bin} — {one.reason}"), flush=True)
