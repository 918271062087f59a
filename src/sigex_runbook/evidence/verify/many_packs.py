"""The packs of a campaign, verified by several processes when there are many."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from sigex_runbook.core.errors import UsageError
from sigex_runbook.evidence.attest.findings import Code, Finding
from sigex_runbook.evidence.attest.ledger import Ledger
from sigex_runbook.evidence.attest.trust import Trust
from sigex_runbook.evidence.pack.layout import PARTIAL

from .verification import Question, Verification, examine

Run = tuple[str, str]
"""An organisation's BIN and a run of it, as the folders are named."""

_MANY = 32
"""From here on, packs are verified by several processes."""


def packs_of(folder: Path) -> list[Run]:
    """The packs in their places, sorted. Raises OSError."""
    return sorted(
        (home.name, pack.name)
        for home in folder.iterdir()
        if home.is_dir() and not home.is_symlink() and home.name.isdigit()
        for pack in home.iterdir()
        if pack.is_dir() and not pack.name.endswith(PARTIAL)
    )


def verify_packs(
    folder: Path,
    packs: list[Run],
    question: Question,
    ledger: Ledger | None,
    processes: int | None,
) -> list[tuple[Run, Verification]]:
    """Each pack against the ledger, whose own findings the campaign tells once for all."""
    known = replace(ledger, findings=()) if ledger else None
    count = processes or min(os.cpu_count() or 1, 8)
    if count == 1 or len(packs) < _MANY:
        one = partial(_verify_one, folder, question, known)
        return [(pack, one(pack)) for pack in packs]
    with ProcessPoolExecutor(
        count,
        mp_context=get_context("spawn"),
        initializer=_prepare,
        initargs=(folder, question.trust.to_text(), replace(question, trust=Trust()), known),
    ) as pool:
        return list(zip(packs, pool.map(_verify_prepared, packs, chunksize=8), strict=True))


def _verify_one(folder: Path, question: Question, ledger: Ledger | None, pack: Run) -> Verification:
    try:
        return examine(folder.joinpath(*pack), question, ledger)
    except UsageError:
        missing = Finding(Code.MISSING, "/".join(pack), "это не пакет")
        return Verification((missing,), ())


_prepared: list[tuple[Path, Question, Ledger | None]] = []


def _prepare(folder: Path, trust: str, question: Question, ledger: Ledger | None) -> None:
    """In a worker process; trust travels as text, certificates cannot be pickled."""
    _prepared[:] = [(folder, replace(question, trust=Trust.parse(trust)), ledger)]


def _verify_prepared(pack: Run) -> Verification:
    [(folder, question, ledger)] = _prepared
    return _verify_one(folder, question, ledger, pack)
