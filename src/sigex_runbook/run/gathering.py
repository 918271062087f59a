"""A run under way: where its evidence is gathered, and what it met that no pack may hold."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sigex_runbook.core.order import Order
from sigex_runbook.evidence.pack.draft import PackDraft
from sigex_runbook.evidence.privacy.redaction import Redactor

from .options import Options
from .secrets.channel import Confidences
from .sign_in import SignIn


@dataclass(frozen=True, slots=True)
class Gathering:
    """The draft of one order's run, with the redactor through which all of it passes."""

    order: Order
    options: Options
    sign_in: SignIn
    draft: PackDraft
    redactor: Redactor
    confidences: Confidences

    @classmethod
    def begin(
        cls,
        order: Order,
        options: Options,
        sign_in: SignIn,
        *,
        outputs: Path,
        campaign: str,
        alias_key: bytes | None = None,
        run_id: str | None = None,
    ) -> Self:
        """Make the draft, under a name that was given or is made now. Raises UsageError when that
        cannot be done."""
        organisation, confidences = order.organisation.bin, Confidences(options.watch)
        redactor = Redactor(organisation, alias_key, met=lambda n: confidences.tell("iin", n))
        draft = PackDraft.create(
            outputs.resolve(), campaign, organisation, run_id or new_run_id(), redactor
        )
        return cls(order, options, sign_in, draft, redactor, confidences)


def new_run_id() -> str:
    """Time of the start in UTC and four random characters: sorts by time, never meets another."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
